using System.Diagnostics;
using Npgsql;

namespace Benchmarks;

/// <summary>A roster of 100,000 creators as a spreadsheet, from a service in a process of its own: how long it takes and what memory.</summary>
internal static class Export
{
    private const string Organization = "aurora";
    private const int Rounds = 3;

    public static async Task<int> Run(Servers servers, int creators)
    {
        var (database, broker) = (await servers.Database("campaign"), await servers.VirtualHost());
        await using var around = await Around.Start();
        await using var service = await ServiceProcess.Start(
            "Campaign",
            ("ConnectionStrings:campaign", database), ("ConnectionStrings:rabbitmq", broker.ToString()), ("Authentication:Authority", around.Address), ("Authentication:Audience", "creator-connections"));
        using var client = around.Client(service.Address, Organization, "campaigns.read");
        await using var source = NpgsqlDataSource.Create(database);
        var campaign = await Seed(source, creators);

        // Once without counting, of few: the compiler.
        await Read(client, $"/v1/campaigns/{campaign}/creators.csv?search=creator-00001");
        var times = new List<double>();
        var (before, lines) = (service.Resident(), 0);
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            lines = await Read(client, $"/v1/campaigns/{campaign}/creators.csv");
            times.Add(watch.Elapsed.TotalSeconds);
            Console.WriteLine($"round {round + 1}: {lines - 1:n0} rows in {times[^1]:0.0} s, {service.Resident() / (1024.0 * 1024):0} MB resident");
        }

        var grown = (service.Peak() - before) / (1024.0 * 1024);
        Console.WriteLine();
        Console.WriteLine($"{creators:n0} rows in {times.Order().ElementAt(Rounds / 2):0.0} s (median of {Rounds}); the most the service held more than before: {grown:0} MB.");
        return Bars.Report(("every row is there", lines == creators + 1), ("at most 300 MB more than before", grown <= 300));
    }

    private static async Task<int> Read(HttpClient client, string address)
    {
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var lines = 0;
        while (await reader.ReadLineAsync() is not null)
        {
            lines++;
        }

        return lines;
    }

    // The views as they would be after as many registrations; two columns, every other creator green in the first.
    private static async Task<Guid> Seed(NpgsqlDataSource source, int creators)
    {
        var campaign = Guid.CreateVersion7();
        await Run("insert into campaign.plan_a (tenant_id, campaign_id, name, starts_on, ends_on, required_connections, planned_at) values ($1, $2, 'Spring', '2027-03-01', '2027-12-31', '{InstagramInsights,YouTubeInsights}', now())");
        await Run($$"""
            insert into campaign.roster_a (tenant_id, campaign_id, creator_id, on_roster, since, sequence, standing, sort_name)
            select $1, $2, md5(n::text)::uuid, true, now(), 1, n % 2, 'creator-' || lpad(n::text, 6, '0') from generate_series(1, {{creators}}) n
            """);
        await Run($$"""
            insert into campaign.creator_connection_a (tenant_id, creator_id, type, status, since, connection_id, sequence, noted_at, expiry_sequence)
            select $1, md5(n::text)::uuid, 'InstagramInsights', 'Connected', now(), gen_random_uuid(), 1, now(), 0 from generate_series(1, {{creators}}, 2) n where $2::uuid is not null
            """);
        await Run($$"""
            insert into campaign.mt_doc_creatorprofile (tenant_id, id, email_key, sort_name, mt_dotnet_type, data)
            select $1, md5(n::text)::uuid, 'c' || n || '@creators.example', 'creator-' || lpad(n::text, 6, '0'), 'Campaigns.CreatorProfile',
                   jsonb_build_object('Id', md5(n::text)::uuid, 'Name', 'Creator-' || lpad(n::text, 6, '0'), 'Email', 'c' || n || '@creators.example', 'Locale', 'en', 'Revision', 1,
                                      'Handles', jsonb_build_object('instagram', 'creator.' || n), 'SearchText', 'creator-' || lpad(n::text, 6, '0'))
            from generate_series(1, {{creators}}) n where $2::uuid is not null
            """);
        await Run("insert into campaign.standing_count_a (tenant_id, campaign_id, standing, creators) select $1, $2, standing, count(*) from campaign.roster_a where tenant_id = $1 group by standing");
        await using var analyze = source.CreateCommand("analyze");
        await analyze.ExecuteNonQueryAsync();
        return campaign;

        async Task Run(string sql)
        {
            await using var command = source.CreateCommand(sql);
            command.CommandTimeout = 300;
            command.Parameters.Add(new() { Value = Organization });
            command.Parameters.Add(new() { Value = campaign });
            await command.ExecuteNonQueryAsync();
        }
    }
}
