using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ServiceDefaults.Tests;

public sealed class ServiceTokensTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new();
    private readonly Neighbour neighbour = new();
    private Authority authority = null!;
    private IHost host = null!;

    private HttpClient Client => host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("neighbour");

    private ServiceTokens Tokens => host.Services.GetRequiredService<ServiceTokens>();

    public async ValueTask InitializeAsync()
    {
        authority = await Authority.Start();
        host = Build("a client", "s3cret:+");
    }

    [Fact]
    public async Task The_first_call_fetches_a_token_with_the_clients_credentials_and_carries_it()
    {
        (await Client.GetAsync("http://neighbour/x", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        neighbour.Carried.ShouldBe(["Bearer token-1"]);
        var asked = authority.Asked.ShouldHaveSingleItem();
        asked["grant_type"].ShouldBe("client_credentials");
        asked["scope"].ShouldBe("things.read");
        Encoding.UTF8.GetString(Convert.FromBase64String(asked["authorization"]["Basic ".Length..])).ShouldBe("a%20client:s3cret%3A%2B");
    }

    [Fact]
    public async Task Many_callers_at_once_share_one_fetch()
    {
        var hold = new TaskCompletionSource();
        authority.Hold = hold.Task;
        var callers = Enumerable.Range(0, 50).Select(_ => Tokens.Get(TestContext.Current.CancellationToken)).ToArray();
        hold.SetResult();

        (await Task.WhenAll(callers)).Distinct().ShouldBe(["token-1"]);
        authority.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_take_the_token_from_the_others()
    {
        var hold = new TaskCompletionSource();
        authority.Hold = hold.Task;
        using var impatience = new CancellationTokenSource();
        var impatient = Tokens.Get(impatience.Token);
        var patient = Tokens.Get(TestContext.Current.CancellationToken);

        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => impatient);
        hold.SetResult();

        (await patient).ShouldBe("token-1");
        authority.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_is_kept_until_a_minute_before_its_end_and_then_replaced()
    {
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-1");
        clock.Advance(TimeSpan.FromSeconds(539));
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-1");
        clock.Advance(TimeSpan.FromSeconds(1));
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-2");
    }

    [Fact]
    public async Task While_the_authority_is_away_the_old_token_serves_to_its_very_end()
    {
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-1");
        authority.RefuseWith = 503;
        clock.Advance(TimeSpan.FromSeconds(599));
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-1");
        clock.Advance(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<HttpRequestException>(() => Tokens.Get(TestContext.Current.CancellationToken));

        authority.RefuseWith = 0;
        (await Tokens.Get(TestContext.Current.CancellationToken)).ShouldBe("token-2");
    }

    [Fact]
    public async Task A_refused_client_is_told_which_settings_to_check()
    {
        authority.RefuseWith = 401;
        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => Tokens.Get(TestContext.Current.CancellationToken));
        refusal.Message.ShouldContain("invalid_client");
        refusal.Message.ShouldContain("Authentication:ClientSecret");
        refusal.Message.Contains("s3cret", StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_the_neighbour_refuses_is_replaced_once_and_the_request_repeated()
    {
        neighbour.Refuses = "Bearer token-1";
        var response = await Client.PostAsJsonAsync("http://neighbour/x", new { name = "a" }, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        neighbour.Carried.ShouldBe(["Bearer token-1", "Bearer token-2"]);
        neighbour.Bodies.ShouldBe(["""{"name":"a"}""", """{"name":"a"}"""]);
    }

    [Fact]
    public async Task A_request_that_has_a_token_keeps_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://neighbour/x");
        request.Headers.Authorization = new("Bearer", "of-the-person");
        await Client.SendAsync(request, TestContext.Current.CancellationToken);

        neighbour.Carried.ShouldBe(["Bearer of-the-person"]);
        authority.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_process_without_credentials_does_not_start()
    {
        using var poor = Build("", "");
        (await Should.ThrowAsync<OptionsValidationException>(() => poor.StartAsync(TestContext.Current.CancellationToken))).Message.ShouldContain("ClientId");
    }

    public async ValueTask DisposeAsync()
    {
        host.Dispose();
        await authority.DisposeAsync();
    }

    private IHost Build(string clientId, string secret)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Authentication:Authority"] = authority.Issuer,
            ["Authentication:ClientId"] = clientId,
            ["Authentication:ClientSecret"] = secret,
            ["Authentication:Scope"] = "things.read",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddServiceTokens();
        builder.Services.AddHttpClient("neighbour").AddServiceToken().ConfigurePrimaryHttpMessageHandler(() => neighbour);
        return builder.Build();
    }

    /// <summary>The service called: notes what it is sent.</summary>
    private sealed class Neighbour : HttpMessageHandler
    {
        public ConcurrentQueue<string> Carried { get; } = [];

        public ConcurrentQueue<string> Bodies { get; } = [];

        public string? Refuses { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Carried.Enqueue(request.Headers.Authorization!.ToString());
            if (request.Content is not null)
            {
                Bodies.Enqueue(await request.Content.ReadAsStringAsync(cancellationToken));
            }

            return new(Refuses == request.Headers.Authorization.ToString() ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        }
    }
}
