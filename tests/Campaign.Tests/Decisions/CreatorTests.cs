using Campaigns.Features;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class CreatorTests
{
    private static readonly Guid Id = new("0190a000-0000-7000-8000-000000000001");

    [Fact]
    public void A_creator_is_admitted_without_a_word_of_personal_data() =>
        Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, Ana(), null)).Then(new CreatorAdmitted(Id));

    [Fact]
    public void The_same_request_again_changes_nothing() =>
        Given.Events<Creator>(new CreatorAdmitted(Id)).When(state => RegisterCreator.Decide(state, Ana(), Ana())).ThenNothing();

    [Fact]
    public void An_address_that_another_creator_has_is_refused() =>
        Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, Ana(), Ana() with { Id = Guid.NewGuid() }))
            .ThenRefused(RefusalKind.WrongState, "creator.exists", "email");

    [Theory]
    [InlineData("  ", "ana@example.com", "en", "name.invalid", "name")]
    [InlineData("Ana\r\nBcc: all@example.com", "ana@example.com", "en", "name.invalid", "name")]
    [InlineData("Ana", null, "en", "email.invalid", "email")]
    [InlineData("Ana", "ana", "en", "email.invalid", "email")]
    [InlineData("Ana", "ana@localhost", "en", "email.invalid", "email")]
    [InlineData("Ana", "Ana <ana@example.com>", "en", "email.invalid", "email")]
    [InlineData("Ana", "ana@example.com,bo@example.com", "en", "email.invalid", "email")]
    [InlineData("Ana", "ana@example.com\r\nBcc: all@example.com", "en", "email.invalid", "email")]
    [InlineData("Ana", "ana@example.com", "english", "locale.invalid", "locale")]
    [InlineData("Ana", "ana@example.com", "e", "locale.invalid", "locale")]
    public void What_cannot_be_right_is_refused_with_its_field(string? name, string? email, string locale, string code, string field) =>
        Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, CreatorProfile.Of(Id, name, email, locale, null), null))
            .ThenRefused(RefusalKind.InvalidValue, code, field);

    [Theory]
    [InlineData("myspace", "ana", "platform.unknown", "handles")]
    [InlineData("instagram", "ana maya", "handle.invalid", "handles.instagram")]
    public void A_handle_that_cannot_be_right_is_refused_with_its_platform(string platform, string handle, string code, string field) =>
        Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, Ana(handles: new() { [platform] = handle }), null))
            .ThenRefused(RefusalKind.InvalidValue, code, field);

    [Theory]
    [InlineData("en")]
    [InlineData("pt-BR")]
    [InlineData("zh-Hant-TW")]
    [InlineData("es-419")]
    [InlineData("ca-ES-valencia")]
    public void Locales_are_language_tags(string locale) =>
        Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, CreatorProfile.Of(Id, "Ana", "ana@example.com", locale, null), null))
            .Then(new CreatorAdmitted(Id));

    [Theory]
    [InlineData("Europe/Paris", true)]
    [InlineData("America/Argentina/Buenos_Aires", true)]
    [InlineData("UTC", true)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("/dev/zero", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("Romance Standard Time", false)]
    public void Time_zones_are_those_of_the_iana(string zone, bool known)
    {
        var decision = Given.Nothing<Creator>().When(state => RegisterCreator.Decide(state, CreatorProfile.Of(Id, "Ana", "ana@example.com", null, null, zone), null));
        if (known)
        {
            decision.Then(new CreatorAdmitted(Id));
        }
        else
        {
            decision.ThenRefused(RefusalKind.InvalidValue, "timezone.unknown", "timeZone");
        }
    }

    [Fact]
    public void A_correction_is_recorded_without_a_word_of_it() =>
        Amend(new() { Name = "Ana Lima" }).Then(new CreatorAmended(Id));

    [Fact]
    public void A_correction_that_says_the_same_is_nothing()
    {
        Amend(new()).ThenNothing();
        Amend(new() { Name = " Ana Maya ", Locale = "pt-BR", TimeZone = null, Handles = new Dictionary<string, string?> { ["instagram"] = "@ana", ["tiktok"] = null } }).ThenNothing();
    }

    [Fact]
    public void A_correction_changes_what_it_names_and_null_takes_away()
    {
        var ana = CreatorProfile.Of(Id, "Ana", "ana@example.com", "pt-BR", new Dictionary<string, string?> { ["instagram"] = "ana", ["tiktok"] = "anatok" }, "Europe/Lisbon");
        Says(new() { Email = "maya@example.com" }, "Ana maya@example.com pt-BR Europe/Lisbon instagram:ana,tiktok:anatok 2");
        Says(new() { Locale = null, TimeZone = null }, "Ana ana@example.com en  instagram:ana,tiktok:anatok 2");
        Says(new() { Handles = new Dictionary<string, string?> { ["youtube"] = "ana", ["tiktok"] = null } }, "Ana ana@example.com pt-BR Europe/Lisbon instagram:ana,youtube:ana 2");
        Says(new() { Handles = null }, "Ana ana@example.com pt-BR Europe/Lisbon  2");

        void Says(AmendCreator.Request request, string expected)
        {
            var profile = request.Amend(ana);
            var handles = string.Join(',', profile.Handles.Select(handle => $"{handle.Key}:{handle.Value}"));
            $"{profile.Name} {profile.Email} {profile.Locale} {profile.TimeZone} {handles} {profile.Revision}".ShouldBe(expected);
        }
    }

    [Fact]
    public void A_correction_that_cannot_be_right_is_refused()
    {
        Amend(new() { Name = null }).ThenRefused(RefusalKind.InvalidValue, "name.invalid", "name");
        Amend(new() { Email = null }).ThenRefused(RefusalKind.InvalidValue, "email.invalid", "email");
        Amend(new() { TimeZone = "Mars/Olympus" }).ThenRefused(RefusalKind.InvalidValue, "timezone.unknown", "timeZone");
        Amend(new() { Email = "bo@example.com" }, holder: Ana() with { Id = Guid.NewGuid() }).ThenRefused(RefusalKind.WrongState, "creator.exists", "email");
        Amend(new() { Email = "ANA@example.com" }, holder: Ana()).Then(new CreatorAmended(Id));
        Given.Nothing<Creator>().When(state => AmendCreator.Decide(state, Ana(), Ana(), null)).ThenRefused(RefusalKind.Unknown, "creator.unknown");
    }

    [Fact]
    public void A_profile_is_tidied_before_it_is_kept()
    {
        var handles = new Dictionary<string, string?> { ["instagram"] = " @Ana.A ", ["youtube"] = "@", ["tiktok"] = null };
        var profile = CreatorProfile.Of(Id, " Ana Åberg ", " Ana@Example.com ", " ", handles);
        profile.Name.ShouldBe("Ana Åberg");
        profile.Email.ShouldBe("Ana@Example.com");
        profile.EmailKey.ShouldBe("ana@example.com");
        profile.Locale.ShouldBe("en");
        profile.HandlePerPlatform().ShouldBe(new Dictionary<string, string?> { ["instagram"] = "Ana.A", ["youtube"] = null, ["tiktok"] = null });
        profile.SortName.ShouldBe("ana aberg");
        profile.SearchText.ShouldBe("ana aberg\nana.a");
    }

    [Fact]
    public void A_character_that_unfolds_into_many_leaves_the_sort_name_short() =>
        CreatorProfile.Of(Id, new string('\uFDFA', 200), "ana@example.com", null, null).SortName.Length.ShouldBe(200);

    private static Decision Amend(AmendCreator.Request request, CreatorProfile? holder = null) =>
        Given.Events<Creator>(new CreatorAdmitted(Id)).When(state => AmendCreator.Decide(state, Ana(), request.Amend(Ana()), holder));

    private static CreatorProfile Ana(Dictionary<string, string?>? handles = null) =>
        CreatorProfile.Of(Id, "Ana Maya", "ana@example.com", "pt-BR", handles ?? new() { ["instagram"] = "ana" });
}
