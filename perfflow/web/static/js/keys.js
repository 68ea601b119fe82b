// Keys of the inbox: [data-keys] is the list, [data-key-row] a row with its main link
// [data-key-open], optional checkbox, and [data-key-claim] button; "/" goes to [data-key-search].

export function watchKeys() {
  const list = document.querySelector("[data-keys]");
  if (!list) return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (act(list, event.key)) event.preventDefault();
  });
}

function act(list, key) {
  const rows = [...list.querySelectorAll("[data-key-row]")];
  const at = rows.findIndex((row) => row.classList.contains("cursor"));
  switch (key) {
    case "j":
      return move(rows, at, Math.min(at + 1, rows.length - 1));
    case "k":
      return move(rows, at, Math.max(at - 1, 0));
    case "x":
      return toggle(rows[at]);
    case "c":
      return press(rows[at], "[data-key-claim]");
    case "Enter":
      // A focused link or button keeps its own Enter.
      if (document.activeElement?.closest("a, button, summary")) return false;
      return press(rows[at], "[data-key-open]");
    case "/":
      return focusOn(document.querySelector("[data-key-search]"));
    default:
      return false;
  }
}

function move(rows, from, to) {
  if (!rows.length) return false;
  rows[from]?.classList.remove("cursor");
  const row = rows[Math.max(to, 0)];
  row.classList.add("cursor");
  row.scrollIntoView({ block: "nearest" });
  // The link has the focus, so that a screen reader says where the cursor is.
  row.querySelector("[data-key-open]")?.focus({ preventScroll: true });
  return true;
}

function toggle(row) {
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function press(row, selector) {
  const target = row?.querySelector(selector);
  if (!target) return false;
  target.click();
  return true;
}

function focusOn(element) {
  element?.focus();
  return Boolean(element);
}
