// Saves what is typed into <form data-draft-url> 800 ms after the last key, and says so.

const PAUSE = 800;

export function watchDrafts() {
  for (const form of document.querySelectorAll("form[data-draft-url]")) {
    let timer = 0;
    let running = null;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        await running;
        running = save(form);
      }, PAUSE);
    };
    form.addEventListener("input", later);
    form.addEventListener("pf:rows", later);
    // A submitted form must not be followed by a draft of itself.
    form.addEventListener("submit", () => clearTimeout(timer));
  }
}

async function save(form) {
  try {
    const answer = await fetch(form.dataset.draftUrl, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const saved = await answer.json();
    say(form, saved.message ?? saved.saved_at ?? "");
  } catch {
    say(form, form.dataset.draftFailed ?? "");
  }
}

function say(form, text) {
  const place =
    form.querySelector("[data-draft-status]") ?? document.querySelector("[data-draft-status]");
  if (place) place.textContent = text;
}
