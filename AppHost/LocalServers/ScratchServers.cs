namespace LocalServers;

/// <summary>A PostgreSQL and a RabbitMQ on free ports that forget everything at the end, for tests and benchmarks.</summary>
public static class ScratchServers
{
    public static Task<PostgresServer> Postgres(ScratchFolder folder, Action<string>? output = null) => Attempt(() =>
        PostgresServer.Start(new(Path.Combine(folder.Path, $"postgres-{Guid.NewGuid():N}"), Ports.Free(1)[0], "postgres", Durable: false), output));

    public static Task<RabbitMqServer> RabbitMq(ScratchFolder folder, Action<string>? output = null) =>
        Attempt(() => RabbitMqServer.Start(RabbitMqOptions(folder), output));

    /// <summary>For a broker that is started more than once.</summary>
    public static RabbitMqOptions RabbitMqOptions(ScratchFolder folder)
    {
        var ports = Ports.Free(4);
        return new(Path.Combine(folder.Path, $"rabbitmq-{Guid.NewGuid():N}"), "scratch", RabbitMqServer.DefaultUser, "guest", ports[0], ports[1], ports[2], ports[3], Durable: false);
    }

    // A port that was free a moment ago may be taken now; with other ports the next attempt succeeds. A real fault fails every time.
    private static async Task<T> Attempt<T>(Func<Task<T>> start)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await start();
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
            }
        }
    }
}
