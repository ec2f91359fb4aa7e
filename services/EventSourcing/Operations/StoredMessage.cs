using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RabbitMQ.Client;

namespace EventSourcing.Operations;

/// <summary>
/// A message as it lies in the table: what it needs to go back to its queue as it came, and what an operator may see. Of the fault only its type
/// is kept: its words and its stack can hold whatever the message held.
/// </summary>
internal sealed partial record StoredMessage(string Properties, byte[] Body, string? MessageId, string? Contract, string? Organization, string? Subject, long? Sequence, DateTimeOffset FaultedAt, string? ExceptionType, string? Reason)
{
    private const string Fault = "MT-Fault-";
    private const string FaultHost = "MT-Host-";
    private const string Sender = "MT-Host-Info";
    private const string Why = "MT-Reason";

    public static StoredMessage Of(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var headers = (properties.Headers ?? new Dictionary<string, object?>()).Select(header => (header.Key, Value: Plain(header.Value))).Where(header => header.Value is not null)
            .ToDictionary(header => header.Key, header => header.Value!);
        var exception = Text(headers, $"{Fault}ExceptionType");
        var kept = new Kept(
            properties.MessageId,
            properties.CorrelationId,
            properties.ContentType,
            headers.Where(header => !IsOfTheFault(header.Key)).ToDictionary(header => header.Key, header => JsonSerializer.SerializeToElement(header.Value)));
        return new(
            JsonSerializer.Serialize(kept),
            body.ToArray(),
            properties.MessageId,
            Text(headers, "MT-MessageType")?.Split(';')[0].Split(':')[^1],
            Text(headers, MessageHeaders.Organization),
            Text(headers, MessageHeaders.Subject),
            SequenceIn(body),
            DateTimeOffset.TryParse(Text(headers, $"{Fault}Timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : now,
            exception,
            Safe(exception, Text(headers, $"{Fault}Message")));
    }

    /// <summary>The properties to send it with: those it came with, without what the fault had added.</summary>
    public static BasicProperties Restore(string properties)
    {
        var kept = JsonSerializer.Deserialize<Kept>(properties)!;
        return new()
        {
            MessageId = kept.MessageId,
            CorrelationId = kept.CorrelationId,
            ContentType = kept.ContentType,
            DeliveryMode = DeliveryModes.Persistent,
            Headers = kept.Headers.ToDictionary(header => header.Key, header => header.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => header.Value.TryGetInt64(out var whole) ? whole : header.Value.GetDouble(),
                _ => (object?)header.Value.GetString(),
            }),
        };
    }

    // And what broker and client had written on the copy in the error queue.
    private static bool IsOfTheFault(string header) =>
        header is Why or "x-delivery-count" or "x-acquired-count" or "x-dotnet-pub-seq-no" or "x-death"
        || header.StartsWith(Fault, StringComparison.Ordinal) || (header.StartsWith(FaultHost, StringComparison.Ordinal) && header is not Sender)
        || header.StartsWith("x-first-death-", StringComparison.Ordinal) || header.StartsWith("x-last-death-", StringComparison.Ordinal);

    private static object? Plain(object? value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string or bool or byte or sbyte or short or ushort or int or uint or long or float or double => value,
        _ => null,
    };

    private static string? Text(Dictionary<string, object> headers, string name) => headers.GetValueOrDefault(name)?.ToString();

    // A refusal's code is stable and holds nothing of the message; any other exception's words may.
    private static string? Safe(string? exception, string? words) =>
        exception == typeof(MessageRefusedException).FullName && words is not null && Code().Match(words) is { Success: true } code ? code.Groups[1].Value : null;

    private static long? SequenceIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("sequence", out var sequence) && sequence.TryGetInt64(out var number) ? number : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("^([a-z-]+\\.[a-z-]+): ", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    private sealed record Kept(string? MessageId, string? CorrelationId, string? ContentType, Dictionary<string, JsonElement> Headers);
}
