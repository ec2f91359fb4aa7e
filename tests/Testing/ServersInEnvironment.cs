namespace Testing;

/// <summary>Servers that somebody else started for us: test.sh once for all test projects, or a developer.</summary>
internal static class ServersInEnvironment
{
    public static string? Postgres => Read("ConnectionStrings__postgres");

    public static Uri? RabbitMq => Read("ConnectionStrings__rabbitmq") is { } address ? new(address) : null;

    /// <summary>Where the management plugin is not on its usual port 15672.</summary>
    public static Uri? RabbitMqManagement => Read("ConnectionStrings__rabbitmq_management") is { } address ? new(address) : null;

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
