using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Tests.Kit;

/// <summary>Where a person was sent after the consent page.</summary>
public sealed record Callback(string Address)
{
    private readonly Dictionary<string, string> query = QueryHelpers.ParseQuery(new Uri(Address).Query).ToDictionary(p => p.Key, p => p.Value.Single()!);

    public string Code => query["code"];

    public IEnumerable<string> Names => query.Keys;

    public string? this[string name] => query.GetValueOrDefault(name);
}

/// <summary>The form on a consent page as a browser without JavaScript holds it: what is ticked and not disabled is what gets sent.</summary>
public sealed partial class ConsentForm
{
    private readonly Simulator simulator;
    private readonly string action;
    private readonly List<Field> fields;

    private ConsentForm(Simulator simulator, string address, string page)
    {
        this.simulator = simulator;
        Page = page;
        action = Forms().Match(page) is { Success: true } form && Attribute(form.Value, "action") is { } written ? written : address;
        fields = [.. Inputs().Matches(page).Select(m => Field.Of(m.Value))];
    }

    public string Page { get; }

    public IEnumerable<string> Ids => fields.Select(f => f.Id!);

    public static async Task<ConsentForm> Open(Simulator simulator, string address)
    {
        var response = await simulator.Http.GetAsync(address);
        var page = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, page);
        return new(simulator, address, page);
    }

    public string Value(string id) => fields.Single(f => f.Id == id).Value;

    public ConsentForm Type(string id, string value) => Change(id, f => f with { Value = value });

    public ConsentForm Untick(string id) => Change(id, f => f with { Checked = false });

    public ConsentForm Choose(string id)
    {
        var name = fields.Single(f => f.Id == id).Name;
        fields.Where(f => f.Name == name).ToList().ForEach(f => Change(f.Id!, other => other with { Checked = other.Id == id }));
        return this;
    }

    public async Task<Callback> Allow(string handle) => await Sent(Type("handle", handle), "allow");

    public async Task<Callback> Deny() => await Sent(this, "deny");

    /// <summary>For an answer that stays on the platform's page.</summary>
    public async Task<(HttpStatusCode Status, string Page)> Stay(string decision)
    {
        var response = await Submit(decision);
        return (response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()));
    }

    private static async Task<Callback> Sent(ConsentForm form, string decision)
    {
        var response = await form.Submit(decision);
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return new(response.Headers.Location!.OriginalString);
    }

    private Task<HttpResponseMessage> Submit(string decision)
    {
        var sent = fields.Where(f => !f.Disabled && (f.Type is not ("checkbox" or "radio") || f.Checked)).Select(f => KeyValuePair.Create(f.Name, f.Value));
        return simulator.Http.PostAsync(action, new FormUrlEncodedContent([.. sent, KeyValuePair.Create("decision", decision)]));
    }

    private ConsentForm Change(string id, Func<Field, Field> change)
    {
        var index = fields.FindIndex(f => f.Id == id);
        index.ShouldBeGreaterThanOrEqualTo(0, $"no element with id {id}");
        fields[index] = change(fields[index]);
        return this;
    }

    private static string? Attribute(string tag, string name) =>
        Regex.Match(tag, $"\\s{name}=\"([^\"]*)\"") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    private static bool Has(string tag, string name) => Regex.IsMatch(tag, $"\\s{name}[\\s/>]");

    [GeneratedRegex("<form id=\"consent\"[^>]*>")]
    private static partial Regex Forms();

    [GeneratedRegex("<input [^>]*>")]
    private static partial Regex Inputs();

    private sealed record Field(string? Id, string Name, string Value, string? Type, bool Checked, bool Disabled)
    {
        public static Field Of(string tag) => new(
            Attribute(tag, "id"), Attribute(tag, "name")!, Attribute(tag, "value") ?? "", Attribute(tag, "type"), Has(tag, "checked"), Has(tag, "disabled"));
    }
}
