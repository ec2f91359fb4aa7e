using System.Globalization;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Ast;
using Fluid.Parser;

namespace Outreach;

/// <summary>
/// The part of Liquid that templates may use: printing, conditions and harmless filters. Loops, variables and includes are left out: a message
/// has no lists, and without them the work of rendering is bounded by the length of the template.
/// </summary>
internal static partial class Liquid
{
    /// <summary>Filters that return encoded text as it is (<c>raw</c>) or can make a long text out of a short one (<c>replace</c>) are not among them.</summary>
    public static readonly IReadOnlyList<string> Filters =
        ["append", "capitalize", "default", "downcase", "lstrip", "prepend", "rstrip", "strip", "truncate", "truncatewords", "upcase", "url_encode"];

    public static readonly IReadOnlyList<string> Tags = ["if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase"];

    /// <summary>Limits beneath the ones a template is checked for when it is saved. Without a file provider, nothing can be included.</summary>
    public static TemplateOptions Options { get; } = new()
    {
        MemberAccessStrategy = new UnsafeMemberAccessStrategy(),
        MaxSteps = 50_000,
        MaxRecursion = 50,
    };

    private static readonly FluidParser Parser = Restricted();

    /// <summary>The parsed template; throws where <see cref="TryParse"/> fails.</summary>
    public static IFluidTemplate Parse(string source) => Parser.Parse(source);

    /// <summary>Parses, or says what is wrong and at which character.</summary>
    public static IFluidTemplate? TryParse(string source, out string message, out int offset)
    {
        (message, offset) = ("", 0);
        try
        {
            if (Parser.Grammar.TryParse(new FluidParseContext(source), out var statements, out var error) && error is null)
            {
                return new FluidTemplate(statements);
            }

            (message, offset) = (error?.Message ?? "This cannot be read", error?.Position.Offset ?? 0);
        }
        catch (ParseException e)
        {
            // Thrown where a tag stands outside its block; the position is only in the words.
            var place = Place().Match(e.Message);
            message = place.Success ? e.Message[..place.Index] : e.Message;
            offset = place.Success ? OffsetOf(source, int.Parse(place.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(place.Groups[2].Value, CultureInfo.InvariantCulture)) : 0;
        }

        return null;
    }

    private static int OffsetOf(string source, int line, int column)
    {
        var start = 0;
        for (var i = 1; i < line; i++)
        {
            start = source.IndexOf('\n', start) + 1;
        }

        return start + column - 1;
    }

    [GeneratedRegex(@" at \((\d+):(\d+)\)")]
    private static partial Regex Place();

    private static FluidParser Restricted()
    {
        var parser = new FluidParser();
        foreach (var tag in parser.RegisteredTags.Keys.Except(Tags).ToArray())
        {
            parser.RegisteredTags.Remove(tag);
        }

        return parser;
    }
}

/// <summary>What a parsed template uses. Read from the parsed form, so that an empty field is found before anything is rendered.</summary>
internal sealed class LiquidUse : AstVisitor
{
    private readonly Stack<HashSet<string>> guards = [];

    public HashSet<string> Fields { get; } = [];

    /// <summary>Fields without which the message has a hole: printed with no <c>default</c>, and not where a condition has asked for them.</summary>
    public HashSet<string> Required { get; } = [];

    public HashSet<string> Filters { get; } = [];

    public static LiquidUse Of(params IEnumerable<IFluidTemplate> templates)
    {
        var use = new LiquidUse();
        foreach (var template in templates)
        {
            use.VisitTemplate(template);
        }

        return use;
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        // An indexer is no name of a merge field, and reads as one that does not exist.
        var name = string.Join('.', memberExpression.Segments.Select(segment => segment is IdentifierSegment named ? named.Identifier : "[]"));
        Fields.Add(name);
        if (!guards.Any(guard => guard.Contains(name)))
        {
            Required.Add(name);
        }

        return base.VisitMemberExpression(memberExpression);
    }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        Filters.Add(filterExpression.Name);
        if (filterExpression.Name != "default")
        {
            return base.VisitFilterExpression(filterExpression);
        }

        Guarded([filterExpression.Input], () => Visit(filterExpression.Input));
        foreach (var parameter in filterExpression.Parameters)
        {
            Visit(parameter.Expression);
        }

        return filterExpression;
    }

    protected override Statement VisitIfStatement(IfStatement ifStatement)
    {
        Guarded([ifStatement.Condition, .. ifStatement.ElseIfs.Select(branch => branch.Condition)], () => base.VisitIfStatement(ifStatement));
        return ifStatement;
    }

    protected override Statement VisitUnlessStatement(UnlessStatement unlessStatement)
    {
        Guarded([unlessStatement.Condition], () => base.VisitUnlessStatement(unlessStatement));
        return unlessStatement;
    }

    protected override Statement VisitCaseStatement(CaseStatement caseStatement)
    {
        Guarded([caseStatement.Expression], () => base.VisitCaseStatement(caseStatement));
        return caseStatement;
    }

    private void Guarded(IEnumerable<Expression> conditions, Action visit)
    {
        var asked = new LiquidUse();
        foreach (var condition in conditions)
        {
            asked.Visit(condition);
        }

        guards.Push(asked.Fields);
        visit();
        guards.Pop();
    }
}
