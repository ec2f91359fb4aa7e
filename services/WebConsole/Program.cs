using ServiceDefaults;
using WebConsole;

var builder = WebApplication.CreateBuilder(args);
builder.AddHostDefaults();
builder.AddConsole();

var app = builder.Build();
app.MapConsole();
app.Run();
