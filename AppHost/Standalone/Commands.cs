using AppHost;
using LocalServers;

namespace Standalone;

internal static class Commands
{
    public static async Task<int> Run(Options options, CancellationToken stop)
    {
        try
        {
            return options.Command switch
            {
                Command.Help => Help(),
                Command.Servers => await Servers(options, stop),
                Command.Postgres => await Foreground(backing => backing.PostgresPart(), stop),
                Command.RabbitMq => await Foreground(backing => backing.RabbitMqPart(), stop),
                Command.Reset => await Reset(),
                _ => await new Application(options, Root()).Run(stop),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException or FormatException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static int Help()
    {
        Console.WriteLine(Options.Usage);
        return 0;
    }

    private static async Task<int> Reset()
    {
        await Application.Reset(new(Root()), await ContainerEngine.Answers());
        return 0;
    }

    private static async Task<int> Servers(Options options, CancellationToken stop)
    {
        using var folder = new ScratchFolder();
        var starting = ScratchServers.Postgres(folder);
        await using var rabbitMq = await ScratchServers.RabbitMq(folder);
        await using var postgres = await starting;
        var lines = $"""
            export ConnectionStrings__postgres='{postgres.ConnectionString}'
            export ConnectionStrings__rabbitmq='{rabbitMq.Uri.AbsoluteUri}'
            export ConnectionStrings__rabbitmq_management='{rabbitMq.Management.AbsoluteUri}'

            """;
        Console.Write(lines);
        if (options.EnvironmentFile is { } file)
        {
            // Whoever waits for the file must never see half of it.
            await File.WriteAllTextAsync($"{file}.part", lines, stop);
            File.Move($"{file}.part", file, overwrite: true);
        }

        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop), postgres.Exit, rabbitMq.Exit);
        return stop.IsCancellationRequested ? 0 : 1;
    }

    /// <summary>One server of the topology, for AppHost.cs on a machine without a container engine.</summary>
    private static async Task<int> Foreground(Func<BackingParts, Part> choose, CancellationToken stop)
    {
        var state = new StateFolder(Root());
        var part = choose(new(Topology.FromEnvironment(state.Path), Secrets.In(state.Path), state, containers: false));
        await using var server = await part.Launch(Console.WriteLine, stop);
        Console.WriteLine($"{part.Name} is ready");
        var ended = await Task.WhenAny(Task.Delay(Timeout.Infinite, stop), server.Exit);
        return ended == server.Exit ? await server.Exit : 0;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "aspire.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No aspire.sln above {AppContext.BaseDirectory}: Standalone runs from a checkout.");
    }
}
