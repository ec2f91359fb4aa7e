using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>Stream ids for things that have a natural key: the same key always meets in the same stream.</summary>
public static class StreamId
{
    // RFC 9562 version 5 with a namespace of our own. Changing it would orphan every stream, so it never changes.
    private static readonly Guid Namespace = new("6f0d0b6e-2f3c-5d43-9c8a-0f6a3a0c7b11");

    /// <summary>The id for a natural key, most general part first: <c>StreamId.Of("connection", organization, creator, platform)</c>.</summary>
    public static Guid Of(params ReadOnlySpan<string> parts)
    {
        var name = new StringBuilder();
        foreach (var part in parts)
        {
            // The length in front keeps ("a", "bc") and ("ab", "c") apart.
            name.Append(part.Length).Append(':').Append(part);
        }

        Span<byte> input = new byte[16 + Encoding.UTF8.GetMaxByteCount(name.Length)];
        Namespace.TryWriteBytes(input, bigEndian: true, out _);
        var length = 16 + Encoding.UTF8.GetBytes(name.ToString(), input[16..]);

        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // Version 5 is defined over SHA-1; nothing here leans on its collision resistance against an adversary.
        SHA1.HashData(input[..length], hash);
#pragma warning restore CA5350
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], (ushort)((BinaryPrimitives.ReadUInt16BigEndian(hash[6..]) & 0x0fff) | 0x5000));
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
