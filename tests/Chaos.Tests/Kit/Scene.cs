using System.Security.Cryptography;
using Connections;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Testing;

namespace Chaos.Tests.Kit;

/// <summary>
/// A database of Connections with a crowd of connections in it, and the platforms they are of. What is looked up and seeded goes through the
/// service's own code, by a replica at rest: one that looks for due work so rarely that it never finds any.
/// </summary>
public sealed class Scene : IAsyncDisposable
{
    public const string Organization = "aurora";
    private readonly string database;
    private readonly Uri broker;
    private readonly (string, string)[] shared;
    private readonly ServiceHost<Connection> resting;

    private Scene(Simulation platforms, string database, string keys, Uri broker, (string, string)[] settings)
    {
        (Platforms, this.database, this.broker) = (platforms, database, broker);
        shared = [.. Always, ("ConnectionStrings:keys", keys), .. settings];
        resting = new("connections", database, broker, [.. AtDoor(0), .. shared, ("Upkeep:LookEvery", "00:10:00"), ("Expiry:LookEvery", "01:00:00"), ("EventStore:RunDaemon", "false"), ("Insights:Enabled", "false")]);
    }

    public Simulation Platforms { get; }

    public IServiceProvider Services => resting.Services;

    private NpgsqlDataSource Source => Services.GetRequiredService<NpgsqlDataSource>();

