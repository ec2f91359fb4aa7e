using System.Net;
using CreatorConnections.Contracts.Campaigns;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class FeedTests(CampaignHost campaign)
{
    [Fact]
    public async Task Who_has_never_listened_reads_from_the_feed_what_was_published()
    {
        var (organization, other) = (CampaignHost.NewOrganization(), CampaignHost.NewOrganization());
        var creator = await campaign.As(organization).Register("Ana");
        await campaign.As(other).Register("Ben");
        var published = await Eventually.Get(
            () => campaign.Bus.Heard<CreatorRegistered>().SingleOrDefault(message => message.Body.GetProperty("creatorId").GetGuid() == creator), message => message is not null);

        var page = await (await campaign.Host.As(organization, "events.read").GetAsync("/v1/events?types=CreatorRegistered&wait=20", TestContext.Current.CancellationToken)).Json();

        var item = page.GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        item.GetProperty("messageId").GetString().ShouldBe(published!.MessageId);
        item.GetProperty("routingKey").GetString().ShouldBe($"{organization}.campaigns.CreatorRegistered");
        System.Text.Json.JsonElement.DeepEquals(item.GetProperty("body"), published.Body).ShouldBeTrue();
    }

    [Fact]
    public async Task The_feed_asks_for_its_own_scope_and_names_the_types_there_are()
    {
        var refused = await campaign.As(CampaignHost.NewOrganization()).GetAsync("/v1/events", TestContext.Current.CancellationToken);
        var unknown = await campaign.Host.As(CampaignHost.NewOrganization(), "events.read").GetAsync("/v1/events?types=ConnectionGranted", TestContext.Current.CancellationToken);

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Json()).GetProperty("code").GetString().ShouldBe("scope.missing");
        unknown.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await unknown.Json()).GetProperty("detail").GetString().ShouldEndWith("It publishes CampaignConnectionsConfigured, CampaignCreated, CreatorAddedToCampaign, CreatorRegistered, CreatorRemovedFromCampaign, OrganizationConnectionsConfigured, OrganizationNamed.");
    }
}
