using System.Diagnostics;
using AppHost;
using LocalServers;

namespace Standalone;

/// <summary>The whole topology, from the first look at the ports to the last process stopped.</summary>
internal sealed class Application(Options options, string root)
{
    public static async Task Reset(StateFolder state, bool containers)
    {
        var topology = Topology.FromEnvironment(state.Path);
        if (containers)
        {
            await BackingParts.ResetContainers(topology);
        }

        // Under running servers the data must not vanish.
        if (!Ports.IsFree(topology.Postgres.Port) || !Ports.IsFree(topology.RabbitMq.Port))
        {
            throw new InvalidOperationException("Nothing was reset: PostgreSQL or RabbitMQ of an earlier run still listen. Stop that run first.");
        }

        state.Reset();
    }

    public async Task<int> Run(CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var state = new StateFolder(root);
        var topology = Topology.FromEnvironment(state.Path);
        var projects = Chosen(topology);
        var containers = await ContainerEngine.Answers();
        if (options.Reset)
        {
            await Reset(state, containers);
        }

        var secrets = Secrets.In(state.Path);
        var backing = new BackingParts(topology, secrets, state, containers);
        using var terminal = new Terminal(state.Logs, topology.Resources.Select(resource => resource.Name), options.Verbose);
        IEnumerable<Resource> listening = [.. backing.Ours, .. projects, .. options.Dashboard ? [topology.Dashboard] : Array.Empty<Resource>()];
        if (PortClashes.Among(listening) is { Count: > 0 } clashes)
        {
            terminal.Error(string.Join('\n', clashes));
            return 1;
        }

        terminal.Headline("Creator Connections is starting. Ctrl-C stops it.");
        var dashboard = await FetchDashboard(state, topology, terminal);
        var services = new ServiceParts(root, topology, secrets, backing, dashboard is not null);
        HashSet<string> started = [topology.Postgres.Name, topology.RabbitMq.Name, .. projects.Select(project => project.Name)];
        Part[] parts =
        [
            backing.PostgresPart(), backing.RabbitMqPart(), .. dashboard is null ? [] : new[] { dashboard },
            .. projects.Select(project => services.Of(project, started)),
        ];
        var ours = projects.Select(project => project.Name).ToHashSet();
        var supervisor = new Supervisor(parts, (name, line) => terminal.Output(name, line, ours.Contains(name)), terminal.Line, BackOff.Usual);
        var code = 0;
        try
        {
            await supervisor.Start().WaitAsync(stop);
            Summary.Print(terminal, topology, projects, backing, dashboard is not null, watch.Elapsed);
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Headline("Stopping.");
        }
        catch (Exception exception)
        {
            // Whatever kept it from starting: what has been started is stopped all the same.
            terminal.Error(exception.Message);
            code = 1;
        }

        await supervisor.Stop();
        terminal.Headline("Stopped.");
        return code;
    }

    private async Task<Part?> FetchDashboard(StateFolder state, Topology topology, Terminal terminal)
    {
        if (!options.Dashboard)
        {
            return null;
        }

        var (file, reason) = await Dashboard.Fetch(state.ToolsFolder, line => terminal.Line(topology.Dashboard.Name, line));
        if (file is null)
        {
            terminal.Line(topology.Dashboard.Name, $"not started, everything else works without it: {reason}");
            return null;
        }

        return Dashboard.Part(topology.Dashboard, file, state.ToolsFolder);
    }

    private IReadOnlyList<Resource> Chosen(Topology topology)
    {
        if (options.Only.FirstOrDefault(name => topology.Projects.All(project => project.Name != name)) is { } unknown)
        {
            throw new FormatException($"--only {unknown}: there is no such project. There are {string.Join(", ", topology.Projects.Select(project => project.Name))}.");
        }

        var wanted = topology.Projects.Where(project => (options.Demo || project != topology.Demo) && (options.Only.Count == 0 || options.Only.Contains(project.Name)));
        var all = wanted.SelectMany(WithNeeds).ToHashSet();
        return [.. topology.Projects.Where(all.Contains)];

        static IEnumerable<Resource> WithNeeds(Resource resource) => [.. resource.Needs.SelectMany(WithNeeds), resource];
    }
}
