using System.Text.RegularExpressions;
using EventSourcing;
using Npgsql;
using Webhooks.Sending;

namespace Webhooks.Tests.Features;

/// <summary>What a look for something to send costs where there are many endpoints.</summary>
public sealed partial class LookTests
{
    private const int Endpoints = 3_000;
    private const int PagesPerLook = 500;

    [Fact]
    public async Task A_look_reads_of_the_endpoints_that_something_is_due_for_and_not_of_thousands_that_wait_for_nothing()
    {
        await using var surroundings = await Surroundings.Build();
        await using (await surroundings.Start())
        {
            // It made the tables, and would take what is to be looked for.
        }

        await using var source = NpgsqlDataSource.Create(surroundings.Database);
        await using (var fill = source.CreateCommand($"""
            insert into webhooks.endpoint (tenant_id, endpoint_id, url, description, types, paused, revision, created_at)
                select 'organization-' || n / 50, gen_random_uuid(), 'https://hooks.example.com/' || n, '', '{"{}"}', case when n = 2 then 'Manual' end, 1, now() from generate_series(1, {Endpoints}) n;
            insert into webhooks.lane (tenant_id, endpoint_id, subject, is_test, due_at)
                select tenant_id, endpoint_id, 'subject-' || n, false, now() + case when url like '%/3' then 1 else -1 end * interval '1 minute'
                from webhooks.endpoint, generate_series(1, 20) n where url ~ '/[1-5]$';
            analyze webhooks.endpoint, webhooks.lane
            """))
        {
            await fill.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var look = source.CreateCommand($"explain (analyze, buffers, costs off) {Lanes.TakeDue}");
        look.With(DateTimeOffset.UtcNow, Array.Empty<Guid>(), Array.Empty<int>(), 8, 512, Guid.CreateVersion7(), DateTimeOffset.UtcNow.AddMinutes(1), Array.Empty<bool>());
        await using var reader = await look.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var plan = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            plan.Add(reader.GetString(0));
        }

        // Of five that something waits for, one is paused and one is to be sent to later.
        var read = Pages().Match(string.Join('\n', plan)).Groups["pages"].Value;
        int.Parse(read, System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(PagesPerLook, string.Join('\n', plan));
        (await surroundings.Ask<long>("select count(*) from webhooks.lane where lease is not null")).ShouldBe(3 * 8);
        (await surroundings.Ask<long>("select count(distinct endpoint_id) from webhooks.lane where lease is not null")).ShouldBe(3);
    }

    [GeneratedRegex(@"Buffers: shared hit=(?<pages>\d+)")]
    private static partial Regex Pages();
}
