using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Outreach.Channels.Email;

/// <summary>Trusts a mail server whose certificate leads to given ones and is made out to the server's name, and no other.</summary>
internal static class PrivateAuthority
{
    public static RemoteCertificateValidationCallback Trust(string pemFile)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPemFile(pemFile);
        return (_, certificate, presented, errors) =>
        {
            if (certificate is not X509Certificate2 server || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            {
                return false;
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
            foreach (var sent in presented?.ChainElements.Select(element => element.Certificate) ?? [])
            {
                chain.ChainPolicy.ExtraStore.Add(sent);
            }

            // A private authority rarely publishes what it took back.
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(server);
        };
    }
}
