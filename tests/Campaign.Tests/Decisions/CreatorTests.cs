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

    private static CreatorProfile Ana(Dictionary<string, string?>? handles = null) =>
        CreatorProfile.Of(Id, "Ana Maya", "ana@example.com", "pt-BR", handles ?? new() { ["instagram"] = "ana" });
}
