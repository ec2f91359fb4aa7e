using EventSourcing;
using Webhooks.Features;

namespace Webhooks.Tests.Decisions;

public sealed class EndpointDecisions
{
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 9, 30, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly Guid First = Guid.CreateVersion7();
    private static readonly Guid Second = Guid.CreateVersion7();
    private static readonly EndpointSettings Settings = EndpointSettings.Of("https://hooks.example.com/a?key=secret", "Board", ["ConnectionGranted"]);
    private static readonly EndpointSettings Others = Settings with { Description = "Another board" };
    private static readonly EndpointRegistered Registered = new(Id, "https://hooks.example.com", ["ConnectionGranted"], Settings.Fingerprint, First, false, "maya");

    [Fact]
    public void What_is_registered_is_recorded_without_the_path_of_its_address()
    {
        new Given().When(e => RegisterEndpoint.Decide(e, Id, Settings, null, false, 0, First, "maya")).Then(Registered);
        Registered.ToString().ShouldNotContain("key=secret");
    }

    [Fact]
    public void The_same_request_again_changes_nothing_and_another_under_its_key_is_refused()
    {
        new Given(Registered).When(e => RegisterEndpoint.Decide(e, Id, Settings, null, false, 1, Second, "maya")).ThenNothing();
        new Given(Registered).When(e => RegisterEndpoint.Decide(e, Id, Others, null, false, 1, Second, "maya")).ThenRefused(RefusalKind.InvalidValue, "idempotency.key-reused");
        new Given(Registered, new EndpointRemoved(Id, "maya")).When(e => RegisterEndpoint.Decide(e, Id, Settings, null, false, 0, Second, "maya"))
            .ThenRefused(RefusalKind.InvalidValue, "idempotency.key-reused");
    }

    [Fact]
    public void A_request_repeated_after_a_change_still_means_the_same_endpoint() =>
        new Given(Registered, new EndpointChanged(Id, "https://hooks.example.com", [], Others.Fingerprint, "maya"))
            .When(e => RegisterEndpoint.Decide(e, Id, Settings, null, false, 1, Second, "maya")).ThenNothing();

    [Fact]
    public void A_flaw_or_too_many_endpoints_refuse_it()
    {
        new Given().When(e => RegisterEndpoint.Decide(e, Id, Settings, new(RefusalKind.InvalidValue, "url.invalid", "No.", "url"), false, 0, First, "maya"))
            .ThenRefused(RefusalKind.InvalidValue, "url.invalid");
        new Given().When(e => RegisterEndpoint.Decide(e, Id, Settings, null, false, RegisterEndpoint.MostEndpoints, First, "maya")).ThenRefused(RefusalKind.WrongState, "endpoints.too-many");
    }

    [Fact]
    public void A_change_is_recorded_once_and_with_it_that_it_is_paused_or_resumed()
    {
        new Given(Registered).When(e => ChangeEndpoint.Decide(e, Settings, null, "maya")).ThenNothing();
        new Given(Registered).When(e => ChangeEndpoint.Decide(e, Settings, false, "maya")).ThenNothing();
        new Given(Registered).When(e => ChangeEndpoint.Decide(e, Others, true, "maya"))
            .Then(new EndpointChanged(Id, "https://hooks.example.com", ["ConnectionGranted"], Others.Fingerprint, "maya"), new EndpointPaused(Id, "Manual", "maya"));
        new Given(Registered, new EndpointPaused(Id, "Failing", "delivery")).When(e => ChangeEndpoint.Decide(e, Settings, false, "maya")).Then(new EndpointResumed(Id, "maya"));
        new Given(Registered, new EndpointPaused(Id, "Failing", "delivery")).When(e => ChangeEndpoint.Decide(e, Settings, null, "maya")).ThenNothing();
    }

