using EventSourcing;
using Outreach;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddOutreach();

var app = builder.Build();
app.MapServiceDefaults();
app.UseOrganization();
app.UseRateLimiter();
app.MapApiDocument();
app.MapOutreach();
return await app.RunOrMigrate(args);
