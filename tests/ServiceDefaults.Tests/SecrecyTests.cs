namespace ServiceDefaults.Tests;

public sealed class SecrecyTests(TinyService service) : IClassFixture<TinyService>
{
    [Theory]
    [InlineData("/hub/i/eyJhbGciOiJIUzI1NiJ9.invitation-one.signature?campaign=summer-query", "/hub/i/{invitation}")]
    [InlineData("/HUB/I/eyJhbGciOiJIUzI1NiJ9.invitation-one.signature?campaign=summer-query", "/HUB/I/{invitation}")]
    [InlineData("/hub/i/eyJhbGciOiJIUzI1NiJ9.invitation-one.signature/extra", "/hub/i/{invitation}")]
    public async Task An_opened_invitation_is_traced_and_logged_without_its_token(string path, string traced)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = service.Client.BaseAddress };
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);

        await Traced(traced);
        Leaks("invitation-one", "summer-query", "hub-state").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_handler_logs_about_an_invitation_reaches_the_log()
    {
        await service.Send(HttpMethod.Get, "/calls");

        await service.Log.First(line => line.Contains("An invitation of 19 characters was opened", StringComparison.Ordinal));
        Leaks("outgoing-invitation").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_to_another_service_is_traced_without_its_query_and_token()
    {
        (await service.Send(HttpMethod.Get, "/calls")).Status.ShouldBe(200);

        await service.Spans.First(span => ((string?)span.GetTagItem("url.full") ?? "").EndsWith("/hub/i/{invitation}", StringComparison.Ordinal));
        Leaks("outgoing-invitation", "outgoing-secret").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_ordinary_path_stays_readable_and_a_long_segment_does_not()
    {
        var id = Guid.NewGuid();
        await service.Send(HttpMethod.Get, $"/things/{id}", service.Authority.Token());
        await service.Send(HttpMethod.Get, $"/mistyped/{new string('s', 80)}");

        await Traced($"/things/{id}");
        await Traced("/mistyped/{redacted}");
    }

    // The span ends after the response has left, so it may come after the answer.
    private Task Traced(string path) => service.Spans.First(span => (string?)span.GetTagItem("url.path") == path);

    private IEnumerable<string> Everything() => service.Log.Concat(service.Spans.Select(span =>
        $"{span.DisplayName} {string.Join(' ', span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))} "
        + string.Join(' ', span.Events.SelectMany(happened => happened.Tags).Select(tag => $"{tag.Key}={tag.Value}"))));

    private IEnumerable<string> Leaks(params string[] secrets) =>
        Everything().Where(line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
}
