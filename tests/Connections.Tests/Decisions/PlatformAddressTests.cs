using Connections.Platforms;
using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Connections.Platforms.YouTube;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

/// <summary>Where the platforms are reached when nothing but credentials is configured, as in production.</summary>
public sealed class PlatformAddressTests
{
    private static readonly TokenSet Tokens = new("access", DateTimeOffset.MaxValue, "refresh", DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task Instagram_is_asked_where_it_is()
    {
        var asked = new Asked();
        var platform = new InstagramPlatform(new() { ClientId = "id", ClientSecret = "secret" }, asked.Http, TimeProvider.System);
        await asked.By(() => platform.Exchange("code", "https://hub.example/cb", null, default));
        await asked.By(() => platform.Probe(Tokens, default));
        asked.Of.ShouldBe(["https://api.instagram.com/oauth/access_token", $"https://graph.instagram.com/{new InstagramOptions().GraphVersion}/me"]);
        platform.Options.AuthorizeBase.Root().ShouldBe("https://www.instagram.com");
    }

    [Fact]
    public async Task YouTube_is_asked_where_it_is()
    {
        var asked = new Asked();
        var platform = new YouTubePlatform(new() { ClientId = "id", ClientSecret = "secret" }, asked.Http, TimeProvider.System);
        await asked.By(() => platform.Exchange("code", "https://hub.example/cb", "verifier", default));
        await asked.By(() => platform.Refresh(Tokens, default));
        await asked.By(() => platform.Probe(Tokens, default));
        await asked.By(() => platform.Disconnect(Tokens, default));
        asked.Of.ShouldBe(
        [
            "https://oauth2.googleapis.com/token", "https://oauth2.googleapis.com/token", "https://www.googleapis.com/youtube/v3/channels", "https://oauth2.googleapis.com/revoke",
        ]);
        platform.Options.AuthorizeBase.Root().ShouldBe("https://accounts.google.com");
    }

    [Fact]
    public async Task TikTok_is_asked_where_it_is()
    {
        var asked = new Asked();
        var platform = new TikTokPlatform(new() { ClientKey = "key", ClientSecret = "secret" }, asked.Http, TimeProvider.System);
        await asked.By(() => platform.Exchange("code", "https://hub.example/cb", null, default));
        await asked.By(() => platform.Refresh(Tokens, default));
        await asked.By(() => platform.Probe(Tokens, default));
        await asked.By(() => platform.Disconnect(Tokens, default));
        asked.Of.ShouldBe(
        [
            "https://open.tiktokapis.com/v2/oauth/token/", "https://open.tiktokapis.com/v2/oauth/token/", "https://open.tiktokapis.com/v2/user/info/", "https://open.tiktokapis.com/v2/oauth/revoke/",
        ]);
        platform.Options.AuthorizeBase.Root().ShouldBe("https://www.tiktok.com");
    }

    // Notes the address of each request and answers none.
    private sealed class Asked : HttpMessageHandler, IHttpClientFactory
    {
        private readonly List<string> of = [];

        public IReadOnlyList<string> Of => of;

        public PlatformHttp Http => new(this, "any");

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        public async Task By(Func<Task> call)
        {
            var before = of.Count;
            await Should.ThrowAsync<Exception>(call);
            of.Count.ShouldBe(before + 1);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            of.Add(request.RequestUri!.GetLeftPart(UriPartial.Path));
            throw new HttpRequestException("Nobody is asked in a test.");
        }
    }
}
