using Connections;
using EventSourcing;
using ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddConnections();

var app = builder.Build();
app.MapServiceDefaults();
app.UseOrganization();
app.UseRateLimiter();
app.MapEndpoints();
app.MapOpenApi().AllowAnonymous();
await app.RunAsync();
