// Puts text where the caret stands, as typing would: the page hears of it through the same event.
export function insert(id, text) {
    const field = document.getElementById(id);
    field.focus();
    field.setRangeText(text, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Shows a place that was named by line and column, both from 1.
export function show(id, line, column) {
    const field = document.getElementById(id);
    const before = field.value.split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const at = before + column - 1;
    const end = field.value.indexOf("\n", at);
    field.focus();
    field.setSelectionRange(at, end < 0 ? field.value.length : end);
}

// Copies what a field holds; false where the browser does not let a page do so.
export async function copy(id) {
    const field = document.getElementById(id);
    field.select();
    try {
        await navigator.clipboard.writeText(field.value);
        return true;
    } catch {
        return false;
    }
}