    private static (string, string)[] Always =>
    [
        ("Hub:PublicUrl", "http://localhost:1"),
        ("Invitations:SigningKey", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ("TokenVault:Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ("Insights:Enabled", "false"),
        ("Upkeep:LookEvery", "00:00:00.050"),
        ("Upkeep:RetryFirst", "00:00:00.100"),
        ("Logging:LogLevel:Default", "Warning"),
        ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
    ];

    /// <param name="doors">How many replicas there will be.</param>
    /// <param name="settings">Of all of them.</param>
    public static async Task<Scene> Build(int doors, params (string, string)[] settings)
    {
        var scene = new Scene(await Simulation.Start(doors), await BackingServices.CreateDatabase("chaos"), await BackingServices.CreateDatabase("chaos_keys"), await BackingServices.CreateVirtualHost("chaos"), settings);
        using var started = scene.resting.CreateClient();
        return scene;
    }

    /// <summary>A replica in a process of its own.</summary>
    public Task<ReplicaProcess> Replica(int door) => ReplicaProcess.Start(
    [
        ("ConnectionStrings:connections", database),
        ("ConnectionStrings:rabbitmq", broker.ToString()),
        ("Authentication:Authority", TestTokens.Issuer),
        ("Authentication:Audience", TestTokens.Audience),
        .. AtDoor(door),
        .. shared,
    ]);

    /// <summary>A replica in this process, whose API takes test tokens.</summary>
    public ServiceHost<Connection> ReplicaHere(int door, params (string, string)[] settings) => new("connections", database, broker, [.. AtDoor(door), .. shared, .. settings]);

    /// <summary>Connections as a creator's grant leaves them, of accounts whose tokens were issued so long ago. None is due before <see cref="MakeDue"/>.</summary>
    public async Task<IReadOnlyList<Seeded>> Seed(string platform, int count, TimeSpan age)
    {
        var accounts = await Platforms.Open(platform, count, age);
        var scopes = await Platforms.ScopesOf(platform, accounts[0].Handle);
        var options = Services.GetRequiredService<PlatformList>().Find(platform)!.Options;
        var (vault, warnings, now) = (Services.GetRequiredService<TokenVault>(), Services.GetRequiredService<Warnings>(), DateTimeOffset.UtcNow);
        var seeded = accounts.Select(account =>
        {
            var creator = Guid.CreateVersion7();
            return new Seeded(Connection.IdOf(Organization, creator, platform), creator, platform, account, TokensOf(account, now - age));
        }).ToDictionary(one => one.Id);
        foreach (var batch in seeded.Values.Chunk(200))
        {
            await using (var session = Services.GetRequiredService<StreamSessions>().For(Organization))
            {
                await session.DecideAllAndSave<Connection>(
                    [.. batch.Select(one => one.Id)],
                    (id, _) => Decision.Of(new AccessGranted(seeded[id].Creator, platform, seeded[id].Account.Id, scopes, seeded[id].Tokens.RefreshEndsAt, null, now)),
                    default,
                    alongside: operations =>
                    {
                        foreach (var one in batch)
                        {
                            ConnectionTables.Granted(operations, Organization, one.Id, platform, [one.Account.Id]);
                        }
                    });
            }

            await Parallel.ForEachAsync(batch, async (one, ct) =>
            {
                await vault.SealAndSave(Organization, one.Creator, one.Id, one.Tokens, sealedTokens =>
                {
                    var row = UpkeepRow.Of(Organization, one.Id, one.Creator, options, one.Tokens, sealedTokens.ToBytes(), scopes, now, warnings, jitter: 0);
                    return Source.Wrote(UpkeepTable.Put(row with { DueAt = null }, sealedTokens), ct);
                }, ct);
            });
        }

        return [.. seeded.Values];
    }

    /// <summary>Connections that are green and in nobody's hands become due for a refresh; answers how many.</summary>
    /// <param name="platform">Of which platform.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="onlyNew">Only those that were never refreshed: some platforms refuse to renew what they have just issued.</param>
    public Task<int> MakeDue(string platform, int most = int.MaxValue, bool onlyNew = false) => Source.Run(
        new NpgsqlCommand($"""
            update {UpkeepTable.Name} set refresh_at = now(), due_at = now()
            where connection_id in (select connection_id from {UpkeepTable.Name} where platform = $1 and state = 0 and lease is null and (version = 1 or not $3) limit $2 for update skip locked)
            """).With(platform, most, onlyNew),
        default);

    /// <summary>The rows as they are.</summary>
    internal Task<IReadOnlyList<(Guid? Lease, UpkeepRow Row)>> Rows(IEnumerable<Seeded> of) =>
        Source.Read(UpkeepTable.ReadMany(Organization, [.. of.Select(one => one.Id)]), UpkeepTable.RowOf, default);

    internal async Task<UpkeepRow> Row(Seeded of) => (await Rows([of])).Single().Row;

    /// <summary>How many rows are due, in somebody's hands, or not settled: nothing but the usual lies ahead when it is zero.</summary>
    public Task<long> Unsettled() => Count($"select count(*) from {UpkeepTable.Name} where due_at <= now() or lease is not null or suspicion is not null");

    /// <summary>How many rows of a platform hold their first or a later set of tokens.</summary>
    public Task<long> AtVersion(string platform, long version) => Count($"select count(*) from {UpkeepTable.Name} where platform = $1 and version = $2", platform, version);

    public async Task<long> Count(string sql, params object[] parameters) => (await Source.Read(new NpgsqlCommand(sql).With(parameters), reader => reader.GetInt64(0), default))[0];

    public Task<int> Run(string sql, params object[] parameters) => Source.Run(new NpgsqlCommand(sql).With(parameters), default);

    internal TokenSet TokensOf(UpkeepRow row) => Services.GetRequiredService<Attendance>().Open(row).GetAwaiter().GetResult()!;

    /// <summary>Every event of a kind, by stream.</summary>
    public async Task<IReadOnlyList<(Guid Stream, T Event)>> Events<T>()
        where T : class
    {
        await using var session = Services.GetRequiredService<IDocumentStore>().QuerySession(Organization);
        var events = await session.Events.QueryAllRawEvents().ToListAsync();
        return [.. events.Where(e => e.Data is T).Select(e => (e.StreamId, (T)e.Data))];
    }

    public async ValueTask DisposeAsync()
    {
        await resting.DisposeAsync();
        await Platforms.DisposeAsync();
    }

    // Where there is no refresh token, the access token is what is renewed, and its end is the authorization's.
    private static TokenSet TokensOf(SimulatedAccount account, DateTimeOffset issuedAt) =>
        new(account.AccessToken, account.AccessExpiresAt, account.RefreshToken, account.RefreshToken is null ? account.AccessExpiresAt : account.RefreshExpiresAt, issuedAt);

    private (string, string)[] AtDoor(int door)
    {
        var address = Platforms.Doors[door];
        return
        [
            ("Platforms:Instagram:AuthorizeBase", $"{address}instagram/www"),
            ("Platforms:Instagram:TokenBase", $"{address}instagram/api"),
            ("Platforms:Instagram:GraphBase", $"{address}instagram/graph"),
            ("Platforms:Instagram:ClientId", "1234567890"),
            ("Platforms:Instagram:ClientSecret", "ig-app-secret"),
            ("Platforms:YouTube:AuthorizeBase", $"{address}google/accounts"),
            ("Platforms:YouTube:TokenBase", $"{address}google/oauth2"),
            ("Platforms:YouTube:DataBase", $"{address}google/www"),
            ("Platforms:YouTube:AnalyticsBase", $"{address}google/analytics"),
            ("Platforms:YouTube:RiscJwksUri", $"{address}google/www/oauth2/v3/certs"),
            ("Platforms:YouTube:ClientId", "demo.apps.googleusercontent.com"),
            ("Platforms:YouTube:ClientSecret", "google-secret"),
            ("Platforms:TikTok:AuthorizeBase", $"{address}tiktok/www"),
            ("Platforms:TikTok:ApiBase", $"{address}tiktok/open"),
            ("Platforms:TikTok:ClientKey", "tt-client-key"),
            ("Platforms:TikTok:ClientSecret", "tt-client-secret"),
        ];
    }
}

/// <summary>A connection that was seeded, and the account it is of.</summary>
public sealed record Seeded(Guid Id, Guid Creator, string Platform, SimulatedAccount Account, TokenSet Tokens);
