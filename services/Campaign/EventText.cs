using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServiceDefaults;

namespace Campaigns;

/// <summary>Server-sent events as they go over the wire; written once, however many receive them. See https://html.spec.whatwg.org/multipage/server-sent-events.html.</summary>
internal sealed class EventText
{
    /// <summary>A line that means nothing.</summary>
    public static readonly ReadOnlyMemory<byte> Heartbeat = ": still here\n\n"u8.ToArray();

    private readonly ArrayBufferWriter<byte> bytes = new(1024);

    public ReadOnlyMemory<byte> Bytes => bytes.WrittenMemory;

    public bool IsEmpty => bytes.WrittenCount == 0;

    /// <param name="name">Of the event.</param>
    /// <param name="id">What whoever has it comes back with; null leaves that as it was.</param>
    /// <param name="data">Written as JSON, which is one line.</param>
    public EventText Add<T>(string name, long? id, T data)
    {
        Write($"event: {name}\n");
        if (id is { } seq)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"id: {seq}\n"));
        }

        Write("data: ");
        using (var json = new Utf8JsonWriter(bytes))
        {
            JsonSerializer.Serialize(json, data, Json.Options);
        }

        Write("\n\n");
        return this;
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, bytes);
}
