using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Webhooks.Sending;

/// <summary>How an attempt ended.</summary>
public enum AttemptOutcome
{
    /// <summary>2xx.</summary>
    Delivered,

    /// <summary>3xx: redirects are not followed.</summary>
    Redirected,

    /// <summary>410: the receiver wants no more.</summary>
    Gone,

    /// <summary>429, or 503 with Retry-After.</summary>
    Throttled,

    /// <summary>Any other 4xx.</summary>
    Rejected,

    /// <summary>Any other 5xx.</summary>
    ServerError,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The host's name is not known.</summary>
    NameUnknown,

    /// <summary>No connection, or it broke, or what came was no HTTP.</summary>
    ConnectionFailed,

    /// <summary>The certificate or the handshake was not acceptable.</summary>
    TlsFailed,

    /// <summary>The name leads to a network that is not public, or scheme or port are not allowed any more.</summary>
    AddressRefused,

    /// <summary>No secret of the endpoint could be opened: nothing was sent. Look at the keys of the section Secrets.</summary>
    SigningFailed,
}

/// <summary>What came of an attempt: never the body of an answer.</summary>
public sealed record Answer(AttemptOutcome Outcome, int? Status = null, TimeSpan? RetryAfter = null)
{
    /// <param name="status">Of the answer.</param>
    /// <param name="retryAfter">As the receiver asked for.</param>
    public static Answer Of(int status, TimeSpan? retryAfter) => status switch
    {
        >= 200 and < 300 => new(AttemptOutcome.Delivered, status),
        >= 300 and < 400 => new(AttemptOutcome.Redirected, status),
        410 => new(AttemptOutcome.Gone, status),
        429 => new(AttemptOutcome.Throttled, status, retryAfter),
        503 when retryAfter is not null => new(AttemptOutcome.Throttled, status, retryAfter),
        >= 400 and < 500 => new(AttemptOutcome.Rejected, status),
        _ => new(AttemptOutcome.ServerError, status),
    };
}

/// <summary>One message on its way to one endpoint.</summary>
public sealed record Parcel(string Url, Guid MessageId, byte[] Body, IReadOnlyList<byte[]> Secrets, string? Trace);

/// <summary>
/// Posts a message, signed, and reads the status of the answer. No redirects, no proxy, no cookies, nothing unpacked, and of the answer's body no more than lets a connection be
/// used again.
/// </summary>
public sealed class Courier : IDisposable
{
    private static readonly ProductInfoHeaderValue Agent = new("CreatorConnections-Webhooks", "1");
    private readonly HttpMessageInvoker http;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;

    public Courier(Destinations destinations, SendingOptions options, TimeProvider clock)
    {
        (timeout, this.clock) = (options.Timeout, clock);
        http = new(new SocketsHttpHandler
        {
            ConnectCallback = destinations.Connect,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 64 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),

            // How many requests are under way is decided by endpoint, not by host: many organizations may have theirs at one. Idle for longer than this, a connection may be
            // closed by its other end in the very moment it is used again; many servers do so after five seconds.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),

            // Addresses are their owners' and may hold a secret in the path: they are in no span and in no header of ours but the trace that is set below.
            ActivityHeadersPropagator = null,
            MeterFactory = new Unobserved(),
        });
    }

    public async Task<Answer> Deliver(Parcel parcel, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, parcel.Url);
        request.Content = new ByteArrayContent(parcel.Body) { Headers = { ContentType = new("application/json") } };
        request.Headers.UserAgent.Add(Agent);
        request.Headers.Add("webhook-id", parcel.MessageId.ToString());
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", SigningSecret.Sign(parcel.Secrets, parcel.MessageId.ToString(), now.ToUnixTimeSeconds(), parcel.Body));
        if (parcel.Trace is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", parcel.Trace);
        }

        using var time = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, ct);
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            return Answer.Of((int)response.StatusCode, RetryAfterOf(response, now));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(AttemptOutcome.TimedOut);
        }
        catch (HttpRequestException exception)
        {
            return new(OutcomeOf(exception));
        }
        catch (IOException)
        {
            return new(AttemptOutcome.ConnectionFailed);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>The handler would measure itself by host: a label with as many values as there are receivers.</summary>
    private sealed class Unobserved : IMeterFactory
    {
        private readonly List<Meter> meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter("Webhooks.Unobserved");
            meters.Add(meter);
            return meter;
        }

        public void Dispose() => meters.ForEach(meter => meter.Dispose());
    }

    private static AttemptOutcome OutcomeOf(HttpRequestException exception) => exception switch
    {
        { InnerException: DestinationRefused } => AttemptOutcome.AddressRefused,
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => AttemptOutcome.NameUnknown,
        { HttpRequestError: HttpRequestError.SecureConnectionError } or { InnerException: System.Security.Authentication.AuthenticationException or CryptographicException } => AttemptOutcome.TlsFailed,
        _ => AttemptOutcome.ConnectionFailed,
    };

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };
}
