using MudBlazor;

namespace WebConsole.Layout;

/// <summary>What the person chose (system, light or dark) and what that comes to now.</summary>
public sealed class ThemeState
{
    public string Choice { get; set; } = "system";

    public bool Dark { get; set; }
}

/// <summary>The console's own colours and letters: petrol on warm paper, and at night the same hues on ink. Green, red and grey are left to statuses.</summary>
public static class Theme
{
    private static readonly string[] Letters = ["Figtree", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif"];

    public static MudTheme Console { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0f5e73",
            PrimaryContrastText = "#ffffff",
            Secondary = "#b4631b",
            Tertiary = "#4a5f8c",
            Background = "#f6f4ef",
            BackgroundGray = "#efece4",
            Surface = "#ffffff",
            AppbarBackground = "#fffdf9",
            AppbarText = "#1c2a31",
            DrawerBackground = "#ffffff",
            DrawerText = "#1c2a31",
            TextPrimary = "#1c2a31",
            TextSecondary = "#56646c",
            TextDisabled = "#8a959b",
            ActionDefault = "#56646c",
            ActionDisabled = "#a9b2b7",
            ActionDisabledBackground = "#e9e6de",
            Divider = "#e6e1d7",
            DividerLight = "#efece4",
            LinesDefault = "#e6e1d7",
            LinesInputs = "#8c979d",
            TableLines = "#ece8df",
            TableHover = "#faf8f3",
            Success = "#1b7a48",
            Error = "#b3261e",
            Warning = "#9a5b0b",
            Info = "#0f5e73",
            OverlayDark = "rgba(20,32,38,0.45)",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#74c6da",
            PrimaryContrastText = "#06222b",
            Secondary = "#f0a35e",
            Tertiary = "#a9bbe6",
            Background = "#0f161a",
            BackgroundGray = "#131c21",
            Surface = "#172126",
            AppbarBackground = "#131c21",
            AppbarText = "#e7edef",
            DrawerBackground = "#172126",
            DrawerText = "#e7edef",
            TextPrimary = "#e7edef",
            TextSecondary = "#a3b1b8",
            TextDisabled = "#6d7c84",
            ActionDefault = "#a3b1b8",
            ActionDisabled = "#56656d",
            ActionDisabledBackground = "#223037",
            Divider = "#29373e",
            DividerLight = "#223037",
            LinesDefault = "#29373e",
            LinesInputs = "#7d8d95",
            TableLines = "#243138",
            TableHover = "#1c282e",
            Success = "#6fd39d",
            Error = "#ff9a8d",
            Warning = "#f2bd74",
            Info = "#74c6da",
            OverlayDark = "rgba(4,8,10,0.6)",
        },
        LayoutProperties = new() { DefaultBorderRadius = "10px" },
        Typography = new()
        {
            Default = new DefaultTypography { FontFamily = Letters, FontSize = "0.9375rem", LineHeight = "1.5", LetterSpacing = "0" },
            Button = new ButtonTypography { FontFamily = Letters, FontSize = "0.9rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "0" },
            Body1 = new Body1Typography { FontFamily = Letters, FontSize = "0.9375rem", LetterSpacing = "0" },
            Body2 = new Body2Typography { FontFamily = Letters, FontSize = "0.875rem", LetterSpacing = "0" },
            H6 = new H6Typography { FontFamily = Letters, FontSize = "1.15rem", FontWeight = "650", LetterSpacing = "-0.01em" },
        },
    };
}
