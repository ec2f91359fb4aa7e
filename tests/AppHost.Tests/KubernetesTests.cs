using System.Xml.Linq;
using k8s;
using k8s.Models;

namespace AppHost.Tests;

/// <summary>The manifests of deploy/kubernetes, read strictly and held against what runs here.</summary>
public sealed class KubernetesTests
{
    private static readonly Topology Usual = new(_ => null, "/state");
    private static readonly Resource[] Deployed = [Usual.Campaign, Usual.Connections, Usual.Outreach, Usual.Webhooks, Usual.Console];
    private static readonly object[] Manifests = [.. Files("").Concat(Files("migrate")).SelectMany(Read)];
    private static readonly object[] Example = [.. Read("secrets.example.yaml")];

    // Set here because the platforms, receivers and clocks are simulated, or because it is about the demo. In production the defaults hold.
    private static readonly string[] SimulatedOnly =
    [
        "Base", "Platforms__YouTube__RiscIssuer", "Platforms__YouTube__RiscJwksUri", "Insights__MostContent", "Platforms__TikTok__AskForCampaignLinks", "Platforms__TikTokBusiness__CheckEvery",
        "Platforms__TikTokBusiness__CheckInvitedEvery", "Platforms__TikTokBusiness__LookEvery", "Expiry__Skew", "Expiry__LookEvery", "Insights__LookEvery", "Insights__FirstWithin", "Insights__Parallel",
        "Destinations__AllowHttp", "Destinations__AnyPort", "Destinations__AllowedNetworks__0", "Destinations__AllowedNetworks__1", "Smtp__CertificateAuthority",
    ];

