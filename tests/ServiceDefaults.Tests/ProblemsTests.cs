using System.Net;
using System.Net.Http.Headers;

namespace ServiceDefaults.Tests;

public sealed class ProblemsTests(TinyService service) : IClassFixture<TinyService>
{
    private string Token => service.Authority.Token("things.read things.write");

    [Fact]
    public async Task A_good_body_is_taken()
    {
        var answer = await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body("""{"name":"a","count":1,"colour":"Red"}"""));
        answer.Status.ShouldBe(200);
        answer.Body.GetRawText().ShouldBe("""{"name":"a","count":1,"colour":"Red"}""");
    }

    [Theory]
    [InlineData("""{"name":"a",""")]
    [InlineData("not json")]
    [InlineData("""{"name":"a","count":1,"colour":"Red"} and more""")]
    public async Task A_body_that_is_not_json_is_malformed(string body)
    {
        var answer = await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body(body));
        answer.ShouldBeProblem(400, "request.malformed").Detail!.ShouldContain("line 1");
    }

    [Fact]
    public async Task A_missing_body_is_malformed() =>
        (await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body(""))).ShouldBeProblem(400, "request.malformed");

    [Fact]
    public async Task A_query_value_that_cannot_be_read_is_malformed_and_named() =>
        (await service.Send(HttpMethod.Get, "/things?limit=many", Token)).ShouldBeProblem(400, "request.malformed").Detail!.ShouldContain("limit");

    [Theory]
    [InlineData("""{"name":"a","count":"1","colour":"Red"}""", "count")]
    [InlineData("""{"name":"a","count":1,"colour":7}""", "colour")]
    [InlineData("""{"name":"a","count":1,"colour":"Purple"}""", "colour")]
    [InlineData("""{"name":null,"count":1,"colour":"Red"}""", "name")]
    [InlineData("""{"count":1,"colour":"Red"}""", "name")]
    public async Task Json_that_does_not_fit_is_invalid_with_the_name_of_the_member(string body, string member)
    {
        var answer = await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body(body));
        answer.ShouldBeProblem(422, "request.invalid").Body.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe([member]);
    }

    [Fact]
    public async Task Two_values_for_one_member_are_refused()
    {
        var answer = await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body("""{"name":"a","name":"b","count":1,"colour":"Red"}"""));
        answer.ShouldBeProblem(422, "request.invalid");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_one_mebibyte_is_too_large_whether_its_length_is_announced_or_not(bool announced)
    {
        using var body = TinyService.Body($$"""{"name":"{{new string('a', 1024 * 1024)}}","count":1,"colour":"Red"}""");
        using HttpContent sent = announced ? body : new StreamContent(new Unmeasured(await body.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        sent.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        (await service.Send(HttpMethod.Post, "/things", Token, sent)).ShouldBeProblem(413, "request.too-large").Detail!.ShouldContain("1048576");
    }

    [Fact]
    public async Task A_body_in_another_format_is_not_supported() =>
        (await service.Send(HttpMethod.Post, "/things", Token, TinyService.Body("<thing/>", "application/xml"))).ShouldBeProblem(415, "media-type.unsupported");

    [Fact]
    public async Task An_address_without_a_route_is_unknown_even_without_a_token() =>
        (await service.Send(HttpMethod.Get, "/no/such/place")).ShouldBeProblem(404, "route.unknown");

    [Fact]
    public async Task A_route_that_answers_an_empty_404_says_that_the_resource_is_unknown() =>
        (await service.Send(HttpMethod.Get, "/nothing", Token)).ShouldBeProblem(404, "resource.unknown");

    [Fact]
    public async Task A_method_the_address_does_not_answer_is_refused_with_those_it_does() =>
        (await service.Send(HttpMethod.Delete, "/things", Token)).ShouldBeProblem(405, "method.not-allowed").Detail!.ShouldContain("GET, POST");

    [Fact]
    public async Task A_problem_of_the_handler_keeps_its_code_and_gets_the_trace()
    {
        var answer = await service.Send(HttpMethod.Get, $"/things/{Guid.Empty}", Token);
        answer.ShouldBeProblem(404, "thing.unknown").Detail.ShouldBe($"There is no thing {Guid.Empty}.");
    }

    [Fact]
    public async Task A_fault_tells_the_caller_nothing_of_the_exception_and_the_log_everything()
    {
        var answer = await service.Send(HttpMethod.Get, "/fault", Token);
        answer.ShouldBeProblem(500, "server.fault").Body.GetRawText().Contains(TinyService.Secret, StringComparison.Ordinal).ShouldBeFalse();
        await service.Log.First(line => line.Contains("unhandled exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_that_accepts_only_html_still_gets_the_problem() =>
        (await service.Send(HttpMethod.Get, "/no/such/place", accept: "text/html")).ShouldBeProblem(404, "route.unknown");

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/started")]
    public async Task Probes_need_no_token_and_leave_no_trace(string path)
    {
        var answer = await service.Send(HttpMethod.Get, path);
        answer.Status.ShouldBe((int)HttpStatusCode.OK);
        answer.Body.GetProperty("status").GetString().ShouldBe("Healthy");
        // On the same connection a request is begun only when the one before it, span and all, is done.
        var id = Guid.NewGuid();
        await service.Send(HttpMethod.Get, $"/things/{id}", Token);
        await service.Spans.First(span => (string?)span.GetTagItem("url.path") == $"/things/{id}");
        service.Spans.Count(span => (string?)span.GetTagItem("url.path") == path).ShouldBe(0);
    }

    // A stream whose length nobody can ask for is sent in chunks.
    private sealed class Unmeasured(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
