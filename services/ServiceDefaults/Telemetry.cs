using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>Logs, traces and metrics, sent by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT names a receiver, and free of secrets wherever they go.</summary>
internal static class Telemetry
{
    private static readonly string[] Sources = ["EventSourcing", "Marten", "MassTransit"];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var name = builder.Configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } given ? given : builder.Environment.ApplicationName;
        string[] sources = [.. Sources, builder.Environment.ApplicationName, name];

        // These write addresses with their query (and redirect targets with their OAuth state) at Information. Set here, after configuration,
        // so that turning up a log level does not turn on a leak.
        foreach (var category in (string[])["Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Http.Result",
            "System.Net.Http.HttpClient"])
        {
            builder.Logging.AddFilter(category, LogLevel.Warning);
        }

        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name))
            // Scopes stay out: ASP.NET Core's holds the request path. Trace and span id are on every record without them.
            .WithLogging(null, options => { options.IncludeFormattedMessage = true; options.IncludeScopes = false; })
            .WithTracing(tracing => tracing
                .AddSource(sources)
                .AddNpgsql()
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = http => !Health.IsProbe(http.Request.Path);
                    options.EnrichWithHttpRequest = (activity, request) =>
                    {
                        activity.SetTag("url.query", null);
                        activity.SetTag("url.path", Secrecy.Path(request.Path.Value ?? "/"));
                    };
                })
                .AddHttpClientInstrumentation(options => options.EnrichWithHttpRequestMessage = (activity, request) =>
                {
                    activity.SetTag("url.query", null);
                    activity.SetTag("url.full", request.RequestUri is { } uri ? Secrecy.Address(uri) : null);
                })
                .AddProcessor<PollingLeftOut>())
            .WithMetrics(metrics => metrics
                .AddMeter([.. sources, "Npgsql"])
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation());

        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            telemetry.UseOtlpExporter();
        }
    }

    /// <summary>
    /// Workers ask the database many times a second whether there is work. Each question without a trace around it would be a trace of its own,
    /// and bury the ones somebody looks for.
    /// </summary>
    private sealed class PollingLeftOut : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity activity)
        {
            if (activity.Source.Name == "Npgsql" && activity.ParentSpanId == default)
            {
                activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            }
        }
    }
}
