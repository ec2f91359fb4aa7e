using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Tests;

public sealed class BearerTokensTests(TinyService service) : IClassFixture<TinyService>
{
    private Task<Answer> Read(string token) => service.Send(HttpMethod.Get, "/things?limit=3", token);

    [Fact]
    public async Task Without_a_token_the_token_is_missing() =>
        (await service.Send(HttpMethod.Get, "/nothing")).ShouldBeProblem(401, "token.missing").Challenge.ShouldStartWith("Bearer");

    [Fact]
    public async Task A_token_with_the_scope_is_let_in() =>
        (await Read(service.Authority.Token("other things.read"))).Body.GetInt32().ShouldBe(3);

    [Fact]
    public async Task A_token_without_the_scope_is_told_which_one_is_missing()
    {
        var answer = await service.Send(HttpMethod.Get, "/things?limit=3", service.Authority.Token("things.reader things.write"));
        answer.ShouldBeProblem(403, "scope.missing").Detail!.ShouldContain("things.read");
        answer.Challenge.ShouldBe("Bearer error=\"insufficient_scope\", scope=\"things.read\"");
    }

    [Fact]
    public async Task Where_two_scopes_are_required_one_is_not_enough()
    {
        var answer = await service.Send(HttpMethod.Get, "/both", service.Authority.Token("things.read"));
        answer.ShouldBeProblem(403, "scope.missing").Detail!.ShouldContain("things.write");
        (await service.Send(HttpMethod.Get, "/both", service.Authority.Token("things.read things.write"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_token_of_a_foreign_issuer_is_invalid_even_if_it_claims_to_be_ours()
    {
        await using var foreign = await Authority.Start();
        (await Read(foreign.Token("things.read"))).ShouldBeProblem(401, "token.invalid");
        (await Read(foreign.Token("things.read", issuer: service.Authority.Issuer))).ShouldBeProblem(401, "token.invalid");
        (await Read(foreign.Token("things.read", signedBy: service.Authority))).ShouldBeProblem(401, "token.invalid");
    }

    [Fact]
    public async Task An_expired_token_is_invalid() =>
        (await Read(service.Authority.Token("things.read", endsIn: -TimeSpan.FromMinutes(1)))).ShouldBeProblem(401, "token.invalid");

    [Fact]
    public async Task A_token_for_another_audience_is_invalid() =>
        (await Read(service.Authority.Token("things.read", audience: "another-api"))).ShouldBeProblem(401, "token.invalid");

    [Theory]
    [InlineData("logout+jwt")]
    [InlineData("secevent+jwt")]
    public async Task A_jwt_of_another_kind_is_invalid(string type) =>
        (await Read(service.Authority.Token("things.read", type: type))).ShouldBeProblem(401, "token.invalid");

    [Theory]
    [InlineData("garbage")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.")]
    public async Task Something_that_is_no_signed_token_is_invalid(string token) =>
        (await Read(token)).ShouldBeProblem(401, "token.invalid");

    [Fact]
    public async Task A_service_starts_without_its_authority_and_says_that_tokens_cannot_be_checked()
    {
        var token = service.Authority.Token("things.read");
        await using var gone = await Authority.Start();
        var address = gone.Issuer;
        await gone.DisposeAsync();

        await using var app = service.Build(address);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var response = await client.GetAsync("/things?limit=3", TestContext.Current.CancellationToken);
        (await Answer.Read(response)).ShouldBeProblem(503, "authority.unavailable");
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("http://identity.example.com")]
    [InlineData("identity")]
    [InlineData("")]
    public async Task An_authority_that_is_neither_https_nor_this_machine_stops_the_start(string authority)
    {
        await using var app = service.Build(authority);
        (await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken))).Message.ShouldContain("Authority");
    }
}
