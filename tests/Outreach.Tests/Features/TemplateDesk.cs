using System.Net.Http.Json;

namespace Outreach.Tests.Features;

/// <summary>New words for a template.</summary>
internal sealed record Rewording(string Subject, string Text)
{
    public string? Html { get; init; }

    public string? Audience { get; init; }
}

/// <summary>What somebody who keeps templates does.</summary>
internal static class TemplateDesk
{
    extension(Scene scene)
    {
        /// <summary>May read and change templates.</summary>
        public HttpClient Manager => scene.Client("outreach.read outreach.manage");

        public async Task<HttpResponseMessage> Edit(string key, string? revision, Rewording words)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/templates/{key}") { Content = JsonContent.Create(words) };
            if (revision is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", $"\"{revision}\"");
            }

            return await scene.Manager.SendAsync(request);
        }
    }
}
