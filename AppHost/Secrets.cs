using System.Security.Cryptography;
using System.Text.Json;

namespace AppHost;

/// <summary>
/// The secrets of a developer's machine: made up at the first start and kept in the state folder, because the data that is kept there is signed,
/// encrypted and guarded with them. An environment variable such as Parameters__signing_key takes precedence.
/// </summary>
public sealed class Secrets
{
    public const string SigningKey = "signing-key";
    public const string VaultKey = "vault-key";
    public const string WebhookKey = "webhook-key";
    public const string DatabasePassword = "database-password";
    public const string BrokerPassword = "broker-password";

    private readonly Dictionary<string, string> _values;

    private Secrets(Dictionary<string, string> values) => _values = values;

    public static IReadOnlyList<string> Names => [SigningKey, VaultKey, WebhookKey, DatabasePassword, BrokerPassword];

    public string this[string name] =>
        Environment.GetEnvironmentVariable($"Parameters__{name.Replace('-', '_')}") is { Length: > 0 } given ? given : _values[name];

    public static Secrets In(string stateFolder)
    {
        var file = Path.Combine(stateFolder, "secrets.json");
        var values = File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
        if (Names.All(values.ContainsKey))
        {
            return new(values);
        }

        foreach (var name in Names)
        {
            // Passwords go into addresses, so they are of letters and digits; keys are 32 bytes in base64.
            values.TryAdd(name, name is SigningKey or VaultKey or WebhookKey ? Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) : RandomNumberGenerator.GetHexString(24, lowercase: true));
        }

        Directory.CreateDirectory(stateFolder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(file, options))
        {
            JsonSerializer.Serialize(stream, values);
        }

        return new(values);
    }
}
