using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AppHost.Tests;

/// <summary>One project as AppHost.cs adds it, read from the syntax tree: where Aspire cannot be restored, AppHost.cs is not even compiled.</summary>
internal sealed record AddedProject(
    string Type,
    string Resource,
    string? Variable,
    IReadOnlyList<string> References,
    IReadOnlyList<string> Waits,
    IReadOnlyList<(string Setting, string Parameter)> Secrets,
    string? SettingsOf,
    string? PortOf,
    string? Health);

internal static class AppHostTree
{
    public static CompilationUnitSyntax Parse(string file) =>
        CSharpSyntaxTree.ParseText(Repository.Read(file), cancellationToken: TestContext.Current.CancellationToken).GetCompilationUnitRoot(TestContext.Current.CancellationToken);

    /// <summary>Every chain that begins with builder.AddProject.</summary>
    public static IReadOnlyList<AddedProject> Projects(CompilationUnitSyntax unit) =>
    [
        .. from add in Calls(unit)
           where Name(add) == "AddProject"
           let chain = Chain(add).ToList()
           select new AddedProject(
               TypeArgument(add),
               Property(add.ArgumentList.Arguments[0]),
               chain[^1].Parent is EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax variable } ? variable.Identifier.Text : null,
               [.. Arguments(chain, "WithReference")],
               [.. Arguments(chain, "WaitFor")],
               [.. chain.Where(call => Name(call) == "WithEnvironment").Select(call => (Text(call.ArgumentList.Arguments[0]), call.ArgumentList.Arguments[1].ToString()))],
               chain.Where(call => Name(call) == "WithSettings").Select(call => Property(call.ArgumentList.Arguments[0])).SingleOrDefault(),
               chain.Where(call => Name(call) == "WithHttpEndpoint").Select(call => Property(call.ArgumentList.Arguments[0])).SingleOrDefault(),
               chain.Where(call => Name(call) == "WithHttpHealthCheck").Select(call => Text(call.ArgumentList.Arguments[0])).SingleOrDefault()),
    ];

    /// <summary>Parameter variable to the constant of <see cref="Secrets"/> that names it.</summary>
    public static Dictionary<string, string> Parameters(CompilationUnitSyntax unit) => Calls(unit)
        .Where(call => Name(call) == "AddParameter")
        .ToDictionary(
            call => ((VariableDeclaratorSyntax)call.Parent!.Parent!).Identifier.Text,
            call => (string)typeof(Secrets).GetField(call.ArgumentList.Arguments[0].ToString().Split('.')[^1])!.GetRawConstantValue()!);

    public static IEnumerable<InvocationExpressionSyntax> Calls(CompilationUnitSyntax unit) => unit.DescendantNodes().OfType<InvocationExpressionSyntax>();

    public static string Name(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
        _ => call.Expression.ToString(),
    };

    /// <summary>topology.Campaign.Port gives Campaign, topology.Campaign too.</summary>
    public static string Property(ArgumentSyntax argument) => argument.Expression.ToString().Split('.') switch
    {
        ["topology", var property, ..] => property,
        _ => throw new InvalidOperationException($"{argument} is not taken from the topology."),
    };

    private static string TypeArgument(InvocationExpressionSyntax call) =>
        ((GenericNameSyntax)((MemberAccessExpressionSyntax)call.Expression).Name).TypeArgumentList.Arguments[0].ToString();

    private static IEnumerable<string> Arguments(IEnumerable<InvocationExpressionSyntax> chain, string name) =>
        chain.Where(call => Name(call) == name).Select(call => call.ArgumentList.Arguments[0].ToString());

    private static string Text(ArgumentSyntax argument) => ((LiteralExpressionSyntax)argument.Expression).Token.ValueText;

    private static IEnumerable<InvocationExpressionSyntax> Chain(InvocationExpressionSyntax first)
    {
        for (var call = first; call is not null; call = call.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax next } ? next : null)
        {
            yield return call;
        }
    }
}
