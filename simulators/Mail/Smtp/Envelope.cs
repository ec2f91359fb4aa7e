using System.Globalization;
using System.Text.RegularExpressions;
using MimeKit;

namespace Mail.Smtp;

/// <summary>Whom the next message is from and for, as MAIL and RCPT have said so far.</summary>
internal sealed partial class Envelope
{
    private readonly List<string> recipients = [];
    private readonly Dictionary<string, RecipientRequest> requests = new(StringComparer.OrdinalIgnoreCase);
    private string? envelopeId;
    private string? returned;

    public string? Sender { get; private set; }

    public IReadOnlyList<string> Recipients => recipients;

    public ReportRequest? Reports => envelopeId is null && returned is null && requests.Count == 0
        ? null
        : new(envelopeId, returned, new Dictionary<string, RecipientRequest>(requests, StringComparer.OrdinalIgnoreCase));

    /// <summary>What is wrong with MAIL; null where nothing is, and then <paramref name="accept"/> takes it on.</summary>
    public string? ReadMail(string rest, int maxSize, out Action accept)
    {
        accept = () => { };
        if (!TryReadPath(rest, "FROM:", out var address, out var parameters) || (address.Length > 0 && !IsMailbox(address)))
        {
            return "501 5.1.7 MAIL FROM:<address>";
        }

        if (Value(parameters, "SIZE") is { } size && (!long.TryParse(size, out var bytes) || bytes > maxSize))
        {
            return $"552 5.3.4 No more than {maxSize} bytes";
        }

        var (id, amount) = (Value(parameters, "ENVID"), Value(parameters, "RET")?.ToUpperInvariant());
        if (amount is not (null or "FULL" or "HDRS") || id is { Length: > 100 })
        {
            return "501 5.5.4 RET=FULL or HDRS, ENVID of up to 100 characters";
        }

        accept = () => (Sender, envelopeId, returned) = (address, Unfold(id), amount);
        return null;
    }

    /// <summary>What is wrong with RCPT; null where nothing is, and then <paramref name="accept"/> takes it on.</summary>
    public string? ReadRcpt(string rest, out string address, out Action accept)
    {
        accept = () => { };
        if (!TryReadPath(rest, "TO:", out address, out var parameters) || !IsMailbox(address))
        {
            return "501 5.1.3 RCPT TO:<address>";
        }

        var (notify, original) = (Value(parameters, "NOTIFY")?.ToUpperInvariant().Split(','), Unfold(Value(parameters, "ORCPT")));
        if (notify is not (null or ["NEVER"]) && !notify.All(condition => condition is "SUCCESS" or "FAILURE" or "DELAY"))
        {
            return "501 5.5.4 NOTIFY=NEVER, or of SUCCESS, FAILURE and DELAY";
        }

        var recipient = address;
        accept = () =>
        {
            recipients.Add(recipient);
            if (notify is not null || original is not null)
            {
                requests[recipient] = new(notify, original);
            }
        };
        return null;
    }

    private static string? Value(string[] parameters, string name) =>
        parameters.FirstOrDefault(parameter => parameter.StartsWith($"{name}=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];

    /// <summary>FROM:&lt;a@b&gt; SIZE=12. A path may carry a route before the address, which is to be ignored.</summary>
    private static bool TryReadPath(string text, string keyword, out string address, out string[] parameters)
    {
        (address, parameters) = ("", []);
        if (!text.StartsWith(keyword, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var path = text[keyword.Length..].TrimStart();
        var end = path.IndexOf('>');
        if (!path.StartsWith('<') || end < 0)
        {
            return false;
        }

        address = path[1..end];
        address = address.StartsWith('@') ? address[(address.IndexOf(':') + 1)..] : address;
        parameters = path[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return true;
    }

    private static bool IsMailbox(string address) => address.Contains('@') && MailboxAddress.TryParse(address, out var parsed) && parsed.Address == address;

    // xtext: what a parameter cannot hold is +HH (RFC 3461, 4).
    private static string? Unfold(string? text) =>
        text is null ? null : Escaped().Replace(text, hex => ((char)int.Parse(hex.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(@"\+([0-9A-F]{2})")]
    private static partial Regex Escaped();
}
