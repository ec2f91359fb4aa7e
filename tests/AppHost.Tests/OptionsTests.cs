using Standalone;

namespace AppHost.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Without_arguments_everything_runs_and_the_data_stays()
    {
        Options.Parse([]).ShouldBe(new Options(Command.Run) { Demo = true, Dashboard = true, Reset = false, Verbose = false });
    }

    [Fact]
    public void Every_option_is_read()
    {
        var options = Options.Parse(["--reset", "--no-demo", "--no-dashboard", "--verbose", "--only", "campaign, mail"]);
        options.Only.ShouldBe(["campaign", "mail"]);
        (options.Reset, options.Demo, options.Dashboard, options.Verbose).ShouldBe((true, false, false, true));
    }

    [Theory]
    [InlineData("--rest")]
    [InlineData("campaign")]
    public void An_unknown_argument_is_refused_with_the_usage(string argument)
    {
        var refusal = Should.Throw<FormatException>(() => Options.Parse([argument])).Message;
        refusal.ShouldStartWith($"Unknown argument {argument}.");
        refusal.ShouldContain("--reset");
    }

    [Fact]
    public void An_option_without_its_value_is_refused()
    {
        Should.Throw<FormatException>(() => Options.Parse(["--only"])).Message.ShouldStartWith("--only wants a value.");
    }
}
