using EventSourcing;
using ServiceDefaults;
using Webhooks;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWebhooks();

var app = builder.Build();
app.MapServiceDefaults();
app.UseOrganization();
app.MapApiDocument();
app.MapWebhooks();
return await app.RunOrMigrate(args);
