using EventSourcing;

namespace Outreach.Tests.Decisions;

/// <summary>Given what happened, when something is decided, then exactly these facts or this refusal.</summary>
internal sealed record Given<T>(params IReadOnlyList<object> Events)
    where T : class, IStreamState<T>
{
    public Decided When(Func<T?, Decision> decide) => new(decide(StreamFold<T>.Of(Events)));
}

internal sealed record Decided(Decision Decision)
{
    public void Then(params IReadOnlyList<object> events) => Decision.ShouldBeOfType<Decision.Recorded>().Events.ShouldBe(events);

    public void ThenNothing() => Decision.ShouldBe(Decision.Nothing);

    public void ThenRefused(RefusalKind kind, string code)
    {
        var refusal = Decision.ShouldBeOfType<Decision.Refused>();
        (refusal.Kind, refusal.Code).ShouldBe((kind, code));
        refusal.Detail.ShouldEndWith(".");
    }
}
