using Campaigns.Features;
using EventSourcing;

namespace Campaigns.Tests.Decisions;

public sealed class CampaignTests
{
    private static readonly Guid Id = new("0190a000-0000-7000-8000-000000000002");
    private static readonly PlanCampaign.Request Spring = new("Spring", new(2027, 3, 1), new(2027, 3, 31), ["TikTokInsights", "InstagramInsights"]);
    private static readonly CampaignPlanned SpringPlanned = new(Id, "Spring", new(2027, 3, 1), new(2027, 3, 31), ["InstagramInsights", "TikTokInsights"]);

    [Fact]
    public void A_campaign_is_planned_with_its_connection_types_in_the_order_of_the_columns() =>
        Given.Nothing<Campaign>().When(state => PlanCampaign.Decide(state, Id, Spring with { Name = " Spring " })).Then(SpringPlanned);

    [Fact]
    public void A_connection_type_named_twice_is_required_once() => Given.Nothing<Campaign>()
        .When(state => PlanCampaign.Decide(state, Id, Spring with { RequiredConnections = ["TikTokInsights", "InstagramInsights", "TikTokInsights"] }))
        .Then(SpringPlanned);

    [Fact]
    public void The_same_request_again_changes_nothing() =>
        Given.Events<Campaign>(SpringPlanned).When(state => PlanCampaign.Decide(state, Id, Spring)).ThenNothing();

    [Fact]
    public void Another_request_under_the_same_key_is_refused()
    {
        Given.Events<Campaign>(SpringPlanned).When(state => PlanCampaign.Decide(state, Id, Spring with { Name = "Summer" }))
            .ThenRefused(RefusalKind.InvalidValue, "idempotency.key-reused", "Idempotency-Key");
        Given.Events<Campaign>(SpringPlanned).When(state => PlanCampaign.Decide(state, Id, Spring with { RequiredConnections = ["YouTubeInsights"] }))
            .ThenRefused(RefusalKind.InvalidValue, "idempotency.key-reused", "Idempotency-Key");
    }

    [Fact]
    public void A_campaign_may_last_one_day() =>
        Given.Nothing<Campaign>().When(state => PlanCampaign.Decide(state, Id, Spring with { EndsOn = Spring.StartsOn }))
            .Then(new CampaignPlanned(Id, "Spring", new(2027, 3, 1), new(2027, 3, 1), ["InstagramInsights", "TikTokInsights"]));

    [Fact]
    public void What_cannot_be_right_is_refused_with_its_field()
    {
        Refused(Spring with { Name = " " }, "name.invalid", "name");
        Refused(Spring with { Name = new('x', 201) }, "name.invalid", "name");
        Refused(Spring with { StartsOn = null }, "dates.missing", "startsOn");
        Refused(Spring with { EndsOn = null }, "dates.missing", "endsOn");
        Refused(Spring with { EndsOn = new(2027, 2, 28) }, "dates.reversed", "endsOn");
        Refused(Spring with { RequiredConnections = null }, "connection-types.missing", "requiredConnections");
        Refused(Spring with { RequiredConnections = [] }, "connection-types.missing", "requiredConnections");
        Refused(Spring with { RequiredConnections = ["InstagramInsights", "MySpaceInsights"] }, "connection-type.unknown", "requiredConnections");

        static void Refused(PlanCampaign.Request request, string code, string field) =>
            Given.Nothing<Campaign>().When(state => PlanCampaign.Decide(state, Id, request)).ThenRefused(RefusalKind.InvalidValue, code, field);
    }
}
