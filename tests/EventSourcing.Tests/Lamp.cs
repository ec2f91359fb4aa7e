using System.Collections.Concurrent;
using EventSourcing.Tests.Wire;
using MassTransit;

namespace EventSourcing.Tests;

// A domain with nothing of the product in it: a workshop makes lamps, a shop shows them.
public sealed record Made(string Colour);

public sealed record Lit;

public sealed record Broken;

public sealed record Lamp(Guid Id, string Colour, bool IsLit, bool IsBroken) : IStreamState<Lamp>
{
    public static Lamp? Fold(Lamp? state, object @event) => (state, @event) switch
    {
        (null, Made e) => new(Guid.Empty, e.Colour, false, false),
        ({ } lamp, Lit) => lamp with { IsLit = true },
        ({ } lamp, Broken) => lamp with { IsLit = false, IsBroken = true },
        _ => state,
    };

    public static Decision Make(Lamp? state, string colour) => state is null ? Decision.Of(new Made(colour)) : Decision.Nothing;

    public static Decision Light(Lamp? state) => state switch
    {
        null => Decision.Unknown("lamp.unknown", "There is no such lamp."),
        { IsBroken: true } => Decision.Refuse("lamp.broken", "The lamp is broken; make a new one."),
        { IsLit: true } => Decision.Nothing,
        _ => Decision.Of(new Lit()),
    };
}

// What the shop knows of a lamp.
public sealed record Shown(long Sequence, bool IsLit);

public sealed record Display(Guid Id, long Sequence, bool IsLit, int Changes) : IStreamState<Display>
{
    public static Display? Fold(Display? state, object @event) =>
        @event is Shown e ? new(Guid.Empty, e.Sequence, e.IsLit, (state?.Changes ?? 0) + 1) : state;

    public static Decision Show(Display? state, long sequence, bool isLit) =>
        sequence <= (state?.Sequence ?? 0) ? Decision.Nothing : Decision.Of(new Shown(sequence, isLit));
}

public sealed class OnLampMade(Inbox inbox) : IConsumer<LampMade>
{
    public const string FailsTwice = "fails-twice";
    private static int failures;

    /// <summary>Lamps whose consumer fails until they are taken out: a fault that somebody mends.</summary>
    public static ConcurrentDictionary<Guid, string> Failing { get; } = new();

    public Task Consume(ConsumeContext<LampMade> context) =>
        inbox.Record<Display>(context, context.Message.OrganizationId, context.Message.LampId, display => context.Message.Colour switch
        {
            _ when Failing.TryGetValue(context.Message.LampId, out var words) => throw new InvalidOperationException(words),
            "poison" => throw new InvalidOperationException("This message cannot be understood."),
            FailsTwice when Interlocked.Increment(ref failures) <= 2 => throw new InvalidOperationException("Not yet."),
            "refused" => Decision.Refuse("lamp.not-for-us", "We do not show such lamps."),
            _ => Display.Show(display, context.Message.Sequence, isLit: false),
        });
}

public sealed class OnLampLit(Inbox inbox) : IConsumer<LampLit>
{
    public Task Consume(ConsumeContext<LampLit> context) =>
        inbox.Record<Display>(context, context.Message.OrganizationId, context.Message.LampId, display => Display.Show(display, context.Message.Sequence, isLit: true));
}

// A second thing the shop does about the same message, in a stream of its own.
public sealed record Ordered(string Colour);

public sealed record Order(Guid Id, string Colour) : IStreamState<Order>
{
    public static Guid IdOf(Guid lamp) => StreamId.Of("order", lamp.ToString("N"));

    public static Order? Fold(Order? state, object @event) => @event is Ordered e ? new(Guid.Empty, e.Colour) : state;
}

public sealed class OnLampMadeOrder(Inbox inbox) : IConsumer<LampMade>
{
    public Task Consume(ConsumeContext<LampMade> context) => inbox.Record<Order>(
        context, context.Message.OrganizationId, Order.IdOf(context.Message.LampId), order => order is null ? Decision.Of(new Ordered(context.Message.Colour)) : Decision.Nothing);
}
