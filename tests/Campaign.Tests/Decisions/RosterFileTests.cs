using System.Text;
using Campaigns.Import;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class RosterFileTests
{
    [Theory]
    [InlineData("name,email,locale\nAna,ana@example.com,en\n")]
    [InlineData("name;email;locale\r\nAna;ana@example.com;en\r\n")]
    [InlineData("name\temail\tlocale\r\nAna\tana@example.com\ten")]
    [InlineData("\uFEFFname,email,locale\nAna,ana@example.com,en\n")]
    [InlineData("Locale, E-Mail ,NAME\nen , ana@example.com,  Ana\n")]
    [InlineData("\"name\",\"email\",\"locale\"\n\"Ana\",\"ana@example.com\",\"en\"\n")]
    [InlineData("sep=;\nname;email;locale\nAna;ana@example.com;en\n")]
    [InlineData("name,email,locale\n\n,,\nAna,ana@example.com,en\n , ,\n")]
    public async Task A_row_is_read_however_it_is_written(string text)
    {
        var row = (await Read(text)).Rows.ShouldHaveSingleItem();
        (row.Name, row.Email, row.Locale, row.TimeZone, row.CreatorId, row.Flaw).ShouldBe(("Ana", "ana@example.com", "en", null, null, null));
    }

    [Fact]
    public async Task Every_column_is_read_and_others_are_told()
    {
        var (file, rows) = await Read("creator_id,TikTok,notes,Time Zone,youtube,Instagram\n7,@ana,\"two\nlines\",Europe/Lisbon,,ana.i\n8\n");
        file.IgnoredColumns.ShouldBe(["notes"]);
        (rows[0].Line, rows[0].CreatorId, rows[0].TimeZone).ShouldBe((2, "7", "Europe/Lisbon"));
        rows[0].Handles.ShouldBe(new Dictionary<string, string?> { ["instagram"] = "ana.i", ["tiktok"] = "@ana" }, ignoreOrder: true);
        (rows[1].Line, rows[1].CreatorId, rows[1].Handles.Count, rows[1].Flaw).ShouldBe((4, "8", 0, null));
    }

    [Theory]
    [InlineData("", "csv.header-missing")]
    [InlineData("Ana,ana@example.com\nBo,bo@example.com\n", "csv.header-missing")]
    [InlineData("name,locale\nAna,en\n", "csv.header-missing")]
    [InlineData("email\nana@example.com\n", "csv.header-missing")]
    [InlineData("name,email,E-Mail\nAna,a@example.com,b@example.com\n", "csv.header-repeated")]
    public async Task A_file_whose_columns_are_not_those_of_a_roster_is_refused(string text, string code)
    {
        var (_, flaw) = await RosterFile.Open(Bytes(text), TestContext.Current.CancellationToken);
        flaw!.Code.ShouldBe(code);
        flaw.Detail.ShouldNotContain("@");
    }

    [Theory]
    [InlineData("name,email\nMaya, Ana,ana@example.com\n", null, "csv.cells-too-many")]
    [InlineData("name,email\n\"Ana\" Maya,ana@example.com\n", null, "csv.quotes-misplaced")]
    public async Task A_row_that_cannot_mean_what_it_says_is_told_by_its_line(string text, string? column, string code)
    {
        var flaw = (await Read($"{text}Bo,bo@example.com\n")).Rows.Select(row => row.Flaw).ToArray();
        (flaw[0]!.Line, flaw[0]!.Column, flaw[0]!.Code).ShouldBe((2, column, code));
        flaw[1].ShouldBeNull();
    }

    [Fact]
    public async Task A_quote_within_a_name_is_part_of_it() =>
        (await Read("name,email\nAna \"The A\" Maya,ana@example.com\n\"Bo \"\"B\"\" Li\",bo@example.com\n")).Rows.Select(row => row.Name).ShouldBe(["Ana \"The A\" Maya", "Bo \"B\" Li"]);

    [Fact]
    public async Task Letters_that_are_not_utf8_are_told_by_line_and_column()
    {
        var body = new MemoryStream(Encoding.Latin1.GetBytes("email,name\na@example.com,Åsa\nbo@example.com,Bo\n"));
        var (_, rows) = await Read(body);
        (rows[0].Flaw!.Line, rows[0].Flaw!.Column, rows[0].Flaw!.Code).ShouldBe((2, "name", "csv.not-utf8"));
        rows[1].Flaw.ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50_000)]
    public async Task A_quote_that_is_never_closed_ends_the_reading_and_is_told_by_its_line(int rowsBehind)
    {
        var behind = string.Concat(Enumerable.Range(0, rowsBehind).Select(i => $"Bo,bo{i}@example.com\n"));
        var (file, rows) = await Read($"name,email\nAna,ana@example.com\n\"Cleo,cleo@example.com\n{behind}");
        rows.ShouldHaveSingleItem().Name.ShouldBe("Ana");
        file.Broken!.Code.ShouldBe("csv.unreadable");
        file.Broken.Detail.ShouldContain("line 3 ");
    }

    private static Task<(RosterFile File, IReadOnlyList<ImportRow> Rows)> Read(string text) => Read(Bytes(text));

    private static async Task<(RosterFile File, IReadOnlyList<ImportRow> Rows)> Read(Stream body)
    {
        var (file, flaw) = await RosterFile.Open(body, TestContext.Current.CancellationToken);
        await using var opened = file;
        flaw.ShouldBeNull();
        return (file, await file.Rows(TestContext.Current.CancellationToken).ToListAsync());
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
