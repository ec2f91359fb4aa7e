using Campaigns;
using EventSourcing;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddCampaign();

var app = builder.Build();
app.MapServiceDefaults();
app.UseOrganization();
app.MapApiDocument();
app.MapEndpoints();
return await app.RunOrMigrate(args);
