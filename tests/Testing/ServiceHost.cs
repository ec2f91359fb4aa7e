using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Testing;

/// <summary>One replica of a service in this process: its own program and wiring, on a database and a virtual host of its own.</summary>
/// <param name="service">The service's name, which is the name of its connection string too.</param>
/// <param name="database">Its database, from <see cref="BackingServices.CreateDatabase"/>.</param>
/// <param name="broker">Its virtual host, from <see cref="BackingServices.CreateVirtualHost"/>.</param>
/// <param name="settings">More settings, as <c>Section:Key</c>.</param>
public class ServiceHost<TProgram>(string service, string database, Uri broker, params (string Key, string Value)[] settings) : WebApplicationFactory<TProgram>
    where TProgram : class
{
    public Uri Broker => broker;

    /// <summary>The clock it goes by; null is the machine's. Set before it starts.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>A client with a token of this organization.</summary>
    public HttpClient As(string? organization, params string[] scopes)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Of(organization, scopes));
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting($"ConnectionStrings:{service}", database);
        builder.UseSetting("ConnectionStrings:rabbitmq", broker.ToString());
        builder.UseSetting("Authentication:Authority", TestTokens.Issuer);
        builder.UseSetting("Authentication:Audience", TestTokens.Audience);
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging =>
        {
            logging.ClearProviders();
            if (Environment.GetEnvironmentVariable("TEST_LOG") is not null)
            {
                logging.AddSimpleConsole(console => console.TimestampFormat = "HH:mm:ss.fff ");
            }
        });
        builder.ConfigureTestServices(TestTokens.Trust);
        builder.ConfigureTestServices(services => services.AddSingleton<IStartupFilter>(new DescribedAnswers(service)));
        if (Clock is { } clock)
        {
            builder.ConfigureTestServices(services => services.AddSingleton(clock));
        }
    }
}
