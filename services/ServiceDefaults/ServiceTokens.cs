using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ServiceDefaults;

/// <summary>As whom this process calls other services. Bound from the section <c>Authentication</c>.</summary>
public sealed class ServiceClient : IValidatableObject
{
    /// <inheritdoc cref="TokenAuthority.Authority"/>
    [Required]
    public Uri? Authority { get; set; }

    [Required]
    public string ClientId { get; set; } = "";

    [Required]
    public string ClientSecret { get; set; } = "";

    /// <summary>The scopes to ask for, separated by spaces; empty for all the client is allowed.</summary>
    public string Scope { get; set; } = "";

    /// <summary>How long before its end a token is replaced, at most. A token that lives shortly is replaced after four fifths of its life.</summary>
    public TimeSpan RefreshMargin { get; set; } = TimeSpan.FromMinutes(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TokenAuthority.IsAcceptable(Authority))
        {
            yield return new(TokenAuthority.Unacceptable, [nameof(Authority)]);
        }
    }
}

/// <summary>The process's own access token (client credentials): fetched once for all callers, kept until shortly before its end.</summary>
public sealed class ServiceTokens
{
    internal const string HttpClient = "service-tokens";

    private readonly IOptions<ServiceClient> client;
    private readonly IHttpClientFactory clients;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly Lazy<ConfigurationManager<OpenIdConnectConfiguration>> authority;
    private Held? held;
    private Task<Held>? flight;

    public ServiceTokens(IOptions<ServiceClient> client, IHttpClientFactory clients, TimeProvider clock)
    {
        (this.client, this.clients, this.clock) = (client, clients, clock);
        authority = new(() => new(
            $"{client.Value.Authority!.ToString().TrimEnd('/')}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(clients.CreateClient(HttpClient)) { RequireHttps = client.Value.Authority!.Scheme == Uri.UriSchemeHttps }));
    }

    /// <summary>A token good for the next request.</summary>
    /// <exception cref="HttpRequestException">The authority cannot be reached or is out of order.</exception>
    /// <exception cref="InvalidOperationException">The authority gives this client no token.</exception>
    public async Task<string> Get(CancellationToken cancellationToken)
    {
        Task<Held> fetching;
        lock (gate)
        {
            if (held is { } current && clock.GetUtcNow() < current.ReplaceAt)
            {
                return current.Token;
            }

            // Not tied to the caller: whoever gives up must not take the token away from those who wait with him.
            fetching = flight ??= Task.Run(Fetch, CancellationToken.None);
        }

        try
        {
            return (await fetching.WaitAsync(cancellationToken)).Token;
        }
        catch (Exception exception) when (exception is not OperationCanceledException && StillGood() is { } old)
        {
            // The authority is away while the old token has a while to live: that is what the margin is for.
            return old.Token;
        }
    }

    /// <summary>Forgets a token that was refused, unless it has been replaced meanwhile.</summary>
    public void Forget(string token)
    {
        lock (gate)
        {
            held = held?.Token == token ? null : held;
        }
    }

    private Held? StillGood()
    {
        lock (gate)
        {
            return held is { } current && clock.GetUtcNow() < current.EndsAt ? current : null;
        }
    }

    private async Task<Held> Fetch()
    {
        try
        {
            var fetched = await Ask();
            lock (gate)
            {
                held = fetched;
            }

            return fetched;
        }
        finally
        {
            lock (gate)
            {
                flight = null;
            }
        }
    }

    private async Task<Held> Ask()
    {
        var me = client.Value;
        var configuration = await authority.Value.GetConfigurationAsync(CancellationToken.None);
        using var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        // RFC 6749, section 2.3.1: both parts form-encoded before they are joined.
        var credentials = $"{Uri.EscapeDataString(me.ClientId)}:{Uri.EscapeDataString(me.ClientSecret)}";
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (me.Scope.Length > 0)
        {
            form["scope"] = me.Scope;
        }

        request.Content = new FormUrlEncodedContent(form);
        var askedAt = clock.GetUtcNow();
        using var response = await clients.CreateClient(HttpClient).SendAsync(request);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            var refusal = await response.Content.ReadFromJsonAsync<Refusal>();
            throw new InvalidOperationException(
                $"The authority refused client {me.ClientId} a token: {refusal?.Error}. Check Authentication:ClientId and Authentication:ClientSecret.");
        }

        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<Answer>() ?? throw new InvalidOperationException("The authority answered without a token.");
        var life = TimeSpan.FromSeconds(answer.ExpiresIn);
        var margin = life / 5 < me.RefreshMargin ? life / 5 : me.RefreshMargin;
        return new(answer.AccessToken, askedAt + life - margin, askedAt + life);
    }

    private sealed record Held(string Token, DateTimeOffset ReplaceAt, DateTimeOffset EndsAt);

    private sealed record Answer([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);

    private sealed record Refusal([property: JsonPropertyName("error")] string? Error);
}

/// <summary>Calls to our own services carry the process's own access token.</summary>
public static class ServiceTokenClients
{
    /// <summary>Registers <see cref="ServiceTokens"/>; checked at start: ClientId and ClientSecret.</summary>
    public static TBuilder AddServiceTokens<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<ServiceClient>().BindConfiguration(TokenAuthority.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHttpClient(ServiceTokens.HttpClient);
        builder.Services.TryAddSingleton<ServiceTokens>();
        return builder;
    }

    /// <summary>Adds the token to every request of this client that carries none yet. Needs <see cref="AddServiceTokens"/>.</summary>
    public static IHttpClientBuilder AddServiceToken(this IHttpClientBuilder client) =>
        client.AddHttpMessageHandler(services => new Carrier(services.GetRequiredService<ServiceTokens>()));

    private sealed class Carrier(ServiceTokens tokens) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Authorization is not null)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var token = await tokens.Get(cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode is not HttpStatusCode.Unauthorized)
                {
                    return response;
                }

                // The authority may have changed its keys since. A refused request was not carried out, so repeating it once is safe.
                tokens.Forget(token);
                if (request.Content is not (null or JsonContent or ByteArrayContent))
                {
                    return response;
                }

                response.Dispose();
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.Get(cancellationToken));
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                // A retry above this handler sends the same message again and must get the token of that moment.
                request.Headers.Authorization = null;
            }
        }
    }
}
