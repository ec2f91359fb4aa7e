using Connections.Platforms;
using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Connections.Platforms.YouTube;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

/// <summary>The decision tables, row by row: what a platform says, what we know, what it means.</summary>
public sealed class DiagnosisTests
{
    private const string Expired = "Expired";
    private const string Transient = "Transient";
    private const string AppThrottled = "AppThrottled";
    private const string Ours = "Ours";
    private const string NoData = "NoData";
    private const string RefreshFirst = "RefreshFirst";

    private static readonly TokenFacts Alive = new(Now, EndsAt: Now.AddDays(30), RenewedAt: Now.AddDays(-3), GrantedAt: Now.AddDays(-3));
    private static readonly TokenFacts PastEnd = Alive with { EndsAt = Now.AddMinutes(-1) };
    private static readonly TokenFacts NoEnd = Alive with { EndsAt = null };

    private static readonly Row[] Table =
    [
        // Instagram.
        new("ig", new("190", "458", 400), Alive, "ig/removed", "Revoked confirmed AskedTwice"),
        new("ig", new("190", "460", 400), Alive, "ig/password-changed", "Revoked confirmed AskedTwice"),
        new("ig", new("190", "459", 400), Alive, "ig/checkpoint", "AccountSuspended confirmed AskedTwice"),
        new("ig", new("190", "464", 400), Alive, "ig/checkpoint", "AccountSuspended confirmed AskedTwice"),
        new("ig", new("368", null, 400), Alive, "ig/blocked", "AccountSuspended confirmed ProbedRepeatedly"),
        new("ig", new("190", "492", 400), Alive, "ig/no-role", "PermissionRemoved confirmed AskedTwice"),
        new("ig", new("190", "463", 400), PastEnd, "ig/expired", Expired),
        new("ig", new("190", "463", 400), NoEnd, "ig/expired", Expired),
        new("ig", new("190", "463", 400), Alive, "ig/ambiguous", "Revoked inferred ProbedRepeatedly"),
        new("ig", new("190", "467", 400), Alive, "ig/ambiguous", "Revoked inferred ProbedRepeatedly"),
        new("ig", new("190", null, 400), Alive, "ig/ambiguous", "Revoked inferred ProbedRepeatedly"),
        new("ig", new("102", null, 400), Alive, "ig/ambiguous", "Revoked inferred ProbedRepeatedly"),
        new("ig", new("190", null, 401), PastEnd, "ig/expired-without-subcode", Expired),
        new("ig", new("102", null, 401), PastEnd, "ig/expired-without-subcode", Expired),
        new("ig", new("10", null, 400, InstagramDiagnosis.NotEnoughViewers), Alive, "ig/no-viewers", NoData),
        new("ig", new("10", null, 403), Alive, "ig/permission", "PermissionRemoved confirmed AskedTwice"),
        new("ig", new("200", null, 403), Alive, "ig/permission", "PermissionRemoved confirmed AskedTwice"),
        new("ig", new("299", null, 403), Alive, "ig/permission", "PermissionRemoved confirmed AskedTwice"),
        new("ig", new("4", null, 403), Alive, "ig/app-throttled", AppThrottled),
        .. from code in (string[])["1", "2", "17", "32", "341", "613", "80001", "80002"] select new Row("ig", new(code, null, 400), Alive, "ig/transient", Transient),
        new("ig", new("3", null, 400), Alive, "ig/ours", Ours),
        new("ig", new("100", null, 400), Alive, "ig/ours", Ours),
        new("ig", new("100", null, 400, InstagramDiagnosis.ApiException), Alive, "ig/ours", Ours),
        new("ig", new("100", "33", 400), Alive, "ig/object", NoData),
        new("ig", new("9009", null, 400), Alive, "ig/unavailable", "AccountSuspended confirmed ProbedRepeatedly"),

        // YouTube.
        new("yt", new("invalid_grant", null, 400), PastEnd, "yt/expired", Expired),
        new("yt", new("invalid_grant", null, 400), NoEnd with { RenewedAt = Now.AddDays(-183) }, "yt/idle", Expired),
        new("yt-testing", new("invalid_grant", null, 400), NoEnd with { GrantedAt = Now.AddDays(-7) }, "yt/testing", Expired),
        new("yt", new("invalid_grant", null, 400), NoEnd with { GrantedAt = Now.AddDays(-7) }, "yt/revoked", "Revoked inferred AskedTwice"),
        new("yt", new("invalid_grant", "invalid_rapt", 400), Alive, "yt/reauthenticate", Expired),
        new("yt", new("invalid_grant", null, 400, YouTubeDiagnosis.AccountDeleted), Alive, "yt/account-deleted", "AccountDeleted confirmed AskedTwice"),
        new("yt", new("invalid_grant", null, 400), Alive, "yt/revoked", "Revoked inferred AskedTwice"),
        new("yt", new("authenticatedUserAccountSuspended", null, 403), Alive, "yt/suspended", "AccountSuspended confirmed AskedTwice"),
        new("yt", new("channelSuspended", null, 403), Alive, "yt/suspended", "AccountSuspended confirmed AskedTwice"),
        new("yt", new("authenticatedUserAccountClosed", null, 403), Alive, "yt/closed", "AccountDeleted confirmed AskedTwice"),
        new("yt", new("channelClosed", null, 403), Alive, "yt/closed", "AccountDeleted confirmed AskedTwice"),
        new("yt", new("authError", null, 401), Alive, "yt/token", RefreshFirst),
        new("yt", new("authorizationRequired", null, 401), Alive, "yt/token", RefreshFirst),
        new("yt", new("authError", null, 401), Alive with { RefreshedSince = true }, "yt/token-again", "Revoked inferred AskedTwice"),
        new("yt", new("insufficientPermissions", null, 403), Alive, "yt/permission", "PermissionRemoved confirmed AskedTwice"),
        new("yt", new("ACCESS_TOKEN_SCOPE_INSUFFICIENT", null, 403), Alive, "yt/permission", "PermissionRemoved confirmed AskedTwice"),
        new("yt", new("quotaExceeded", null, 403), Alive, "yt/quota", AppThrottled),
        new("yt", new("dailyLimitExceeded", null, 403), Alive, "yt/quota", AppThrottled),
        .. from code in (string[])["rateLimitExceeded", "userRateLimitExceeded", "RESOURCE_EXHAUSTED", "backendError", "internalError"] select new Row("yt", new(code, null, 403), Alive, "yt/transient", Transient),
        .. from code in (string[])["invalid_client", "deleted_client", "unauthorized_client", "accessNotConfigured"] select new Row("yt", new(code, null, 401), Alive, "yt/ours", Ours),
        .. from code in (string[])["forbidden", "authenticatedUserNotChannel", "accountDelegationForbidden"] select new Row("yt", new(code, null, 403), Alive, "yt/inspect", Ours),
        new("yt", new("youtubeSignupRequired", null, 401), Alive, "yt/no-channel", NoData),
        new("yt", new("videoNotFound", null, 404), Alive, "yt/missing", NoData),

        // TikTok.
        new("tt", new("invalid_grant", null, 400), PastEnd, "tt/expired", Expired),
        new("tt", new("invalid_grant", null, 200), PastEnd, "tt/expired", Expired),
        new("tt", new("invalid_grant", null, 400), Alive with { AnswerLost = true }, "tt/lost-rotation", "Revoked inferred AskedTwice"),
        new("tt", new("invalid_grant", null, 400), Alive, "tt/revoked", "Revoked inferred AskedTwice"),
        new("tt", new("access_token_invalid", null, 401), Alive, "tt/token", RefreshFirst),
        new("tt", new("access_token_invalid", null, 401), Alive with { RefreshedSince = true }, "tt/token-again", "Revoked inferred AskedTwice"),
        new("tt", new("scope_not_authorized", null, 401), Alive, "tt/permission", "PermissionRemoved confirmed AskedTwice"),
        new("tt", new("scope_permission_missed", null, 400), Alive, "tt/permission", "PermissionRemoved confirmed AskedTwice"),
        .. from code in (string[])["rate_limit_exceeded", "internal_error", "server_error", "temporarily_unavailable"] select new Row("tt", new(code, null, 200), Alive, "tt/transient", Transient),
        .. from code in (string[])["invalid_client", "unauthorized_client", "invalid_params", "invalid_request"] select new Row("tt", new(code, null, 400), Alive, "tt/ours", Ours),

        // All of them: the network, the server's own failures, and what nobody has described.
        .. from platform in (string[])["ig", "yt", "tt"]
           from status in (int?[])[null, 408, 429, 500, 502, 503, 504]
           select new Row(platform, new(status is null ? Observation.Unreachable : $"http-{status}", null, status), Alive, "any/outage", Transient),
        .. from platform in (string[])["ig", "yt", "tt"] select new Row(platform, new("never-heard-of", null, 400), Alive, "any/unknown", Ours),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Table.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_observation_means_what_the_table_says(int index)
    {
        var row = Table[index];

        var found = TableOf(row.Platform).Of(row.Seen, row.Facts);

        (found.Id, WordsOf(found.Then)).ShouldBe((row.Rule, row.Means), $"{row.Platform} {row.Seen}");
    }

    [Fact]
    public void Every_rule_of_every_platform_is_tried_here()
    {
        var rules = ((string[])["ig", "yt-testing", "tt"]).SelectMany(platform => TableOf(platform).Rows).Select(rule => rule.Id).Distinct().Order().ToArray();

        rules.Length.ShouldBeGreaterThan(30);
        Table.Select(row => row.Rule).Distinct().Order().ShouldBe(rules);
    }

    [Fact]
    public void A_servers_failure_never_means_that_an_authorization_is_dead_whatever_its_body_says_that_nobody_knows()
    {
        foreach (var platform in (string[])["ig", "yt", "tt"])
        {
            TableOf(platform).Of(new("whatever", "else", 500), PastEnd).Then.ShouldBe(Diagnosis.Transient);
        }
    }

    private static DiagnosisTable TableOf(string platform) => platform switch
    {
        "ig" => InstagramDiagnosis.Table,
        "yt" => YouTubeDiagnosis.Table(testing: false),
        "yt-testing" => YouTubeDiagnosis.Table(testing: true),
        _ => TikTokDiagnosis.Table,
    };

    private static string WordsOf(Diagnosis diagnosis) => diagnosis switch
    {
        Diagnosis.Ended => Expired,
        Diagnosis.Passing { WholeApp: true } => AppThrottled,
        Diagnosis.Passing => Transient,
        Diagnosis.OurFault => Ours,
        Diagnosis.NothingThere => NoData,
        Diagnosis.NeedsRefresh => RefreshFirst,
        Diagnosis.Dead dead => $"{dead.Reason} {dead.Confidence} {dead.Proof}",
        _ => diagnosis.ToString()!,
    };

    private sealed record Row(string Platform, Observation Seen, TokenFacts Facts, string Rule, string Means);
}
