using Connections.Hub;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>Somebody looks up a data deletion by the code their platform showed them.</summary>
public static class ShowDeletion
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/hub/deletions/{code:length(16)}", Handle).WithName(nameof(ShowDeletion)).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Handle(string code, HttpContext http, NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            select applied_at is not null from {ConnectionTables.Schema}.platform_notice
            where reason = $1 and lower(left(fingerprint, 16)) = $2
            """);
        command.With(InvalidReason.DataDeletionRequested, code.ToLowerInvariant());
        return await command.ExecuteScalarAsync(ct) switch
        {
            true => HubResponse.Message(http, StatusCodes.Status200OK, "Your data is deleted", "The access you had given, and what we had stored of the account, is gone."),
            false => HubResponse.Message(http, StatusCodes.Status200OK, "Your request has arrived", "We are deleting what we had stored. Look again in a minute."),
            _ => HubResponse.Message(http, StatusCodes.Status404NotFound, "We do not know this code", "Check the code that the platform showed you."),
        };
    }
}
