// Starts the small behaviours that a page asks for with data attributes; every page works without.

import { watchBoard } from "./board.js";
import { watchDrafts } from "./drafts.js";
import { watchKeys } from "./keys.js";
import { watchRows } from "./rows.js";
import { watchWeights } from "./weights.js";

function focusSummary() {
  document.querySelector("[data-focus]")?.focus();
}

function closePopovers() {
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details[data-popover][open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details[data-popover][open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
}

function fadeToasts() {
  for (const toast of document.querySelectorAll("[data-toast]")) {
    setTimeout(() => toast.remove(), 8000);
  }
}

// Forms that act as soon as a choice is made: filters above lists.
function sendOnChange() {
  for (const form of document.querySelectorAll("form[data-auto-submit]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}

// Buttons that print the page; they are hidden where there are no scripts.
function offerPrinting() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

focusSummary();
offerPrinting();
closePopovers();
fadeToasts();
sendOnChange();
watchDrafts();
watchRows();
watchWeights();
watchKeys();
watchBoard();
