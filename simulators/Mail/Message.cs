using MimeKit;

namespace Mail;

/// <summary>A message as it came over the wire, with its envelope. Parsed when somebody looks at it, so that taking mail stays cheap.</summary>
internal sealed record Message(string Id, string EnvelopeFrom, IReadOnlyList<string> To, DateTimeOffset ReceivedAt, ReadOnlyMemory<byte> Source)
{
    private HeaderList? headers;

    /// <summary>The reports its sender asked for, where it asked for any.</summary>
    public ReportRequest? Reports { get; init; }

    public HeaderList Headers => headers ??= ReadHeaders();

    public string Subject => Headers[HeaderId.Subject] ?? "";

    public MimeMessage Parse()
    {
        using var stream = Open();
        return MimeMessage.Load(stream);
    }

    public bool IsTo(string address) => To.Any(recipient => recipient.Equals(address, StringComparison.OrdinalIgnoreCase));

    private HeaderList ReadHeaders()
    {
        using var stream = Open();
        return HeaderList.Load(stream);
    }

    // Written by the simulator itself, always from an array.
    private MemoryStream Open() => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(Source, out var bytes)
        ? new(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new(Source.ToArray(), writable: false);
}
