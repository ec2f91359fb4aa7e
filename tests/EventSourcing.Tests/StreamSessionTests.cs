using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

public sealed class StreamSessionTests : IAsyncLifetime
{
    private Service workshop = null!;

    public async ValueTask InitializeAsync() =>
        workshop = await Service.Workshop(await BackingServices.CreateDatabase("workshop"), await BackingServices.CreateVirtualHost(), ("EventStore:RunDaemon", "false"));

    public ValueTask DisposeAsync() => workshop.DisposeAsync();

    [Fact]
    public async Task What_was_decided_is_stored_and_read_back_by_the_same_fold()
    {
        var id = await workshop.Make("red");
        await workshop.Light(id);

        await using var session = workshop.Session();
        var lamp = await session.Load<Lamp>(id, default);

        lamp.ShouldBe(new Lamp(Guid.Empty, "red", IsLit: true, IsBroken: false));
        (await workshop.Events(id)).Select(e => e.Data).ShouldBe([new Made("red"), new Lit()]);
    }

    [Fact]
    public async Task A_refusal_saves_nothing_and_runs_nothing_alongside()
    {
        await using var session = workshop.Session();
        var ran = false;

        var outcome = await session.DecideAndSave<Lamp>(Guid.CreateVersion7(), Lamp.Light, default, alongside: _ => ran = true);

        outcome.Decision.ShouldBe(Decision.Unknown("lamp.unknown", "There is no such lamp."));
        ran.ShouldBeFalse();
        (await workshop.EventCount()).ShouldBe(0);
    }

    [Fact]
    public async Task What_ran_within_is_kept_though_nothing_was_decided_but_not_where_the_caller_no_longer_holds_it()
    {
        var id = await workshop.Make("red");
        await using var table = workshop.Get<NpgsqlDataSource>().CreateCommand("create table note (text text)");
        await table.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        foreach (var (text, holds) in (IEnumerable<(string, bool)>)[("kept", true), ("lost", false)])
        {
            await using var session = workshop.Session();
            var outcome = await session.DecideAndSave<Lamp>(id, _ => Decision.Nothing, default, within: async (transaction, _, ct) =>
            {
                await transaction.ExecuteAsync(new NpgsqlCommand("insert into note values ($1)") { Parameters = { new() { Value = text } } }, ct);
                return holds;
            });
            outcome.IsRefused.ShouldBe(!holds);
        }

        await using var notes = workshop.Get<NpgsqlDataSource>().CreateCommand("select string_agg(text, ',') from note");
        (await notes.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe("kept");
    }

    [Fact]
    public async Task A_stream_that_a_newer_version_wrote_to_is_read_and_goes_on_as_if_that_fact_said_nothing()
    {
        var id = await workshop.Make("red");
        await workshop.Light(id);
        await using var newer = workshop.Get<NpgsqlDataSource>().CreateCommand(
            $"update workshop.mt_events set type = 'dimmed', mt_dotnet_type = 'Workshop.Dimmed, Workshop', data = '{{\"percent\": 40}}' where stream_id = '{id}' and version = 2");
        await newer.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var session = workshop.Session();
        (await session.Load<Lamp>(id, default)).ShouldBe(new Lamp(Guid.Empty, "red", IsLit: false, IsBroken: false));
        var one = await session.DecideAndSave<Lamp>(id, Lamp.Light, default);
        var all = await session.DecideAllAndSave<Lamp>([id], (_, lamp) => lamp!.IsLit ? Decision.Of(new Broken()) : Decision.Nothing, default);

        (one.IsRecorded, one.Version).ShouldBe((true, 3));
        (all.Single().IsRecorded, all.Single().Version).ShouldBe((true, 4));
        (await session.Load<Lamp>(id, default)).ShouldBe(new Lamp(Guid.Empty, "red", IsLit: false, IsBroken: true));
    }

    [Fact]
    public async Task Another_organization_finds_nothing_under_the_same_id()
    {
        var id = await workshop.Make("red", "aurora");

        await using var session = workshop.Session("borealis");

        (await session.Load<Lamp>(id, default)).ShouldBeNull();
        (await session.DecideAndSave<Lamp>(id, Lamp.Light, default)).IsRefused.ShouldBeTrue();
        (await workshop.Events(id, "aurora")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_who_decide_at_once_each_sees_what_the_others_did()
    {
        var id = Guid.CreateVersion7();
        var decided = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var session = workshop.Session();
            return await session.DecideAndSave<Lamp>(id, lamp => Lamp.Make(lamp, "green"), default);
        }));

        decided.Count(outcome => outcome.IsRecorded).ShouldBe(1);
        (await workshop.Events(id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_saw_an_older_version_is_told_and_changes_nothing()
    {
        var id = await workshop.Make();
        await workshop.Light(id);

        await using var session = workshop.Session();
        var outcome = await session.DecideAndSave<Lamp>(id, _ => Decision.Of(new Broken()), default, expectedVersion: 1);

        outcome.Decision.ShouldBeOfType<Decision.Refused>().Code.ShouldBe("version.stale");
        (await workshop.Events(id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_stale_append_is_refused_by_the_store_itself()
    {
        var id = await workshop.Make();
        await using var session = workshop.Store.LightweightSession("aurora");
        session.Events.Append(id, 5, new Lit());

        await Should.ThrowAsync<Exception>(() => session.SaveChangesAsync());

        (await workshop.Events(id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Many_streams_are_saved_in_one_commit_and_a_refusal_leaves_the_others_alone()
    {
        Guid[] made = [await workshop.Make(), await workshop.Make()];
        var unknown = Guid.CreateVersion7();

        await using var session = workshop.Session();
        var outcomes = await session.DecideAllAndSave<Lamp>([.. made, unknown], (_, lamp) => Lamp.Light(lamp), default);

        outcomes.Select(outcome => (outcome.Id, outcome.IsRecorded)).ShouldBe([(made[0], true), (made[1], true), (unknown, false)]);
        (await workshop.EventCount()).ShouldBe(4);
    }

    [Fact]
    public async Task Without_an_organization_nothing_can_be_read()
    {
        var scope = new OrganizationScope();

        Should.Throw<InvalidOperationException>(() => scope.Organization);
        Should.Throw<ArgumentException>(() => scope.Bind("Not A Slug"));
        scope.Bind("aurora");
        Should.Throw<InvalidOperationException>(() => scope.Bind("borealis"));
        await Task.CompletedTask;
    }
}
