using System.Security.Cryptography;
using System.Text;

namespace Mail.Smtp;

/// <summary>AUTH (RFC 4954), PLAIN and LOGIN. Believes everybody, or one name with one password.</summary>
internal sealed class Login(SmtpSettings settings)
{
    public bool IsNeeded => settings.UserName is not null;

    public bool IsDone { get; private set; }

    /// <summary>Has the dialogue and answers its last line; null when the client has gone.</summary>
    public async ValueTask<string?> Ask(Wire wire, string rest)
    {
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[]? questions = words.Length is not (1 or 2) ? null : words[0].ToUpperInvariant() switch
        {
            "PLAIN" => [""],
            "LOGIN" => ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"],
            _ => null,
        };
        if (questions is null)
        {
            return "504 5.5.4 PLAIN or LOGIN";
        }

        List<string> answers = [.. words.Skip(1)];
        foreach (var question in questions.Skip(answers.Count))
        {
            wire.Say($"334 {question}");
            switch (await wire.ReadLine())
            {
                case null:
                    return null;
                case "*":
                    return "501 5.7.0 As you like";
                case var answer:
                    answers.Add(answer);
                    break;
            }
        }

        IsDone = !IsNeeded || IsRight(answers);
        return IsDone ? "235 2.7.0 You are who you say" : "535 5.7.8 Wrong name or password";
    }

    private bool IsRight(List<string> answers)
    {
        string[] said = [.. answers.Select(Decode)];
        var (name, password) = said switch
        {
            [var plain] when plain.Split('\0') is [_, var user, var secret] => (user, secret),
            [var user, var secret] => (user, secret),
            _ => ("", ""),
        };
        return Same(name, settings.UserName!) & Same(password, settings.Password ?? "");
    }

    private static bool Same(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
