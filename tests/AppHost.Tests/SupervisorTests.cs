using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LocalServers;
using Standalone;

namespace AppHost.Tests;

/// <summary>With real processes: what the supervisor promises is about those.</summary>
public sealed class SupervisorTests : IAsyncDisposable
{
    private static readonly BackOff Quick = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), MostFailedStarts: 3);
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly int[] _ports = Ports.Free(3);
    private Supervisor? _supervisor;

    [Fact]
    public async Task A_part_starts_when_those_it_needs_are_healthy_and_stops_before_them()
    {
        await Start(Web("hub", ["store"], _ports[1]), Web("store", [], _ports[0]), Web("page", ["hub"], _ports[2]));
        await _supervisor!.Stop();

        Said("started by").ShouldBe(["store: started by tests", "hub: started by tests", "page: started by tests"]);
        Said("asked to stop").ShouldBe(["page: asked to stop", "hub: asked to stop", "store: asked to stop"]);
    }

    [Fact]
    public async Task Nothing_is_left_after_the_stop()
    {
        await Start(Web("store", [], _ports[0]), Web("hub", ["store"], _ports[1]));
        int[] processes = [_supervisor!.ProcessIdOf("store")!.Value, _supervisor.ProcessIdOf("hub")!.Value];
        processes.ShouldAllBe(process => IsAlive(process));

        await _supervisor.Stop();

        processes.ShouldAllBe(process => !IsAlive(process));
        Ports.IsFree(_ports[0]).ShouldBeTrue();
        Ports.IsFree(_ports[1]).ShouldBeTrue();
    }

    [Fact]
    public async Task A_killed_part_is_started_again_each_time_after_twice_the_wait()
    {
        await Start(Web("store", [], _ports[0]));
        foreach (var pause in (string[])["0.1", "0.2", "0.4"])
        {
            var before = _supervisor!.ProcessIdOf("store")!.Value;
            using (var process = Process.GetProcessById(before))
            {
                process.Kill();
            }

            WaitFor($"store! is started again in {pause} s");
            WaitFor("store! runs again");
            _supervisor.ProcessIdOf("store").ShouldNotBe(before);
        }
    }

    [Fact]
    public async Task A_part_that_does_not_start_fails_the_whole_start_after_some_attempts()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() =>
            Start(Web("store", [], _ports[0]), Web("hub", ["store"], _ports[1], "exit", "3"), Web("page", ["hub"], _ports[2])));
        failure.Message.ShouldStartWith("hub does not start: hub ended with 3 while starting:\nstarted by tests");

        await _supervisor!.Stop();
        Said("started by").ShouldBe(["store: started by tests", "hub: started by tests", "hub: started by tests", "hub: started by tests"]);
        Said("asked to stop").ShouldBe(["store: asked to stop"]);
    }

    [Fact]
    public async Task The_failure_of_an_optional_part_is_told_and_the_others_go_on()
    {
        await Start(Web("store", [], _ports[0]), Web("extra", ["store"], _ports[1], "exit", "4") with { IsOptional = true });
        _seen.ShouldContain(line =>
            line.StartsWith("extra! extra does not start: extra ended with 4 while starting", StringComparison.Ordinal) && line.EndsWith("Everything else goes on without it.", StringComparison.Ordinal));
        IsAlive(_supervisor!.ProcessIdOf("store")!.Value).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(6, 30)]
    [InlineData(100, 30)]
    public void The_wait_doubles_up_to_a_limit(int failures, int seconds)
    {
        BackOff.Usual.After(failures).ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    public async ValueTask DisposeAsync()
    {
        if (_supervisor is not null)
        {
            await _supervisor.Stop();
        }

        _lines.Dispose();
    }

    private static ChildCommand Pretender(int port, params string[] more)
    {
        var assembly = AppContext.BaseDirectory.Replace("AppHost.Tests/bin", "AppHost.Tests/Pretender/bin", StringComparison.Ordinal) + "Pretender.dll";
        return new("dotnet", [assembly, port.ToString(CultureInfo.InvariantCulture), .. more])
        {
            Environment = new Dictionary<string, string> { ["GREETING"] = "tests" },
        };
    }

    private static Part Web(string name, string[] needs, int port, params string[] more) =>
        Part.Web(name, needs, Pretender(port, more), new($"http://localhost:{port}/health"), TimeSpan.FromSeconds(60));

    private static bool IsAlive(int process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private Task Start(params Part[] parts)
    {
        _supervisor = new(parts, (name, line) => Note($"{name}: {line}"), (name, text) => Note($"{name}! {text}"), Quick);
        return _supervisor.Start();
    }

    private void Note(string line)
    {
        _seen.Enqueue(line);
        _lines.Add(line);
    }

    private string[] Said(string what) => [.. _seen.Where(line => line.Contains($": {what}", StringComparison.Ordinal))];

    private void WaitFor(string line)
    {
        while (_lines.TryTake(out var next, TimeSpan.FromSeconds(60)))
        {
            if (next == line)
            {
                return;
            }
        }

        throw new TimeoutException($"Never said: {line}. But:\n{string.Join('\n', _seen)}");
    }
}
