using Marten.Events.Daemon.Coordination;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Testing;

namespace Campaigns.Tests.Features;

[Collection(nameof(CampaignHost))]
public sealed class RebuildTests(CampaignHost campaign)
{
    private readonly string organization = CampaignHost.NewOrganization();

    [Fact]
    public async Task Views_rebuilt_from_the_events_are_the_same_and_go_on()
    {
        var client = campaign.As(organization);
        var spring = await client.Plan("Spring", "InstagramInsights");
        var (ana, bo, cleo) = (await client.Register("Ana"), await client.Register("Bo"), await client.Register("Cleo"));
        await client.Enlist(spring, ana, bo, cleo);
        await client.DeleteAsync($"/v1/campaigns/{spring}/creators/{cleo}");
        var connection = Guid.NewGuid();
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 1));
        await campaign.Bus.Say(Conversation.Expired(organization, connection, ana, 2));
        await campaign.Bus.Say(Conversation.Granted(organization, Guid.NewGuid(), bo, 1));
        await campaign.Bus.Say(Conversation.Sent(organization, Guid.NewGuid(), spring, ana, Conversation.At(1)));
        string[] signs = ["\"expired\":1", "\"connected\":1", "\"creators\":2", "template"];
        var before = await Eventually.Get(Pages, pages => signs.All(pages.Contains));

        var daemon = campaign.Host.Services.GetRequiredService<IProjectionCoordinator>().DaemonForMainDatabase();
        await daemon.RebuildProjectionAsync(nameof(CampaignViews), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        // A rebuild ends with the projection at rest: whoever asks for one starts it again.
        await daemon.StartAgentAsync($"{nameof(CampaignViews)}:All", TestContext.Current.CancellationToken);
        (await Pages()).ShouldBe(before);
        await campaign.Bus.Say(Conversation.Granted(organization, connection, ana, 3));
        await Eventually.Get(Pages, pages => pages.Contains("\"connected\":2"));

        async Task<string> Pages()
        {
            var (list, page) = (await client.Json("/v1/campaigns"), $"/v1/campaigns/{spring}");
            return $"{list}\n{await client.Json($"{page}/dashboard")}\n{await client.Json($"{page}/creators")}";
        }
    }
}