    [Fact]
    public void Whoever_delivers_pauses_an_endpoint_once_and_its_first_reason_stays()
    {
        new Given(Registered).When(e => PauseEndpoint.Decide(e, PauseReason.Gone, "delivery")).Then(new EndpointPaused(Id, "Gone", "delivery"));
        new Given(Registered, new EndpointPaused(Id, "Manual", "maya")).When(e => PauseEndpoint.Decide(e, PauseReason.Gone, "delivery")).ThenNothing();
    }

    [Fact]
    public void A_rotation_leaves_the_secret_before_signing_until_its_end()
    {
        new Given(Registered).When(e => RotateSecret.Decide(e, Second, Now.AddDays(1), "maya", Now)).Then(new SecretRotated(Id, Second, Now.AddDays(1), "maya"));

        var rotated = StreamFold<WebhookEndpoint>.Of([Registered, new SecretRotated(Id, Second, Now.AddDays(1), "maya")])!;
        rotated.SecretsAt(Now).Select(secret => secret.Id).ShouldBe([First, Second]);
        rotated.SecretsAt(Now.AddDays(1)).Select(secret => secret.Id).ShouldBe([Second]);
    }

    [Fact]
    public void Secrets_that_sign_side_by_side_are_few_and_those_that_ended_do_not_count()
    {
        object[] twice = [Registered, new SecretRotated(Id, Second, Now.AddDays(1), "maya"), new SecretRotated(Id, Guid.CreateVersion7(), Now.AddDays(2), "maya")];
        new Given(twice).When(e => RotateSecret.Decide(e, Id, Now.AddDays(3), "maya", Now)).ThenRefused(RefusalKind.WrongState, "secrets.too-many");
        new Given(twice).When(e => RotateSecret.Decide(e, Id, Now.AddDays(3), "maya", Now.AddDays(1))).Then(new SecretRotated(Id, Id, Now.AddDays(3), "maya"));
    }

    [Fact]
    public void The_secrets_before_the_newest_are_ended_by_hand()
    {
        new Given(Registered).When(e => EndPreviousSecrets.Decide(e, "maya")).ThenNothing();
        new Given(Registered, new SecretRotated(Id, Second, Now.AddDays(1), "maya")).When(e => EndPreviousSecrets.Decide(e, "maya")).Then(new PreviousSecretsEnded(Id, [First], "maya"));
    }

    [Fact]
    public void What_is_removed_or_never_was_is_unknown()
    {
        object[][] gone = [[], [Registered, new EndpointRemoved(Id, "maya")]];
        foreach (var events in gone)
        {
            new Given(events).When(e => ChangeEndpoint.Decide(e, Others, null, "maya")).ThenRefused(RefusalKind.Unknown, "endpoint.unknown");
            new Given(events).When(e => RotateSecret.Decide(e, Second, Now, "maya", Now)).ThenRefused(RefusalKind.Unknown, "endpoint.unknown");
            new Given(events).When(e => EndPreviousSecrets.Decide(e, "maya")).ThenRefused(RefusalKind.Unknown, "endpoint.unknown");
            new Given(events).When(e => RemoveEndpoint.Decide(e, "maya")).ThenRefused(RefusalKind.Unknown, "endpoint.unknown");
            new Given(events).When(e => PauseEndpoint.Decide(e, PauseReason.Gone, "delivery")).ThenRefused(RefusalKind.Unknown, "endpoint.unknown");
        }

        new Given(Registered).When(e => RemoveEndpoint.Decide(e, "maya")).Then(new EndpointRemoved(Id, "maya"));
    }

    [Theory]
    [InlineData("a\nb", null, "description.invalid")]
    [InlineData("", "Connection Granted", "type.unknown")]
    [InlineData("", "NeverHeardOf", "type.unknown")]
    [InlineData("", "ConnectionGranted", null)]
    public void Settings_are_checked_with_the_member_at_fault(string description, string? type, string? code) =>
        EndpointSettings.Of("https://hooks.example.com", description, type is null ? null : [type]).Flaw(["ConnectionGranted"])?.Code.ShouldBe(code);
}
