// Runs before the first paint. The server draws the page in the colours that two cookies name, so they must be true before it does:
// where they are not (first visit, or the system changed its mind meanwhile) the page is asked for once more.
(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const read = name => document.cookie.split("; ").find(c => c.startsWith(name + "="))?.split("=")[1];
    const write = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };
    const choice = () => read("theme") ?? "system";
    const isDark = () => choice() === "dark" || (choice() === "system" && system.matches);

    const apply = () => {
        const dark = isDark();
        write("theme-dark", dark ? "1" : "0");
        document.documentElement.dataset.theme = dark ? "dark" : "light";
        return dark;
    };

    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    write("zone", zone);

    window.consoleTheme = {
        zone: () => zone,
        choose: chosen => { write("theme", chosen); return apply(); },
        watch: page => system.addEventListener("change", () => page.invokeMethodAsync("SystemThemeChanged", apply())),
    };

    const painted = document.documentElement.dataset.theme === "dark";
    if (apply() !== painted && read("theme-dark") === (painted ? "0" : "1")) {
        location.reload();
    }

    // The server was started anew: it does not know this page any more, but it knows the session.
    document.addEventListener("components-reconnect-state-changed", event => {
        if (event.detail?.state === "rejected") {
            location.reload();
        }
    });
})();
