using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Whoever is woken by an alarm finds it in docs/operations.md.</summary>
public sealed class RunbookRules
{
    [Fact]
    public void Every_health_check_that_can_turn_red_has_a_row_in_the_runbook()
    {
        var runbook = Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md")), "^\\| (?<alarm>[^|]*`[^|]*) \\|[^|]+\\|[^|]{15,}\\|$", RegexOptions.Multiline).Select(row => row.Groups["alarm"].Value).ToArray();
        string[] checks = [.. Repository.Sources("services").SelectMany(source => Regex.Matches(source.Text, "AddCheck<\\w+>\\(\"(?<name>[a-z-]+)\"")).Select(check => check.Groups["name"].Value).Distinct()];
        checks.Length.ShouldBeGreaterThan(6);
        checks.Where(check => !runbook.Any(alarm => alarm.Contains($"`{check}`", StringComparison.Ordinal))).ShouldBeEmpty();
    }
}
