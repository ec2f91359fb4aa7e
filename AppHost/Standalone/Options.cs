namespace Standalone;

internal enum Command
{
    Run,
    Servers,
    Postgres,
    RabbitMq,
    Reset,
    Help,
}

/// <summary>The command line.</summary>
internal sealed record Options(Command Command)
{
    public const string Usage = """
        Usage: run.sh [options]

          --reset            forget everything that earlier runs stored, then start
          --no-demo          do not fill the demo organization
          --no-dashboard     do not start the Aspire dashboard
          --only a,b         start only these resources and what they need
          --verbose          show the services' information logs too, not only warnings
          --help             this text

        A port is changed by an environment variable, such as PORT_CONSOLE=6100.
        Servers of your own are taken from ConnectionStrings__postgres (a superuser) and ConnectionStrings__rabbitmq.

        Other commands: servers [--env-file file]  PostgreSQL and RabbitMQ for tests, on free ports, forgotten at the end
                        postgres | rabbitmq        one server of the topology, in the foreground
                        reset                      forget everything that earlier runs stored
        """;

    public bool Reset { get; init; }

    public bool Demo { get; init; } = true;

    public bool Dashboard { get; init; } = true;

    public bool Verbose { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Where the command servers writes the connection strings when both servers are ready.</summary>
    public string? EnvironmentFile { get; init; }

    /// <exception cref="FormatException">An argument that is not one of ours.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options(Command.Run);
        for (var index = 0; index < arguments.Count; index++)
        {
            options = arguments[index] switch
            {
                "--reset" => options with { Reset = true },
                "--no-demo" => options with { Demo = false },
                "--no-dashboard" => options with { Dashboard = false },
                "--verbose" => options with { Verbose = true },
                "--only" => options with { Only = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                "--env-file" => options with { EnvironmentFile = Value() },
                "--help" or "-h" => options with { Command = Command.Help },
                "servers" => options with { Command = Command.Servers },
                "postgres" => options with { Command = Command.Postgres },
                "reset" => options with { Command = Command.Reset },
                "rabbitmq" => options with { Command = Command.RabbitMq },
                var unknown => throw new FormatException($"Unknown argument {unknown}.\n\n{Usage}"),
            };

            string Value() => ++index < arguments.Count ? arguments[index] : throw new FormatException($"{arguments[index - 1]} wants a value.\n\n{Usage}");
        }

        return options;
    }
}
