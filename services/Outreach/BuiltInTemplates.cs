using System.Globalization;
using System.Reflection;
using EventSourcing;

namespace Outreach;

/// <summary>The templates that every organization has from the start.</summary>
internal static class BuiltInTemplates
{
    private static readonly string Layout = Resource("layout.liquid");

    public static IReadOnlyList<Template> All { get; } =
    [
        Read("creator-hub-invitation", "Creator Hub invitation", Audience.YetToOptIn),
        Read("ttcm-invite-link", "TTCM invite link", Audience.MarketplaceInvitee),
        Read("reconnect-request", "Reconnect request", Audience.HasLostAccess),
    ];

    /// <summary>The layout knows nothing of a message and a message nothing of the layout: they meet before Liquid sees them.</summary>
    public static string InLayout(string html) => Layout.Replace("<!-- message -->", html, StringComparison.Ordinal);

    /// <summary>
    /// Which version of an organization's template a built-in text is. It follows from the text, so that a send pins the words it was accepted
    /// with although a later release ships others.
    /// </summary>
    public static Guid VersionId(Template builtIn, int version) => StreamId.Of(
        "built-in-template", builtIn.Key, version.ToString(CultureInfo.InvariantCulture), builtIn.Words.Subject, builtIn.Words.Text, builtIn.Words.Html ?? "");

    private static Template Read(string key, string name, Audience audience) =>
        new(key, name, audience, new(Resource($"{key}.subject.liquid"), Resource($"{key}.text.liquid"), Resource($"{key}.html.liquid")));

    private static string Resource(string path)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"The template file {path} is not part of the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
