using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mail.Smtp;

/// <summary>A client was sent a line longer than any it may send.</summary>
internal sealed class LineTooLongException : Exception;

/// <summary>Lines and contents on one connection, in the clear or in TLS.</summary>
internal sealed class Wire(IDuplexPipe transport, SmtpSettings settings, TimeProvider clock, CancellationToken stopping) : IAsyncDisposable
{
    private const int MaxCommand = 2048;

    // Longer than RFC 5321 asks for (1000); some senders do not fold.
    private const int MaxContentLine = 1024 * 1024;

    private PipeReader input = transport.Input;
    private PipeWriter output = transport.Output;
    private SslStream? tls;

    public bool IsSecure => tls is not null;

    /// <summary>Goes on in TLS, after an answer that invites to it. What the client said before it heard that is forgotten: else somebody between could put words into its mouth.</summary>
    public Task Secure(string invitation, X509Certificate2 certificate)
    {
        if (input.TryRead(out var early))
        {
            input.AdvanceTo(early.Buffer.End);
        }

        Say(invitation);
        return Secure(certificate);
    }

    /// <summary>Goes on in TLS.</summary>
    public async Task Secure(X509Certificate2 certificate)
    {
        await output.FlushAsync(stopping);
        using var patience = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        tls = new(new DuplexStream(transport));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, either.Token);
        (input, output) = (PipeReader.Create(tls, new(leaveOpen: true)), PipeWriter.Create(tls, new(leaveOpen: true)));
    }

    // Not sent yet: to a client that pipelines, many answers go in one packet, when there is nothing left to read.
    public bool Say(string answer)
    {
        output.Write(Encoding.UTF8.GetBytes(answer + "\r\n"));
        return true;
    }

    public async Task Flush(CancellationToken ct) => await output.FlushAsync(ct);

    /// <summary>The next line; null when the client has gone.</summary>
    public async ValueTask<string?> ReadLine()
    {
        while (true)
        {
            var read = await Read();
            if (TakeLine(read.Buffer, out var line, out var next))
            {
                if (line.Length > MaxCommand)
                {
                    throw new LineTooLongException();
                }

                var text = Encoding.UTF8.GetString(line);
                input.AdvanceTo(next);
                return text;
            }

            if (read.Buffer.Length > MaxCommand)
            {
                throw new LineTooLongException();
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Everything up to the dot, dots unstuffed. Too much is read all the same, so that the client hears why it was refused.</summary>
    public async ValueTask<(ReadOnlyMemory<byte>? Content, bool IsWhole)> ReadContent()
    {
        var content = new ArrayBufferWriter<byte>(4096);
        var isWhole = true;
        while (true)
        {
            var read = await Read();
            var rest = read.Buffer;
            while (TakeLine(rest, out var line, out var next))
            {
                rest = rest.Slice(next);
                if (line.Length > 0 && line.FirstSpan[0] == '.')
                {
                    if (line.Length == 1)
                    {
                        input.AdvanceTo(next);
                        return (content.WrittenMemory, isWhole);
                    }

                    line = line.Slice(1);
                }

                isWhole = isWhole && content.WrittenCount + line.Length + 2 <= settings.MaxMessageSize;
                if (isWhole)
                {
                    foreach (var part in line)
                    {
                        content.Write(part.Span);
                    }

                    content.Write("\r\n"u8);
                }
            }

            if (rest.Length > MaxContentLine)
            {
                throw new LineTooLongException();
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return (null, false);
            }
        }
    }

    public ValueTask DisposeAsync() => tls?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Only CR LF ends a line. A server that took a bare LF for one would see messages where the sender's own server saw text (SMTP smuggling).
    private static bool TakeLine(ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line, out SequencePosition next)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out line, "\r\n"u8);
        next = reader.Position;
        return found;
    }

    private async ValueTask<ReadResult> Read()
    {
        if (input.TryRead(out var ready))
        {
            return ready;
        }

        await output.FlushAsync(stopping);
        using var patience = new CancellationTokenSource(settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, patience.Token);
        return await input.ReadAsync(either.Token);
    }
}
