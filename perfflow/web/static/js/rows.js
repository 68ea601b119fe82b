// Adds and removes rows of a form: [data-rows] holds [data-row]s, a <template data-row-template>
// with a placeholder in its names (data-placeholder, else __index__), and buttons [data-row-add]
// and [data-row-remove]. Lists nest: every list looks after its own rows only. Numbers are never
// used twice on a page (data-next), because the server knows rows by them.

export function watchRows() {
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-row-add]");
    const remove = event.target.closest("[data-row-remove]");
    const box = (add ?? remove)?.closest("[data-rows]");
    if (!box) return;
    if (add && addRow(box)) event.preventDefault();
    if (remove && removeRow(box, remove.closest("[data-row]"))) event.preventDefault();
  });
}

function own(box, selector) {
  return [...box.querySelectorAll(selector)].filter((found) => found.closest("[data-rows]") === box);
}

function addRow(box) {
  const template = own(box, "template[data-row-template]")[0];
  if (!template) return false;
  const used = own(box, "[data-row]").map((row) => Number(row.dataset.row) || 0);
  const index = String(Math.max(Number(box.dataset.next ?? 0), ...used.map((number) => number + 1)));
  box.dataset.next = String(Number(index) + 1);
  const content = template.content.cloneNode(true);
  number(content, template.dataset.placeholder ?? "__index__", index);
  const row = content.firstElementChild;
  row.dataset.row = index;
  const last = own(box, "[data-row]").at(-1);
  if (last) last.after(row);
  else template.before(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  tell(box);
  return true;
}

function number(root, placeholder, index) {
  for (const element of root.querySelectorAll("*")) {
    for (const attribute of [...element.attributes]) {
      if (attribute.value.includes(placeholder)) {
        element.setAttribute(attribute.name, attribute.value.replaceAll(placeholder, index));
      }
    }
    if (element instanceof HTMLTemplateElement) number(element.content, placeholder, index);
  }
}

function removeRow(box, row) {
  if (!row || !own(box, "template[data-row-template]").length) return false;
  const rows = own(box, "[data-row]");
  if (rows.length <= Number(box.dataset.minRows ?? 0)) return true;
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  row.remove();
  (next?.querySelector("input:not([type=hidden]), select, textarea") ??
    own(box, "[data-row-add]")[0])?.focus();
  tell(box);
  return true;
}

function tell(box) {
  const rows = own(box, "[data-row]").length;
  for (const count of own(box, "[data-row-count]")) count.textContent = String(rows);
  for (const note of own(box, "[data-no-rows]")) note.toggleAttribute("hidden", rows > 0);
  box.closest("form")?.dispatchEvent(new CustomEvent("pf:rows", { bubbles: true }));
}
