using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>Every metric has a unit and few series, and is in the table that operators read.</summary>
public sealed class MetricRules
{
    private static readonly string[] PerPersonOrTenant = ["organization", "tenant", "creator", "connection", "campaign", "outreach", "delivery", "message_id"];

    private static readonly IReadOnlyList<(string Name, string? Unit)> InCode =
    [
        .. Repository.Sources("services")
            .SelectMany(source => CSharpSyntaxTree.ParseText(source.Text, path: source.Path).GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>())
            .Select(Metric).OfType<(string, string?)>(),
    ];

    private static readonly IReadOnlyList<(string Name, string Unit, string[] Tags)> InTable =
    [
        .. Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/telemetry.md")), "^\\| `([a-z_.]+)` \\| `([^`]+)` \\| ([^|]*)\\|", RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))),
    ];

    [Fact]
    public void The_table_of_metrics_names_each_with_its_unit_and_no_other()
    {
        InCode.Count.ShouldBeGreaterThan(12);
        InTable.Select(row => (row.Name, (string?)row.Unit)).ShouldBe(InCode.Distinct(), ignoreOrder: true);
    }

    [Fact]
    public void No_metric_is_counted_per_person_or_organization()
    {
        InTable.SelectMany(row => row.Tags).Count().ShouldBeGreaterThan(15);
        InTable.Where(row => row.Tags.Intersect(PerPersonOrTenant).Any()).Select(row => row.Name).ShouldBeEmpty();
    }

    private static (string Name, string? Unit)? Metric(InvocationExpressionSyntax call)
    {
        var method = call.Expression is MemberAccessExpressionSyntax member ? member.Name.Identifier.Text : "";
        var texts = call.ArgumentList.Arguments.Select(argument => argument.Expression).OfType<LiteralExpressionSyntax>().Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression)).Select(literal => literal.Token.ValueText).ToList();
        var of = method is "AddRowGauge" ? 1 : Regex.IsMatch(method, "^Create(Observable)?(Counter|Gauge|UpDownCounter)$|^CreateHistogram$") ? 0 : -1;
        return of < 0 || texts.Count <= of ? null : (texts[of], texts.Skip(of + 1).FirstOrDefault(text => Regex.IsMatch(text, "^(\\{[a-z]+\\}|s|1|By)$")));
    }
}
