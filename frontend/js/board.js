// Boards: dragging a card posts the move at once; what the server refuses goes back where it was.
import Sortable from "sortablejs";

function putBack(move) {
  move.from.insertBefore(move.item, move.from.children[move.oldIndex] ?? null);
}

function recount(column, by) {
  const count = column?.querySelector(".board-head .count");
  if (count && /^\d+$/.test(count.textContent)) count.textContent = String(Number(count.textContent) + by);
}

/** Sends the move; only a plain success without another target keeps the card. */
function send(move) {
  const card = move.item;
  const column = move.to.closest("[data-stage]");
  const origin = move.from.closest("[data-stage]");
  card.classList.add("is-saving");
  const onAnswer = (event) => {
    if (event.target !== card) return;
    card.removeEventListener("htmx:afterRequest", onAnswer);
    card.classList.remove("is-saving");
    const asked = event.detail.xhr.getResponseHeader("HX-Retarget");
    if (!event.detail.successful || asked) putBack(move);
    else {
      recount(column, 1);
      recount(origin, -1);
    }
  };
  card.addEventListener("htmx:afterRequest", onAnswer);
  // Where it was taken up goes along: what somebody else has changed meanwhile is told, not overwritten.
  const values = { [card.dataset.field || "to"]: column.dataset.stage, _was: origin?.dataset.stage ?? "" };
  window.htmx.ajax("POST", card.dataset.move, { source: card, target: card, swap: "none", values });
}

/** How far the board of this page was moved sideways: it is drawn anew after each move, and stays where one was. */
let aside = 0;

function start(board) {
  if (board.dataset.ready) return;
  board.dataset.ready = "1";
  board.scrollLeft = aside;
  board.addEventListener("scroll", () => (aside = board.scrollLeft), { passive: true });
  const columns = [...board.querySelectorAll("[data-stage]")];
  const mark = (column) => columns.forEach((one) => one.classList.toggle("is-target", one === column));
  for (const column of columns) {
    Sortable.create(column.querySelector(".board-cards"), {
      group: { name: "board", put: () => !column.dataset.refuse },
      draggable: "[data-move]",
      filter: ".menu, .menu *",
      preventOnFilter: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
      delay: 250,
      delayOnTouchOnly: true,
      touchStartThreshold: 4,
      scrollSensitivity: 80,
      onStart: () => columns.forEach((one) => one.classList.toggle("is-refused", Boolean(one.dataset.refuse))),
      onMove: (move) => mark(move.to.closest("[data-stage]")),
      onEnd: (move) => {
        mark(null);
        columns.forEach((one) => one.classList.remove("is-refused"));
        if (move.from !== move.to) send(move);
        else putBack(move); // within a column the urgency of the next step decides the order
      },
    });
  }
}

/** A list whose order a person decides: dragging sends its form, or marks the menu it stands in. */
function sort(list) {
  if (list.dataset.ready) return;
  list.dataset.ready = "1";
  Sortable.create(list, {
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
    delay: 250,
    delayOnTouchOnly: true,
    filter: "input:not([type=checkbox]), select, .menu-box",
    preventOnFilter: false,
    onEnd: (move) => move.oldIndex !== move.newIndex && list.closest("form[data-sends]")?.requestSubmit(),
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move-up]");
    const item = button?.closest("li");
    if (!item?.previousElementSibling) return;
    item.previousElementSibling.before(item);
    button.focus();
  });
}

window.xiaoguan ??= {};
window.xiaoguan.board = (element) => (element.matches("[data-board]") ? start(element) : sort(element));
