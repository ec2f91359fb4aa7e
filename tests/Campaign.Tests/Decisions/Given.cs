using System.Text.Json;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

/// <summary>Given these events, when this is decided, then exactly those events, or that refusal.</summary>
public static class Given
{
    public static State<T> Nothing<T>()
        where T : class, IStreamState<T> => new(null);

    public static State<T> Events<T>(params object[] events)
        where T : class, IStreamState<T> => new(StreamFold<T>.Of(events));

    public sealed record State<T>(T? Current)
        where T : class, IStreamState<T>
    {
        public Decision When(Func<T?, Decision> decide) => decide(Current);
    }

    /// <summary>Whole events, compared as the store would keep them.</summary>
    public static void Then(this Decision decision, params object[] events) => Written(decision.ShouldBeOfType<Decision.Recorded>().Events)
        .ShouldBe(Written(events));

    public static void ThenNothing(this Decision decision) => decision.ShouldBe(Decision.Nothing);

    public static void ThenRefused(this Decision decision, RefusalKind kind, string code, string? field = null)
    {
        var refused = decision.ShouldBeOfType<Decision.Refused>();
        (refused.Kind, refused.Code, refused.Field).ShouldBe((kind, code, field));
        refused.Detail.ShouldEndWith(".");
    }

    private static string[] Written(IEnumerable<object> events) => [.. events.Select(e => $"{e.GetType().Name} {JsonSerializer.Serialize(e, e.GetType())}")];
}
