using Benchmarks;

// One command: dotnet run -c Release --project tests/Benchmarks [end-to-end | appends | upkeep | outreach | campaign-pages | rebuild | live | export | console | webhooks] [events]
var what = args.ElementAtOrDefault(0) ?? "end-to-end";
var events = int.Parse(args.ElementAtOrDefault(1) ?? "30000", System.Globalization.CultureInfo.InvariantCulture);

// The services run inside this process; their own folders hold nothing that is needed here.
foreach (var service in (string[])["CONNECTIONS", "CAMPAIGN", "OUTREACH"])
{
    Environment.SetEnvironmentVariable($"ASPNETCORE_TEST_CONTENTROOT_{service}", AppContext.BaseDirectory);
}

await using var servers = await Servers.Start();
return what switch
{
    "end-to-end" => await EndToEnd.Run(servers, events),
    "appends" => await Appends.Run(servers),
    "upkeep" => await Upkeep.Run(servers),
    "outreach" => await BulkSend.Run(servers, args.Length > 1 ? events : 100_000),
    "campaign-pages" => await CampaignPages.Run(servers, args.Length > 1 ? events : 1_000_000),
    "rebuild" => await Rebuild.Run(servers, args.Length > 1 ? events : 1_000_000),
    "live" => await Live.Run(servers),
    "export" => await Export.Run(servers, args.Length > 1 ? events : 100_000),
    "console" => await ConsoleList.Run(servers, args.Length > 1 ? events : 100_000),
    "webhooks" => await WebhookDeliveries.Run(servers, args.Length > 1 ? events : 10_000),
    _ => Unknown(what),
};

static int Unknown(string what)
{
    Console.Error.WriteLine($"There is no benchmark \"{what}\". There are: end-to-end, appends, upkeep, outreach, campaign-pages, rebuild, live, export, console, webhooks.");
    return 2;
}
