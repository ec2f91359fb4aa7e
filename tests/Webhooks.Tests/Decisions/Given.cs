using System.Text.Json;
using EventSourcing;

namespace Webhooks.Tests.Decisions;

/// <summary>Given what happened, when something is decided, then exactly these facts or this refusal.</summary>
internal sealed record Given(params IReadOnlyList<object> Events)
{
    public Decided When(Func<WebhookEndpoint?, Decision> decide) => new(decide(StreamFold<WebhookEndpoint>.Of(Events)));
}

internal sealed record Decided(Decision Decision)
{
    // Compared as the store would keep them: lists in records are equal by reference only.
    public void Then(params IReadOnlyList<object> events) => Written(Decision.ShouldBeOfType<Decision.Recorded>().Events).ShouldBe(Written(events));

    public void ThenNothing() => Decision.ShouldBe(Decision.Nothing);

    public void ThenRefused(RefusalKind kind, string code)
    {
        var refusal = Decision.ShouldBeOfType<Decision.Refused>();
        (refusal.Kind, refusal.Code).ShouldBe((kind, code));
        refusal.Detail.ShouldEndWith(".");
    }

    private static string[] Written(IEnumerable<object> events) => [.. events.Select(e => $"{e.GetType().Name} {JsonSerializer.Serialize(e, e.GetType())}")];
}
