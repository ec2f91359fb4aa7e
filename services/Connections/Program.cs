using Connections;
using EventSourcing;
using Microsoft.Extensions.Options;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddConnections();

var app = builder.Build();

// The host builds its workers first and checks the settings then; a worker's complaint would hide what is really missing.
app.Services.GetRequiredService<IStartupValidator>().Validate();
app.MapServiceDefaults();
app.UseOrganization();
app.UseRateLimiter();
app.MapEndpoints();
app.MapApiDocument();
return await app.RunOrMigrate(args);
