// Tells the page which part of a long list the window shows, and keeps in its place what is being read while blocks of the list come and go.
let left = 0;

export function watch(table, page, isBack) {
    const card = table.parentElement;
    const unknown = () => [...card.querySelectorAll("[data-gap], [data-more]")];
    let list = table.dataset.list;
    let places = new Map();
    let turn = Promise.resolve();
    let waiting = false;
    let more = false;
    let ended = false;

    // What is not there within a screen of the window is worth asking for.
    const isNear = element => {
        const { top, bottom } = element.getBoundingClientRect();
        return bottom > -innerHeight && top < 2 * innerHeight;
    };
    const seen = () => {
        const top = table.tBodies[0].getBoundingClientRect().top;
        const blocks = [...table.querySelectorAll("[data-block]")].map(block => ({ number: Number(block.dataset.block), height: block.getBoundingClientRect().height }));
        const what = { top: -top, bottom: innerHeight - top, width: table.clientWidth, blocks, more };
        more = false;
        return what;
    };
    // One question at a time, and at most one that waits behind it.
    const tell = () => {
        if (!waiting) {
            waiting = true;
            turn = turn.then(async () => {
                waiting = false;
                if (!ended && (more || unknown().some(isNear))) {
                    // When the page is gone there is nobody to tell.
                    await page.invokeMethodAsync("Look", seen()).catch(() => { });
                }
            });
        }
        return turn;
    };

    const observer = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) { tell(); } }, { rootMargin: "100% 0px" });
    // Observed anew, each says at once whether it is near: so a window that stands in the middle of a gap is told of until the gap is not there any more.
    const observe = () => {
        observer.disconnect();
        unknown().forEach(one => observer.observe(one));
    };

    // Browsers do this themselves, some of them, and not where a row goes from one block to another. Only where the list's own top is out of sight: above it people see what has changed.
    const hold = () => {
        if (table.dataset.list !== list) {
            list = table.dataset.list;
            toTop();
        } else if (isScrolled()) {
            for (const [creator, was] of places) {
                const row = was < scrollY || was > scrollY + innerHeight ? null : table.querySelector(`[data-creator="${creator}"]`);
                if (row) {
                    const moved = row.getBoundingClientRect().top + scrollY - was;
                    if (Math.abs(moved) >= 1) {
                        scrollBy({ top: moved, behavior: "instant" });
                    }
                    break;
                }
            }
        }
        places = new Map([...table.querySelectorAll("[data-creator]")].map(row => [row.dataset.creator, row.getBoundingClientRect().top + scrollY]));
    };
    const isScrolled = () => card.getBoundingClientRect().top < 0;
    const toTop = () => {
        if (isScrolled()) {
            scrollTo({ top: card.getBoundingClientRect().top + scrollY - 80, behavior: "instant" });
        }
    };

    const changes = new MutationObserver(() => { hold(); observe(); });
    const sizes = new ResizeObserver(hold);
    document.documentElement.style.overflowAnchor = "none";
    changes.observe(document.getElementById("content") ?? card, { childList: true, subtree: true, attributes: true, attributeFilter: ["style", "data-list"] });
    sizes.observe(table);
    // Where the window stood when the list was left: the page knows the rest.
    const note = () => { left = table.isConnected ? scrollY : left; };
    if (isBack) {
        scrollTo({ top: left, behavior: "instant" });
    }
    addEventListener("scroll", note, { passive: true });
    hold();
    observe();

    return {
        top() {
            scrollTo({ top: 0, behavior: "instant" });
            table.focus({ preventScroll: true });
        },
        // Whoever pressed the key stands behind the rows that came: on with the first of them.
        async more() {
            const from = document.activeElement;
            more = true;
            await tell();
            if (document.activeElement === from || document.activeElement === document.body) {
                [...table.querySelectorAll("[data-block]")].pop()?.querySelector("input, button, a")?.focus();
            }
        },
        stop() {
            ended = true;
            removeEventListener("scroll", note);
            observer.disconnect();
            changes.disconnect();
            sizes.disconnect();
            document.documentElement.style.overflowAnchor = "";
        },
    };
}
