using System.Security.Cryptography;
using System.Text.Json;

namespace EventSourcing.Operations;

/// <summary>An operator's command is about to be carried out. Written first: what a crash cuts short is on record too.</summary>
/// <param name="Command">Its name: <c>dead-letters.requeue</c>.</param>
/// <param name="By">The client or person of the access token: an id, never a name.</param>
/// <param name="On">What it is done to.</param>
/// <param name="Reason">Why, where the operator has to say.</param>
/// <param name="Request">A digest of the whole request, to tell a repetition from another request under the same key.</param>
public sealed record OperatorCommandBegun(string Command, string By, string? On, string? Reason, string Request);

/// <summary>It has ended.</summary>
/// <param name="Outcome"><see cref="CommandState.Done"/> or <see cref="CommandState.Failed"/>.</param>
/// <param name="Affected">To how many things something was done.</param>
public sealed record OperatorCommandEnded(string Outcome, long Affected);

/// <summary>What became of a command.</summary>
public static class CommandState
{
    /// <summary>It did what it says.</summary>
    public const string Done = nameof(Done);

    /// <summary>It did not, or not all of it. The log has the fault.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>It is being carried out, or was when its process ended.</summary>
    public const string UnderWay = nameof(UnderWay);
}

/// <summary>One command of an operator: its own stream, so that two copies of a request meet in it.</summary>
public sealed record OperatorCommand(Guid Id, string Request, long? Affected, string State) : IStreamState<OperatorCommand>
{
    /// <summary>Well-formed for the store and for no token: nobody's organization can be called so.</summary>
    public const string Tenant = "_operations";

    /// <summary>The state after an event.</summary>
    public static OperatorCommand? Fold(OperatorCommand? state, object @event) => (state, @event) switch
    {
        (null, OperatorCommandBegun e) => new(Guid.Empty, e.Request, null, CommandState.UnderWay),
        ({ } command, OperatorCommandEnded e) => command with { Affected = e.Affected, State = e.Outcome },
        _ => state,
    };

    /// <summary>Begins; one that was begun and never ended is begun again under its first record.</summary>
    public static Decision Begin(OperatorCommand? state, OperatorCommandBegun begun) => state switch
    {
        null => Decision.Of(begun),
        _ when state.Request == begun.Request => Decision.Nothing,
        _ => IdempotencyKey.Reused,
    };

    /// <summary>Ends. One that failed may be repeated, and its end is what came last.</summary>
    public static Decision End(OperatorCommand? state, OperatorCommandEnded ended) =>
        state is null or { State: CommandState.Done } ? Decision.Nothing : Decision.Of(ended);

    internal static string Digest(string command, object? request) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { command, request }, JsonSerializerOptions.Web)))[..32];
}
