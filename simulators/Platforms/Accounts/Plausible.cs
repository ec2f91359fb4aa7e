using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Platforms.Accounts;

/// <summary>Profile data that looks real and is the same each time: everything is drawn from the platform and the handle.</summary>
public sealed class Plausible(string platform, string handle)
{
    private static readonly string[] Countries = ["ES", "SE", "GB", "US", "DE", "FR", "IT", "BR", "MX", "NL", "PL", "PT"];

    private static readonly DateTimeOffset Oldest = new(2012, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name { get; } = NameOf(handle);

    public string Country => Countries[Draw("country") % (ulong)Countries.Length];

    public DateTimeOffset MemberSince => Oldest.AddHours(Between("since", 0, 24 * 365 * 12));

    /// <summary>Small audiences are many and large ones few: the exponent is drawn, not the number.</summary>
    public long Audience(string what, double smallest, double largest) =>
        (long)(smallest * Math.Pow(largest / smallest, Share(what)));

    public long Between(string what, long low, long high) => low + (long)(Draw(what) % (ulong)(high - low));

    /// <summary>From 0 to 1.</summary>
    public double Share(string what) => Draw(what) / (double)ulong.MaxValue;

    public string Digits(string what, string prefix, int length) =>
        prefix + (Draw(what) % (ulong)Math.Pow(10, length - prefix.Length)).ToString(CultureInfo.InvariantCulture).PadLeft(length - prefix.Length, '0');

    public string Letters(string what, int length) => Convert.ToBase64String(Hash(what)).Replace('+', '-').Replace('/', '_')[..length];

    private static string NameOf(string handle)
    {
        var words = handle.Split(['.', '_', '-']).Select(w => w.TrimEnd("0123456789".ToCharArray())).Where(w => w.Length > 0);
        var name = string.Join(' ', words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        return name.Length > 0 ? name : handle;
    }

    private ulong Draw(string what) => BinaryPrimitives.ReadUInt64BigEndian(Hash(what));

    private byte[] Hash(string what) => SHA256.HashData(Encoding.UTF8.GetBytes($"{platform}/{handle}/{what}"));
}