    [Fact]
    public void The_kustomization_names_every_manifest_beside_it_but_the_example_of_secrets()
    {
        foreach (var folder in (string[])["", "migrate"])
        {
            var named = Repository.Read($"deploy/kubernetes/{folder}/kustomization.yaml").Split('\n').Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).Select(line => line[4..].Trim());
            named.ShouldBe(Files(folder).Select(Path.GetFileName)!, ignoreOrder: true);
        }
    }

    [Fact]
    public void Everything_that_runs_has_a_deployment_a_service_and_a_budget_and_every_database_a_migration()
    {
        string[] names = [.. Deployed.Select(resource => resource.Name)];
        Manifests.OfType<V1Deployment>().Select(one => one.Name()).ShouldBe(names, ignoreOrder: true);
        Manifests.OfType<V1Service>().Select(one => one.Name()).ShouldBe(names, ignoreOrder: true);
        Manifests.OfType<V1PodDisruptionBudget>().Select(one => one.Name()).ShouldBe(names, ignoreOrder: true);
        Manifests.OfType<V1Job>().Select(one => one.Name()).ShouldBe(Deployed.Where(one => one.Database is not null).Select(one => $"migrate-{one.Name}"), ignoreOrder: true);
        foreach (var job in Manifests.OfType<V1Job>())
        {
            job.Spec.Template.Spec.Containers.ShouldHaveSingleItem().Args.ShouldBe(["--migrate"]);
        }
    }

    [Fact]
    public void A_service_is_told_everything_it_is_told_here()
    {
        foreach (var resource in Deployed)
        {
            var told = Told(Manifests.OfType<V1Deployment>().Single(one => one.Name() == resource.Name).Spec.Template.Spec.Containers.Single());
            var here = resource.Settings.Keys.Concat(resource.Secrets.Keys)
                .Concat(resource.Databases.Select(database => $"ConnectionStrings__{database}"))
                .Concat(resource.Database is null ? [] : ["ConnectionStrings__rabbitmq"])
                .Concat(resource.Needs.Where(Deployed.Contains).Select(need => $"services__{need.Name}__http__0"))
                .Where(setting => !SimulatedOnly.Any(simulated => setting.EndsWith(simulated, StringComparison.Ordinal)));
            here.Except(told.Keys).ShouldBeEmpty($"{resource.Name} lacks settings");
            told.Where(setting => setting.Key.StartsWith("services__", StringComparison.Ordinal)).ShouldAllBe(setting =>
                Deployed.Any(other => setting.Key == $"services__{other.Name}__http__0" && setting.Value == $"http://{other.Name}:8080"));
        }
    }

    [Fact]
    public void A_migration_is_told_what_its_service_is_told_and_connects_as_the_owner()
    {
        foreach (var job in Manifests.OfType<V1Job>())
        {
            var name = job.Name()["migrate-".Length..];
            var (service, migration) = (Told(Manifests.OfType<V1Deployment>().Single(one => one.Name() == name).Spec.Template.Spec.Containers.Single()), Told(job.Spec.Template.Spec.Containers.Single()));
            service.Keys.Except(migration.Keys).ShouldBe(["OTEL_SERVICE_NAME"]);
            var resource = Deployed.Single(one => one.Name == name);
            resource.Databases.ShouldAllBe(database => migration[$"ConnectionStrings__{database}"].Contains($"Username={name}_owner", StringComparison.Ordinal));
            resource.Databases.ShouldAllBe(database => service[$"ConnectionStrings__{database}"].Contains($"Username={name}_app", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Pods_run_the_images_we_publish_without_root_on_their_port_and_with_our_probes()
    {
        var repository = XDocument.Parse(Repository.Read("Directory.Build.targets")).Descendants("ContainerRepository").Single().Value;
        foreach (var (pod, resource) in Manifests.OfType<V1Deployment>().Select(one => (one.Spec.Template.Spec, one.Name()))
            .Concat(Manifests.OfType<V1Job>().Select(one => (one.Spec.Template.Spec, one.Name()["migrate-".Length..]))))
        {
            var project = Deployed.Single(one => one.Name == resource).Project!.Split('/')[^1];
            var container = pod.Containers.ShouldHaveSingleItem();
            container.Image.ShouldBe(repository.Replace("$(MSBuildProjectName.ToLowerInvariant())", project.ToLowerInvariant(), StringComparison.Ordinal));
            (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.AutomountServiceAccountToken).ShouldBe((true, 1654, false));
            (container.SecurityContext.AllowPrivilegeEscalation, container.SecurityContext.ReadOnlyRootFilesystem).ShouldBe((false, true));
            container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);
        }

        foreach (var container in Manifests.OfType<V1Deployment>().Select(one => one.Spec.Template.Spec.Containers.Single()))
        {
            container.Ports.ShouldHaveSingleItem().ContainerPort.ShouldBe(8080);
            (container.StartupProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path).ShouldBe(("/started", "/alive", "/health"));
        }
    }

    [Fact]
    public void The_ingress_leads_to_services_that_are_there()
    {
        var rules = Manifests.OfType<V1Ingress>().ShouldHaveSingleItem().Spec.Rules;
        rules.SelectMany(rule => rule.Http.Paths).Select(path => path.Backend.Service.Name).ShouldBe(Deployed.Select(one => one.Name), ignoreOrder: true);
        Manifests.OfType<V1Ingress>().Single().Spec.Tls.Single().Hosts.ShouldBe(rules.Select(rule => rule.Host), ignoreOrder: true);
        string[] publicAddresses = [.. Manifests.OfType<V1ConfigMap>().SelectMany(map => map.Data).Where(setting => setting.Key.EndsWith("__PublicUrl", StringComparison.Ordinal)).Select(setting => new Uri(setting.Value).Host)];
        publicAddresses.ShouldBeSubsetOf(rules.Select(rule => rule.Host));
    }

    private static Dictionary<string, string> Told(V1Container container)
    {
        var told = new Dictionary<string, string>();
        foreach (var source in container.EnvFrom)
        {
            var values = source.ConfigMapRef is { } map
                ? Manifests.OfType<V1ConfigMap>().Single(one => one.Name() == map.Name).Data
                : Example.OfType<V1Secret>().Single(one => one.Name() == source.SecretRef.Name).StringData;
            foreach (var (key, value) in values)
            {
                told[key] = value;
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            told[variable.Name] = variable.Value;
        }

        return told;
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "deploy/kubernetes", folder), "*.yaml").Where(file => Path.GetFileName(file) is not ("kustomization.yaml" or "secrets.example.yaml"))];

    // A member that Kubernetes does not know is an error.
    private static List<object> Read(string file) => KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(Repository.Root, "deploy/kubernetes", file)), strict: true);
}
