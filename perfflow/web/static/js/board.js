// The calibration board: a card dropped on a band, or ← and → on a card, opens the move that leads
// there. The server proposes the total and asks for the reason; nothing is moved by dropping.

export function watchBoard() {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  for (const seat of board.querySelectorAll("[data-seat]")) {
    seat.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", seat.dataset.seat);
      event.dataTransfer.effectAllowed = "move";
    });
    seat.addEventListener("keydown", (event) => step(board, seat, event));
  }
  for (const band of board.querySelectorAll("[data-band]")) {
    band.addEventListener("dragover", (event) => {
      event.preventDefault();
      band.classList.add("target");
    });
    band.addEventListener("dragleave", () => band.classList.remove("target"));
    band.addEventListener("drop", (event) => {
      event.preventDefault();
      band.classList.remove("target");
      open(board, event.dataTransfer.getData("text/plain"), band.dataset.band);
    });
  }
}

function step(board, seat, event) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  const codes = [...board.querySelectorAll("[data-band]")].map((band) => band.dataset.band);
  const next = codes[codes.indexOf(seat.dataset.bandNow) + by];
  if (!next || !codes.includes(seat.dataset.bandNow)) return;
  event.preventDefault();
  open(board, seat.dataset.seat, next);
}

function open(board, person, band) {
  const seat = board.querySelector(`[data-seat="${CSS.escape(person)}"]`);
  if (!seat || seat.dataset.bandNow === band) return;
  const address = new URL(board.dataset.board, window.location.href);
  address.searchParams.set("person", person);
  address.searchParams.set("band", band);
  address.hash = "move";
  window.location.assign(address);
}
