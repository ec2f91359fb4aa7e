using Npgsql;

namespace Outreach;

/// <summary>Finds whose a delivery is where nothing but its id is known: a mail server that gives a message back knows no organizations.</summary>
public sealed class DeliveryLookup(NpgsqlDataSource source)
{
    public async Task<(string Organization, Recipient Recipient)?> Find(Guid delivery, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select tenant_id, outreach_id, campaign_id, creator_id, template from outreach.recipients where delivery_id = $1");
        command.Parameters.Add(new() { Value = delivery });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? (reader.GetString(0), Recipient.Of(reader.GetGuid(1), reader.GetGuid(2), reader.GetGuid(3), reader.GetString(4)))
            : null;
    }
}
