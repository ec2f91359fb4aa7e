using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mail;

/// <summary>The certificate of this machine's mail server, made by itself and kept in the state directory. Nobody trusts it who was not given it.</summary>
internal sealed class Certificate : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    public Certificate(Settings settings, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        Server = (settings.State.Directory is { Length: > 0 } directory ? Kept(Directory.CreateDirectory(directory).FullName, now) : null) ?? Usable(Make(now));
        Pem = Server.ExportCertificatePem();
    }

    public X509Certificate2 Server { get; }

    /// <summary>What a client needs to trust it; no secret in it.</summary>
    public string Pem { get; }

    public void Dispose() => Server.Dispose();

    private static X509Certificate2 Kept(string directory, DateTimeOffset now)
    {
        var (certificate, key) = (Path.Combine(directory, "certificate.pem"), Path.Combine(directory, "certificate.key"));
        if (File.Exists(certificate) && File.Exists(key))
        {
            var kept = X509Certificate2.CreateFromPemFile(certificate, key);
            if (kept.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(7))
            {
                return Usable(kept);
            }

            kept.Dispose();
        }

        var made = Make(now);
        File.WriteAllText(key, made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.WriteAllText(certificate, made.ExportCertificatePem());
        return Usable(made);
    }

    private static X509Certificate2 Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
    }

    // Windows serves TLS only with a key it has imported.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }
    }
}
