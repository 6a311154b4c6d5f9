// What the designer's pages do beyond plain HTML. Every act has a button or a form that does the same.

// The preview follows what was saved.
const preview = document.querySelector("[data-preview]");
document.addEventListener("preview", () => preview?.contentWindow.location.reload());

// As narrow as a telephone, or the whole width.
const widths = document.querySelector("[data-widths]");
if (widths) {
  widths.hidden = false;
  widths.addEventListener("click", (event) => {
    const wanted = event.target.dataset.width;
    if (wanted) document.querySelector(".workbench").classList.toggle("wide-preview", wanted === "computer");
  });
}

// The list beside the card is folded where it would push the card down.
const outline = document.querySelector("[data-outline]");
if (outline && matchMedia("(max-width: 62rem)").matches) outline.open = false;

// A datum is written where the cursor is.
document.addEventListener("click", (event) => {
  const token = event.target.dataset?.insert;
  const text = token && document.querySelector("#d-text, #d-body");
  if (!text) return;
  text.setRangeText(token, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
});

// Marks stand around what is chosen; those of a list before each line, and blank lines around it.
const marks = document.querySelector("[data-marks]");
const listed = (lines, mark) => lines.map((line, n) => mark.replace("1", n + 1) + line).join("\n");
const apart = (text, blank) => (text.trim() && !blank.test(text) ? "\n\n" : "");
if (marks) marks.hidden = false;
marks?.addEventListener("click", (event) => {
  const { mark, line } = event.target.dataset;
  const text = document.querySelector("#d-text");
  if (!text || !(mark || line)) return;
  const { selectionStart: start, selectionEnd: end, value } = text;
  const chosen = value.slice(start, end);
  const [before, after] = [value.slice(0, start), value.slice(end)];
  const open = mark ?? apart(before, /\n\s*\n$/);
  const close = mark ?? apart(after, /^\n\s*\n/);
  const inner = mark ? chosen : listed(chosen.split("\n"), line);
  text.setRangeText(open + inner + close, start, end);
  text.setSelectionRange(start + open.length, start + open.length + inner.length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
});

// Dragging an item to another place presses the button that moves it there.
let dragged;
const depth = (item) => item.dataset.drag.split("/").length;
const isPlace = (over) => dragged && over && over !== dragged && depth(over) === depth(dragged);
const isBelow = (over, event) => {
  const box = (over.querySelector(".branch") ? over.firstElementChild : over).getBoundingClientRect();
  return event.clientY > box.top + box.height / 2;
};
const unmark = () => {
  for (const marked of document.querySelectorAll(".drop-here")) marked.classList.remove("drop-here", "drop-below");
};
for (const item of document.querySelectorAll("[data-drag]")) item.draggable = true;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-drag]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.drag);
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-drag]");
  if (!isPlace(over)) return;
  event.preventDefault();
  unmark();
  over.classList.add("drop-here");
  over.classList.toggle("drop-below", isBelow(over, event));
});
document.addEventListener("dragend", () => {
  dragged = undefined;
  unmark();
});
document.addEventListener("drop", (event) => {
  const over = event.target.closest?.("[data-drag]");
  if (!isPlace(over)) return;
  event.preventDefault();
  const list = over.closest("[data-drag-into]");
  const into = list?.dataset.dragInto;
  if (!into) return;
  const siblings = [...over.parentElement.children].filter((item) => item.dataset.drag && item !== dragged);
  const skipped = list.matches("ol.step-list") ? list.querySelectorAll(":scope > .step-start").length : 0;
  const form = document.createElement("form");
  form.method = "post";
  form.action = dragged.dataset.move;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const place = siblings.indexOf(over) + skipped + (isBelow(over, event) ? 1 : 0);
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, en: into, lugar: place })) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
});
