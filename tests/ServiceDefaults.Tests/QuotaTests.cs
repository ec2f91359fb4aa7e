using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Testing;

namespace ServiceDefaults.Tests;

/// <summary>How many requests a caller has, what every answer says of it, and what happens when there are none left.</summary>
public sealed class QuotaTests(TinyService service) : IClassFixture<TinyService>
{
    // So long that nothing comes back while a test runs.
    private static readonly (string, string) AnHour = ("RateLimit:Window", "01:00:00");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_answer_to_a_token_tells_the_quota_and_what_is_left_and_who_has_none_is_told_when_to_come_back()
    {
        await using var app = await Start(("RateLimit:Requests", "3"), AnHour);
        using var caller = Caller(app);

        foreach (var left in (int[])[2, 1, 0])
        {
            using var answer = await caller.GetAsync("/things?limit=3", Cancelled);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            Policy(answer).ShouldBe("\"client\";q=3;w=3600");
            Left(answer).ShouldBe($"\"client\";r={left};t=1200");
        }

        using var refused = await caller.GetAsync("/things?limit=3", Cancelled);
        (await Answer.Read(refused)).ShouldBeProblem(429, "request.too-many");
        Policy(refused).ShouldBe("\"client\";q=3;w=3600");
        Left(refused).ShouldBe("\"client\";r=0;t=1200");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1200));
    }

    [Fact]
    public async Task Without_a_setting_a_caller_has_a_thousand_requests_a_second()
    {
        await using var app = await Start();
        using var caller = Caller(app);

        using var answer = await caller.GetAsync("/things?limit=3", Cancelled);

        Policy(answer).ShouldBe("\"client\";q=60000;w=60");
        Left(answer).ShouldBe("\"client\";r=59999;t=1");
    }

    [Fact]
    public async Task What_is_refused_or_goes_wrong_counts_and_says_so_too()
    {
        await using var app = await Start(("RateLimit:Requests", "4"), AnHour);
        using var caller = Caller(app);

        foreach (var (path, status, left) in ((string, int, int)[])[("/both", 403, 3), ("/things?limit=many", 400, 2), ("/fault", 500, 1), ("/nothing", 404, 0)])
        {
            using var answer = await caller.GetAsync(path, Cancelled);
            ((int)answer.StatusCode).ShouldBe(status);
            Left(answer).ShouldBe($"\"client\";r={left};t=900");
        }
    }

    [Fact]
    public async Task Each_organization_client_and_person_has_a_quota_of_its_own()
    {
        await using var app = await Start(("RateLimit:Requests", "1"), AnHour);
        HttpClient[] callers = [Caller(app), Caller(app, organization: "borealis"), Caller(app, client: "another"), Caller(app, person: "somebody-else")];
        foreach (var caller in callers)
        {
            (await caller.GetAsync("/things?limit=3", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        foreach (var caller in callers)
        {
            (await caller.GetAsync("/things?limit=3", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            caller.Dispose();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("aurora")]
    public async Task A_client_that_may_act_for_several_organizations_has_a_quota_for_each(string? own)
    {
        await using var app = await Start(("RateLimit:Requests", "1"), AnHour);
        using var caller = Caller(app, organization: own, scope: "things.read organizations.any");

        (await For(caller, "aurora")).ShouldBe(HttpStatusCode.OK);
        (await For(caller, "borealis")).ShouldBe(HttpStatusCode.OK);
        (await For(caller, "aurora")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("aurora")]
    public async Task Who_may_not_gains_no_quota_by_naming_another_organization(string? own)
    {
        await using var app = await Start(("RateLimit:Requests", "2"), AnHour);
        using var caller = Caller(app, organization: own);

        await For(caller, "aurora");
        await For(caller, "borealis");
        (await For(caller, "celeste")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_client_may_be_given_another_number()
    {
        await using var app = await Start(("RateLimit:Requests", "3"), ("RateLimit:Clients:importer", "3600"), AnHour);
        using var importer = Caller(app, client: "importer");

        using var answer = await importer.GetAsync("/things?limit=3", Cancelled);

        Policy(answer).ShouldBe("\"client\";q=3600;w=3600");
    }

    [Fact]
    public async Task Who_waits_is_answered_again()
    {
        await using var app = await Start(("RateLimit:Requests", "10"), ("RateLimit:Window", "00:00:05"));
        using var caller = Caller(app);

        await Eventually.Get(async () => (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Status()))).Max(), status => status == 429);
        await Eventually.Get(Status, status => status == 200);

        async Task<int> Status()
        {
            using var answer = await caller.GetAsync("/things?limit=3", Cancelled);
            return (int)answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/hub/i/an-invitation")]
    [InlineData("/no/such/place")]
    public async Task What_asks_for_no_token_is_not_counted(string path)
    {
        await using var app = await Start(("RateLimit:Requests", "1"), AnHour);
        using var caller = Caller(app);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var answer = await caller.GetAsync(path, Cancelled);
            answer.StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests);
            answer.Headers.Contains("RateLimit").ShouldBeFalse();
        }

        (await caller.GetAsync("/things?limit=3", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        await using var app = await Start(("RateLimit:Enabled", "false"), ("RateLimit:Requests", "1"), AnHour);
        using var caller = Caller(app);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            using var answer = await caller.GetAsync("/things?limit=3", Cancelled);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Headers.Contains("RateLimit").ShouldBeFalse();
            answer.Headers.Contains("RateLimit-Policy").ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("RateLimit:Requests", "0")]
    [InlineData("RateLimit:Window", "00:00:01.5")]
    [InlineData("RateLimit:Clients:importer", "0")]
    public async Task A_setting_that_cannot_be_kept_stops_the_start(string key, string value) =>
        (await Should.ThrowAsync<OptionsValidationException>(() => Start((key, value)))).Message.ShouldContain(key.Split(':')[1]);

    private static string Policy(HttpResponseMessage answer) => answer.Headers.GetValues("RateLimit-Policy").Single();

    private static string Left(HttpResponseMessage answer) => answer.Headers.GetValues("RateLimit").Single();

    private async Task<WebApplication> Start(params (string Key, string Value)[] settings)
    {
        var app = service.Build(service.Authority.Issuer, configure: builder =>
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))));
        await app.StartAsync(Cancelled);
        return app;
    }

    private static async Task<HttpStatusCode> For(HttpClient caller, string organization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/things?limit=3") { Headers = { { "X-Organization", organization } } };
        using var answer = await caller.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private HttpClient Caller(WebApplication app, string? organization = "aurora", string client = "a-client", string person = "somebody", string scope = "things.read") => new()
    {
        BaseAddress = new(app.Urls.Single()),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", service.Authority.Token(scope, organization: organization, client: client, person: person)) },
    };
}
