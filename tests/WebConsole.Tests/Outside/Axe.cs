using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace WebConsole.Tests.Outside;

/// <summary>
/// axe-core, read within the page. RunAxe of Deque's package carries all that was looked at, the faultless included, out of the page and into a second one made for the purpose,
/// for the sake of frames: it doubled the time of a walk through all pages. Here a frame is a fault.
/// </summary>
public static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <summary>The faults that keep people out: which rule, and the first elements it is broken at.</summary>
    public static async Task<IReadOnlyList<string>> Faults(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
        {
            await page.EvaluateAsync(Script);
        }

        return await page.EvaluateAsync<string[]>(
            """
            async () => {
                const told = (rule, elements) => `${rule}: ${elements.slice(0, 4).map(html => html.slice(0, 240)).join(" | ")}`;
                const { violations } = await axe.run(document, { resultTypes: ["violations"] });
                const faults = violations.filter(one => one.impact === "serious" || one.impact === "critical").map(one => told(one.id, one.nodes.map(node => node.html)));
                const frames = [...document.querySelectorAll("iframe")].map(frame => frame.outerHTML);
                return frames.length ? [...faults, told("frame-not-read", frames)] : faults;
            }
            """);
    }
}
