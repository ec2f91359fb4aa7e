using AppHost;
using LocalServers;

var builder = DistributedApplication.CreateBuilder(args);
var stateFolder = Path.GetFullPath("../.run", builder.AppHostDirectory);
var topology = Topology.FromEnvironment(stateFolder);
var secrets = Secrets.In(stateFolder);

var databasePassword = builder.AddParameter(Secrets.DatabasePassword, secrets[Secrets.DatabasePassword], secret: true);
var brokerPassword = builder.AddParameter(Secrets.BrokerPassword, secrets[Secrets.BrokerPassword], secret: true);
var signingKey = builder.AddParameter(Secrets.SigningKey, secrets[Secrets.SigningKey], secret: true);
var vaultKey = builder.AddParameter(Secrets.VaultKey, secrets[Secrets.VaultKey], secret: true);
var webhookKey = builder.AddParameter(Secrets.WebhookKey, secrets[Secrets.WebhookKey], secret: true);

// "aspire publish" writes a Compose file of the same topology; docs/operations.md says what of it to replace.
builder.AddDockerComposeEnvironment("compose");

// Decided before anything is added: without an engine, containers would stay unhealthy and all that waits for them would wait for ever.
var servers = builder.ExecutionContext.IsPublishMode || await ContainerEngine.Answers()
    ? builder.AddContainers(topology, databasePassword, brokerPassword)
    : builder.AddMachinesOwn(topology, databasePassword, brokerPassword);

var identity = builder.AddProject<Projects.Identity>(topology.Identity.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Identity.Port)
    .WithHttpHealthCheck("/health")
    .WithSettings(topology.Identity);

var platforms = builder.AddProject<Projects.Platforms>(topology.Platforms.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Platforms.Port)
    .WithHttpHealthCheck("/health")
    .WithSettings(topology.Platforms);

var mail = builder.AddProject<Projects.Mail>(topology.Mail.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Mail.Port)
    .WithEndpoint(port: topology.Mail.Ports["smtp"], name: "smtp", scheme: "smtp", isProxied: false)
    .WithHttpHealthCheck("/health")
    .WithSettings(topology.Mail);

var campaign = builder.AddProject<Projects.Campaign>(topology.Campaign.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Campaign.Port)
    .WithHttpHealthCheck("/health")
    .WithReference(servers.Campaign, topology.Campaign.Database).WaitFor(servers.Campaign)
    .WithReference(servers.RabbitMq, topology.RabbitMq.Name).WaitFor(servers.RabbitMq)
    .WithReference(identity).WaitFor(identity)
    .WithSettings(topology.Campaign)
    .WithOperatorCommands(topology, topology.Campaign);

var connections = builder.AddProject<Projects.Connections>(topology.Connections.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Connections.Port)
    .WithHttpHealthCheck("/health")
    .WithReference(servers.Connections, topology.Connections.Database).WaitFor(servers.Connections)
    .WithReference(servers.ConnectionsKeys, topology.Connections.KeyDatabase).WaitFor(servers.ConnectionsKeys)
    .WithReference(servers.RabbitMq, topology.RabbitMq.Name).WaitFor(servers.RabbitMq)
    .WithReference(identity).WaitFor(identity)
    .WithReference(platforms).WaitFor(platforms)
    .WithReference(campaign).WaitFor(campaign)
    .WithEnvironment("Invitations__SigningKey", signingKey)
    .WithEnvironment("TokenVault__Key", vaultKey)
    .WithSettings(topology.Connections)
    .WithOperatorCommands(topology, topology.Connections);

var outreach = builder.AddProject<Projects.Outreach>(topology.Outreach.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Outreach.Port)
    .WithHttpHealthCheck("/health")
    .WithReference(servers.Outreach, topology.Outreach.Database).WaitFor(servers.Outreach)
    .WithReference(servers.RabbitMq, topology.RabbitMq.Name).WaitFor(servers.RabbitMq)
    .WithReference(identity).WaitFor(identity)
    .WithReference(mail).WaitFor(mail)
    .WithReference(campaign).WaitFor(campaign)
    .WithReference(connections).WaitFor(connections)
    .WithEnvironment("Invitations__SigningKey", signingKey)
    .WithSettings(topology.Outreach)
    .WithOperatorCommands(topology, topology.Outreach);

var webhooks = builder.AddProject<Projects.Webhooks>(topology.Webhooks.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Webhooks.Port)
    .WithHttpHealthCheck("/health")
    .WithReference(servers.Webhooks, topology.Webhooks.Database).WaitFor(servers.Webhooks)
    .WithReference(servers.RabbitMq, topology.RabbitMq.Name).WaitFor(servers.RabbitMq)
    .WithReference(identity).WaitFor(identity)
    .WithEnvironment("Secrets__Key", webhookKey)
    .WithSettings(topology.Webhooks)
    .WithOperatorCommands(topology, topology.Webhooks);

var console = builder.AddProject<Projects.WebConsole>(topology.Console.Name, launchProfileName: null)
    .WithHttpEndpoint(topology.Console.Port)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(identity).WaitFor(identity)
    .WithReference(campaign).WaitFor(campaign)
    .WithReference(connections).WaitFor(connections)
    .WithReference(outreach).WaitFor(outreach)
    .WithReference(webhooks).WaitFor(webhooks)
    .WithSettings(topology.Console);

// Only where everything runs on this machine: what is published is a beginning of production, and there must be nothing in it that fills an organization.
if (builder.ExecutionContext.IsRunMode && !args.Contains("--no-demo"))
{
    builder.AddProject<Projects.Demo>(topology.Demo.Name, launchProfileName: null)
        .WithHttpEndpoint(topology.Demo.Port)
        .WithHttpHealthCheck("/health")
        .WithReference(identity).WaitFor(identity)
        .WithReference(platforms).WaitFor(platforms)
        .WithReference(mail).WaitFor(mail)
        .WithReference(campaign).WaitFor(campaign)
        .WithReference(connections).WaitFor(connections)
        .WithReference(outreach).WaitFor(outreach)
        .WithReference(console).WaitFor(console)
        .WithSettings(topology.Demo)
        .WithOperatorCommands(topology, topology.Demo);
}

builder.Build().Run();
