using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ServiceDefaults;

namespace Demo;

/// <summary>
/// Fills the organization at its start and again whenever an operator asks, one after the other: who asks while it is being filled finds nothing left to do. The routes are shaped like those of
/// the services' operators, and like them are for the scope <c>ops</c>.
/// </summary>
public sealed class SeedingDesk(Seed seed, SeedingAudit audit, IHostApplicationLifetime host, TimeProvider clock) : BackgroundService
{
    private readonly SemaphoreSlim one = new(1, 1);

    /// <summary>Why the last run did not get to its end; null where it did.</summary>
    public string? Flaw { get; private set; }

    /// <summary>Has the first run ended, well or not?</summary>
    public bool HasRun { get; private set; }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var operations = routes.MapGroup("/v1/operations").RequireScope("ops");
        operations.MapPost("/demo/seed", (ClaimsPrincipal user, SeedingDesk desk) => desk.Answer(user));
        operations.MapGet("/audit", async (SeedingAudit audit, CancellationToken ct) => new { items = await audit.Read(ct) });
    }

    public override void Dispose()
    {
        one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Run(stoppingToken);
            HasRun = true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("demo: stopped before the end; the next run goes on from here.");
        }
    }

    private async Task<Results<Ok<SeedingOutcome>, ProblemHttpResult>> Answer(ClaimsPrincipal user)
    {
        var by = user.FindFirst("sub")?.Value ?? user.FindFirst("client_id")?.Value ?? "unknown";
        var id = await audit.Begin(by, clock.GetUtcNow());
        try
        {
            // What was begun is finished though the caller has gone.
            var (affected, flaw) = await Run(host.ApplicationStopping);
            await audit.End(id, flaw is null ? "Done" : "Failed", affected, clock.GetUtcNow());
            return flaw is null ? TypedResults.Ok(new SeedingOutcome(id, affected)) : Unavailable("demo.incomplete", $"The demo organization is not complete. {flaw} Asked again, it goes on from here.");
        }
        catch (OperationCanceledException)
        {
            // The record stays as one that is under way: so it is with what a process's end cut short.
            return Unavailable("demo.stopping", "The program ends. The next run goes on from here.");
        }
    }

    private static ProblemHttpResult Unavailable(string code, string detail) => TypedResults.Problem(detail, statusCode: 503, extensions: new Dictionary<string, object?> { ["code"] = code });

    private async Task<(long Affected, string? Flaw)> Run(CancellationToken ct)
    {
        await one.WaitAsync(ct);
        try
        {
            var affected = await seed(ct) ? 1 : 0;
            Flaw = null;
            return (affected, null);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && DemoHost.IsInTheWay(exception))
        {
            Flaw = exception.Message;
            Console.Error.WriteLine($"demo: the demo organization is not complete. {exception.Message} The next run goes on from here.");
            return (0, Flaw);
        }
        finally
        {
            one.Release();
        }
    }
}

/// <summary>What a command did.</summary>
/// <param name="Id">Under which the audit has it.</param>
/// <param name="Affected">1: the organization was filled, or what was missing of it. 0: it was complete.</param>
public sealed record SeedingOutcome(Guid Id, long Affected);

/// <summary>No work before the organization is there; and what to do where it could not be filled.</summary>
internal sealed class SeedingHealth(SeedingDesk desk) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !desk.HasRun ? HealthCheckResult.Unhealthy("The demo organization is being filled. Wait a minute.")
        : desk.Flaw is not null ? HealthCheckResult.Degraded("The demo organization is not complete; the log says why. POST /v1/operations/demo/seed goes on from there.")
        : HealthCheckResult.Healthy());
}
