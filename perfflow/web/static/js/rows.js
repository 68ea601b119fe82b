// Adds and removes rows of a form: [data-rows] holds [data-row]s, a <template data-row-template>
// with __index__ in its names, and buttons [data-row-add] and [data-row-remove].

export function watchRows() {
  for (const box of document.querySelectorAll("[data-rows]")) {
    box.addEventListener("click", (event) => {
      const add = event.target.closest("[data-row-add]");
      const remove = event.target.closest("[data-row-remove]");
      if (add && addRow(box)) event.preventDefault();
      if (remove && removeRow(box, remove.closest("[data-row]"))) event.preventDefault();
    });
  }
}

function rowsOf(box) {
  return [...box.querySelectorAll("[data-row]")];
}

function addRow(box) {
  const template = box.querySelector("template[data-row-template]");
  if (!template) return false;
  const used = rowsOf(box).map((row) => Number(row.dataset.row) || 0);
  const index = String(used.length ? Math.max(...used) + 1 : 0);
  const row = template.content.firstElementChild.cloneNode(true);
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of [...element.attributes]) {
      if (attribute.value.includes("__index__")) {
        element.setAttribute(attribute.name, attribute.value.replaceAll("__index__", index));
      }
    }
  }
  row.dataset.row = index;
  const last = rowsOf(box).at(-1);
  if (last) last.after(row);
  else template.before(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  tell(box);
  return true;
}

function removeRow(box, row) {
  if (!row || !box.querySelector("template[data-row-template]")) return false;
  const rows = rowsOf(box);
  if (rows.length <= Number(box.dataset.minRows ?? 0)) return true;
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  row.remove();
  (next?.querySelector("input:not([type=hidden]), select, textarea") ??
    box.querySelector("[data-row-add]"))?.focus();
  tell(box);
  return true;
}

function tell(box) {
  box.closest("form")?.dispatchEvent(new CustomEvent("pf:rows", { bubbles: true }));
}
