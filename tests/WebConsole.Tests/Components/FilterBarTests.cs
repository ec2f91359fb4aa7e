using Bunit;
using Microsoft.Extensions.DependencyInjection;
using WebConsole.Apis;
using WebConsole.Creators;

namespace WebConsole.Tests.Components;

public sealed class FilterBarTests : Rendering
{
    private static readonly Facets Counted = new(
        9, [new("InstagramInsights", [new("Connected", 6), new("Expired", 1), new("Invalidated", 2), new("NotConnected", 1204)])], [new("Clicked", 3)], 4, [new(14, 5)]);

    private CreatorFilter? asked;

    public FilterBarTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Render<MudBlazor.MudPopoverProvider>();
    }

    [Fact]
    public void Every_value_of_a_filter_shows_how_many_creators_it_would_leave()
    {
        var bar = Draw(new(Connections: ["InstagramInsights:Expired"], Outreach: "Clicked", ExpiringWithin: "14"));

        bar.FindAll("[aria-label='Instagram Insights status'] .facet").Select(count => count.TextContent).ShouldBe(["6", "1", "2", "1,204"]);
        bar.Find("[aria-label='Last message'] [data-filter-status=Clicked] .facet").TextContent.ShouldBe("3");
        bar.Find("[data-filter-expiring] option[selected]").TextContent.ShouldBe("14 days (5)");
    }

    [Fact]
    public void A_status_that_is_ticked_joins_those_of_its_type_and_leaves_the_other_types_alone()
    {
        var bar = Draw(new(Connections: ["TikTokInsights:Connected", "InstagramInsights:Invalidated"]));

        bar.Find("[aria-label='Instagram Insights status'] [data-filter-status=Expired]").Click();

        asked.ShouldBe(new(Connections: ["TikTokInsights:Connected", "InstagramInsights:Expired,Invalidated"]));
    }

    [Fact]
    public void An_old_address_with_type_and_status_is_ticked_and_changed_like_any_other()
    {
        var bar = Draw(new(Type: "InstagramInsights", Status: "Expired"));
        bar.Find("[data-filter-status=Expired]").GetAttribute("aria-pressed").ShouldBe("true");

        bar.Find("[data-filter-status=Invalidated]").Click();

        asked.ShouldBe(new(Connections: ["InstagramInsights:Expired,Invalidated"]));
    }

    [Fact]
    public void What_is_typed_stays_while_an_older_search_comes_back_as_the_address()
    {
        var bar = Draw(new());
        var search = bar.Find("input[type=search]");
        search.Input("ana");
        bar.WaitForAssertion(() => asked.ShouldBe(new(Search: "ana")));
        search.Input("ana co");

        bar.Render(with => with.Add(drawn => drawn.Filter, new(Search: "ana")));

        bar.Find("input[type=search]").GetAttribute("value").ShouldBe("ana co");
    }

    [Fact]
    public void The_address_says_all_and_the_service_is_not_asked_what_is_still_being_chosen()
    {
        var filter = new CreatorFilter(Search: "ana", Connections: ["TikTokInsights", "InstagramInsights:Expired"], Missing: true, ExpiringWithin: "7", Sort: "-lastOutreach");

        filter.Query().ToString().ShouldBe("?search=ana&connection=TikTokInsights&connection=InstagramInsights%3AExpired&missing=true&expiringWithin=7&sort=-lastOutreach");
        filter.Asked().ToString().ShouldBe("?search=ana&connection=InstagramInsights%3AExpired&missing=true&expiringWithin=7&sort=-lastOutreach");
        filter.Recipients().ShouldBe("search=ana&connection=InstagramInsights%3AExpired&missing=true&expiringWithin=7");
    }

    private IRenderedComponent<FilterBar> Draw(CreatorFilter filter) => Render<FilterBar>(with => with
        .Add(bar => bar.Filter, filter)
        .Add(bar => bar.Types, ["InstagramInsights", "TikTokInsights"])
        .Add(bar => bar.Facets, Counted)
        .Add(bar => bar.FilterChanged, changed => asked = changed));
}
