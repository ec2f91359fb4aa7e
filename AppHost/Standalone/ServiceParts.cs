using AppHost;
using LocalServers;

namespace Standalone;

/// <summary>Our own projects as processes: the built assembly, run in its project's folder, with the settings of the topology.</summary>
internal sealed class ServiceParts(string root, Topology topology, Secrets secrets, BackingParts backing, bool telemetry)
{
    // The first start of a service also creates its tables, on a machine where everything else is starting too.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    // It is ready when it has done its work: a minute or two, and more on a machine with much else to do.
    private static readonly TimeSpan PatienceWithExtras = TimeSpan.FromMinutes(10);

    /// <summary>Folder and assembly of a project, which must have been built.</summary>
    public static string AssemblyOf(string root, Resource resource)
    {
        var folder = Path.Combine(root, resource.Project!);
        var name = Path.GetFileName(resource.Project!);
        // Both configurations may have been built; the newer one is what somebody just worked on.
        return Directory.Exists(folder)
            && Directory.EnumerateFiles(folder, $"{name}.dll", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
                .Where(file => file.StartsWith(Path.Combine(folder, "bin"), StringComparison.Ordinal) && File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json")))
                .MaxBy(File.GetLastWriteTimeUtc) is { } assembly
            ? assembly
            : throw new InvalidOperationException($"{resource.Name} is not built: {resource.Project} has no bin/.../{name}.dll. Build it first: dotnet build aspire.sln");
    }

    public Part Of(Resource resource, IReadOnlySet<string> started)
    {
        var command = new ChildCommand("dotnet", AssemblyOf(root, resource))
        {
            WorkingDirectory = Path.Combine(root, resource.Project!),
            Environment = EnvironmentOf(resource),
        };
        string[] needs = [.. resource.Needs.Select(need => need.Name).Where(started.Contains)];
        return Part.Web(resource.Name, needs, command, new($"{resource.Address}/health"), resource.IsExtra ? PatienceWithExtras : Patience) with { IsOptional = resource.IsExtra };
    }

    public Dictionary<string, string> EnvironmentOf(Resource resource)
    {
        var variables = new Dictionary<string, string>(resource.Settings)
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_NOLOGO"] = "1",
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        if (resource.IsHttp)
        {
            variables["ASPNETCORE_URLS"] = resource.Address;
        }

        foreach (var (variable, secret) in resource.Secrets)
        {
            variables[variable] = secrets[secret];
        }

        foreach (var database in resource.Databases)
        {
            variables[$"ConnectionStrings__{database}"] = PostgresServer.WithDatabase(backing.Postgres, database);
        }

        foreach (var need in resource.Needs)
        {
            if (need == topology.RabbitMq)
            {
                variables[$"ConnectionStrings__{need.Name}"] = backing.RabbitMq.AbsoluteUri;
            }
            else if (need.IsHttp)
            {
                variables[$"services__{need.Name}__{Topology.Http}__0"] = need.Address;
            }
        }

        if (telemetry)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = Dashboard.OtlpEndpoint(topology.Dashboard);
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            variables["OTEL_SERVICE_NAME"] = resource.Name;
        }

        return variables;
    }
}
