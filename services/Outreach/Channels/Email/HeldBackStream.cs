namespace Outreach.Channels.Email;

/// <summary>
/// Part of a message that is not given away before it may leave. Sender, recipient and the wish to send were told to the server meanwhile, and without the end of the body the server
/// has no message: a connection that ends before the end is nothing sent (RFC 5321, 4.1.1.4).
/// </summary>
/// <param name="content">The part.</param>
/// <param name="mayLeave">Whether it may leave; null as long as it is only measured.</param>
internal sealed class HeldBackStream(Stream content, Func<Task<bool>?> mayLeave) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length;

    public override long Position
    {
        get => content.Position;
        set => content.Position = value;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (mayLeave() is { } decision && !await decision.WaitAsync(cancellationToken))
        {
            throw new HeldBackException();
        }

        return await content.ReadAsync(buffer, cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        mayLeave() is null or { IsCompletedSuccessfully: true, Result: true } ? content.Read(buffer, offset, count) : throw new HeldBackException();

    public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The message may not leave after all. The connection is given up with it.</summary>
    private sealed class HeldBackException() : IOException("The message was held back.");
}
