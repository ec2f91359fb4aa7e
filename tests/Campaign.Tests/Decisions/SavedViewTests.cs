using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class SavedViewTests
{
    [Fact]
    public void A_view_is_tidied_before_it_is_kept()
    {
        var view = SavedView.Of(Guid.NewGuid(), " Gréy on YouTube ", "?type=YouTubeInsights&status=NotConnected", true, null);
        (view.Name, view.NameKey, view.Query, view.Columns.Count).ShouldBe(("Gréy on YouTube", "grey on youtube", "type=YouTubeInsights&status=NotConnected", 0));
        view.Flaw().ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Type=YouTubeInsights")]
    [InlineData("type=YouTubeInsights&status=Expired,Invalidated&missing=true&search=a%20b&sort=name&expiringWithin=14&outreach=none&connection=InstagramInsights:Connected")]
    public void A_view_may_hold_whatever_the_list_can_be_asked_for(string query) => SavedView.Of(Guid.NewGuid(), "Mine", query, false, ["InstagramInsights"]).Flaw().ShouldBeNull();

    [Fact]
    public void What_cannot_be_right_is_refused_with_its_field()
    {
        Refused(SavedView.Of(Guid.NewGuid(), " ", "", false, null), "name.invalid", "name");
        Refused(SavedView.Of(Guid.NewGuid(), new('x', 101), "", false, null), "name.invalid", "name");
        Refused(SavedView.Of(Guid.NewGuid(), "Mine", "cursor=abc", false, null), "view.query-invalid", "query");
        Refused(SavedView.Of(Guid.NewGuid(), "Mine", $"search={new string('x', 2000)}", false, null), "view.query-invalid", "query");
        Refused(SavedView.Of(Guid.NewGuid(), "Mine", "search=a\r\nb", false, null), "view.query-invalid", "query");
        Refused(SavedView.Of(Guid.NewGuid(), "Mine", "", false, [.. Enumerable.Repeat("name", 51)]), "view.columns-invalid", "columns");
        Refused(SavedView.Of(Guid.NewGuid(), "Mine", "", false, [""]), "view.columns-invalid", "columns");

        static void Refused(SavedView view, string code, string field) => (view.Flaw()?.Code, view.Flaw()?.Field).ShouldBe((code, field));
    }
}
