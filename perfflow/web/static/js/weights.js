// Moves the weight bar while weights are typed: inputs [data-weight][data-dimension] in percent.

const CODES = ["R", "C", "K", "G"];
const SVG = "http://www.w3.org/2000/svg";

export function watchWeights() {
  for (const bar of document.querySelectorAll("[data-weight-bar]")) {
    const form = bar.closest("form") ?? document.querySelector("form:has([data-weight])");
    if (!form) continue;
    const draw = () => redraw(bar, form);
    form.addEventListener("input", draw);
    form.addEventListener("pf:rows", draw);
    if (form.querySelector("[data-weight]")) draw();
  }
}

// Whole basis points, so that 33.3 + 33.3 + 33.4 is exactly 100.
function basisPoints(text) {
  const match = /^\s*(\d{1,3})(?:[.。](\d{0,2})\d*)?\s*%?\s*$/.exec(text ?? "");
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : 0;
}

function dimensionOf(input) {
  if (input.dataset.dimension) return input.dataset.dimension;
  const choice = input.closest("[data-row]")?.querySelector("select[data-dimension-source]");
  return choice?.selectedOptions[0]?.dataset.dimension ?? "R";
}

function percent(points) {
  return `${String(points / 100).replace("-", "−")}%`;
}

function redraw(bar, form) {
  const sums = Object.fromEntries(CODES.map((code) => [code, 0]));
  for (const input of form.querySelectorAll("[data-weight]")) {
    sums[dimensionOf(input)] += basisPoints(input.value);
  }
  const total = CODES.reduce((sum, code) => sum + sums[code], 0);
  const whole = Math.max(total, 10000);
  const drawing = bar.querySelector(".weightbar");
  let at = 0;
  for (const code of CODES) {
    const segment = segmentOf(drawing, code);
    segment.setAttribute("x", `${(at / whole) * 100}%`);
    segment.setAttribute("width", `${(sums[code] / whole) * 100}%`);
    segment.querySelector("[data-weight-figure]").textContent = percent(sums[code]);
    at += sums[code];
  }
  bar.querySelector("[data-weight-total]").textContent = percent(total);
  judge(bar, total);
}

function segmentOf(drawing, code) {
  const found = drawing.querySelector(`[data-weight-segment="${code}"]`);
  if (found) return found;
  const segment = document.createElementNS(SVG, "svg");
  segment.setAttribute("height", "28");
  segment.dataset.weightSegment = code;
  const fill = document.createElementNS(SVG, "rect");
  fill.setAttribute("class", `fill-${code.toLowerCase()}`);
  fill.setAttribute("width", "100%");
  fill.setAttribute("height", "28");
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", "9");
  text.setAttribute("y", "18.5");
  const figure = document.createElementNS(SVG, "tspan");
  figure.setAttribute("class", "figure");
  figure.dataset.weightFigure = "";
  text.append(figure);
  segment.append(fill, text);
  drawing.append(segment);
  return segment;
}

function judge(bar, total) {
  const verdict = bar.querySelector("[data-weight-verdict]");
  const gap = 10000 - total;
  const pattern =
    gap === 0 ? bar.dataset.textExact : gap > 0 ? bar.dataset.textShort : bar.dataset.textOver;
  verdict.classList.toggle("ok", gap === 0);
  verdict.classList.toggle("bad", gap !== 0);
  verdict.querySelector("span").textContent = pattern
    .replace("%(total)s", percent(total))
    .replace("%(gap)s", percent(Math.abs(gap)))
    .replace("%%", "%");
  for (const name of ["yes", "no"]) {
    verdict.querySelector(`[data-weight-${name}]`)?.toggleAttribute("hidden", (gap === 0) !== (name === "yes"));
  }
}
