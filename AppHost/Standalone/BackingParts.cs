using AppHost;
using LocalServers;

namespace Standalone;

/// <summary>
/// Where PostgreSQL and RabbitMQ come from: connection strings in the environment, a container engine, the machine's own binaries, in this order.
/// What is given is not ours: it is neither started, nor stopped, nor reset.
/// </summary>
internal sealed class BackingParts(Topology topology, Secrets secrets, StateFolder state, bool containers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string? GivenPostgres => Given("ConnectionStrings__postgres");

    public static string? GivenRabbitMq => Given("ConnectionStrings__rabbitmq");

    public string Postgres => GivenPostgres
        ?? $"Host=127.0.0.1;Port={topology.Postgres.Port};Username=postgres;Password={secrets[Secrets.DatabasePassword]};Database=postgres";

    public Uri RabbitMq => new(GivenRabbitMq
        ?? $"amqp://{RabbitMqServer.DefaultUser}:{secrets[Secrets.BrokerPassword]}@localhost:{topology.RabbitMq.Port}");

    /// <summary>Page and API of the management plugin; null where the broker is somebody else's.</summary>
    public Uri? Management => GivenRabbitMq is null
        ? new($"http://{RabbitMqServer.DefaultUser}:{secrets[Secrets.BrokerPassword]}@localhost:{topology.RabbitMq.Ports["management"]}")
        : null;

    /// <summary>The servers whose ports we open ourselves.</summary>
    public IEnumerable<Resource> Ours
    {
        get
        {
            if (GivenPostgres is null)
            {
                yield return topology.Postgres;
            }

            if (GivenRabbitMq is null)
            {
                yield return topology.RabbitMq with { Ports = containers ? Without(topology.RabbitMq.Ports, "distribution", "epmd") : topology.RabbitMq.Ports };
            }
        }
    }

    public Part PostgresPart(Func<Action<string>, CancellationToken, Task<IRunning>>? launch = null) =>
        new(topology.Postgres.Name, [], async (output, cancellation) =>
        {
            var running = await (launch ?? LaunchPostgres)(output, cancellation);
            try
            {
                foreach (var database in topology.Projects.SelectMany(project => project.Databases))
                {
                    await PostgresServer.CreateDatabase(Postgres, database, unlessExists: true);
                }

                return running;
            }
            catch
            {
                await running.DisposeAsync();
                throw;
            }
        });

    public Part RabbitMqPart() => new(topology.RabbitMq.Name, [], LaunchRabbitMq);

    private async Task<IRunning> LaunchPostgres(Action<string> output, CancellationToken cancellation) =>
        GivenPostgres is not null
            ? new SomebodyElses()
            : containers
                ? await Container("postgres:17-alpine", topology.Postgres.Name, "/var/lib/postgresql/data", [(topology.Postgres.Port, 5432)],
                    [("POSTGRES_PASSWORD", secrets[Secrets.DatabasePassword])], ["-c", "max_connections=300"], () => PostgresServer.CanConnect(Postgres), output, cancellation)
                : await PostgresServer.Start(new(state.Postgres, topology.Postgres.Port, secrets[Secrets.DatabasePassword], Durable: true), output, cancellation);

    private async Task<IRunning> LaunchRabbitMq(Action<string> output, CancellationToken cancellation)
    {
        if (GivenRabbitMq is not null)
        {
            return new SomebodyElses();
        }

        var ports = topology.RabbitMq.Ports;
        var password = secrets[Secrets.BrokerPassword];
        return containers
            ? await Container("rabbitmq:4-management-alpine", topology.RabbitMq.Name, "/var/lib/rabbitmq", [(ports["tcp"], 5672), (ports["management"], 15672)],
                [("RABBITMQ_DEFAULT_USER", RabbitMqServer.DefaultUser), ("RABBITMQ_DEFAULT_PASS", password), ("RABBITMQ_NODENAME", "creator-connections@localhost")],
                [], () => RabbitMqServer.Answers(RabbitMq, Management!), output, cancellation)
            : await RabbitMqServer.Start(
                new(state.RabbitMq, "creator-connections", RabbitMqServer.DefaultUser, password, ports["tcp"], ports["management"], ports["distribution"], ports["epmd"], Durable: true),
                output, cancellation);
    }

    // In the foreground: the client passes our SIGTERM on to the container and ends with it.
    private static async Task<IRunning> Container(
        string image,
        string name,
        string data,
        (int Host, int Container)[] ports,
        (string Name, string Value)[] environment,
        string[] arguments,
        Func<Task<bool>> isReady,
        Action<string> output,
        CancellationToken cancellation)
    {
        var container = ContainerName(name);
        await RemoveContainer(container);
        var journal = new Journal(output);
        var process = await ChildProcess.Start(
            new("docker",
            [
                "run", "--rm", "--name", container, "-v", $"{container}:{data}",
                .. ports.SelectMany(port => (string[])["-p", $"127.0.0.1:{port.Host}:{port.Container}"]),
                // By name only: a value on the command line can be read by everybody on the machine.
                .. environment.SelectMany(variable => (string[])["-e", variable.Name]),
                image, .. arguments,
            ])
            { Environment = environment.ToDictionary(variable => variable.Name, variable => variable.Value) },
            journal.Write);
        try
        {
            await Until.Ready(name, process, journal, isReady, Patience, cancellation);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes the data that containers keep.</summary>
    public static async Task ResetContainers(Topology topology)
    {
        foreach (var name in (string[])[topology.Postgres.Name, topology.RabbitMq.Name])
        {
            await RemoveContainer(ContainerName(name));
            await ChildProcess.Run(new("docker", "volume", "rm", "--force", ContainerName(name)));
        }
    }

    private static string ContainerName(string resource) => $"creator-connections-{resource}";

    private static async Task RemoveContainer(string name)
    {
        await using var remove = await ChildProcess.Start(new("docker", "rm", "--force", name), _ => { });
        await remove.Exit;
    }

    private static Dictionary<string, int> Without(Dictionary<string, int> ports, params string[] names) =>
        ports.Where(port => !names.Contains(port.Key)).ToDictionary();

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private sealed class SomebodyElses : IRunning
    {
        public int ProcessId => 0;

        public Task<int> Exit { get; } = new TaskCompletionSource<int>().Task;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
