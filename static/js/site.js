// What pages do beyond plain HTML. Every page works without it: each part here only saves the person a step.

// The error summary, or the notice that asks for one more answer, is read first.
document.querySelector("[data-focus]")?.focus();

// A second click sends nothing; the server refuses the repeat as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  const draft = document.querySelector("form[data-autosave]");
  if (draft && draft !== form && !draft.dataset.kept) {
    event.preventDefault();
    return keepFirst(draft, form, event.submitter);
  }
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  window.htmx?.trigger(form, "htmx:abort");
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) delete form.dataset.sent, delete form.dataset.kept;
});

// Who presses a button of another form, such as that of the language, keeps what they were writing.
async function keepFirst(draft, form, button) {
  draft.dataset.kept = "yes";
  const body = new FormData(draft);
  for (const control of draft.elements) if (control.type === "file") body.delete(control.name);
  await fetch(draft.getAttribute("hx-post"), { method: "POST", body }).catch(() => null);
  form.requestSubmit(button);
}

// A page left open, or come back to, goes when somebody else signed in on this browser, or everybody left it.
const visitor = document.body.dataset.visitor;
const lastVisitor = (mark) => {
  try { return mark ? localStorage.setItem("visitor", mark) : localStorage.getItem("visitor"); } catch { return null; }
};
function leaveIfOthers() {
  const last = lastVisitor();
  if (!visitor || !last || last === visitor) return;
  document.body.hidden = true;
  location.replace(location.pathname + location.search);
}
if (visitor) lastVisitor(visitor);
window.addEventListener("storage", leaveIfOthers);
window.addEventListener("pageshow", (event) => event.persisted && leaveIfOthers());
document.addEventListener("visibilitychange", leaveIfOthers);

// Saving while the person writes. htmx sends the form, without its files; this says how it went and tries again.
const RETRY_AFTER = 5000;
let retry;
const saveStatus = (form) => form.querySelector("[data-save-status]");

document.addEventListener("htmx:configRequest", (event) => {
  const sent = event.detail.formData;
  for (const control of event.target.elements ?? []) {
    // A button counts only when it is pressed; htmx would send the one that has the focus.
    if (control.type === "file" || control.type === "submit") sent.delete(control.name);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target;
  const status = form.matches("form[data-autosave]") && saveStatus(form);
  if (!status || event.detail.successful || form.dataset.sent) return;
  const code = event.detail.xhr.status;
  const signedOut = code === 401 || code === 403;
  status.textContent = signedOut ? status.dataset.signedOut : status.dataset.offline;
  if (signedOut) offerSignIn(status);
  clearTimeout(retry);
  retry = setTimeout(() => (signedOut ? comeBack(form) : window.htmx.trigger(form, "save")), RETRY_AFTER);
});

// The way in opens beside this page, which goes on by itself.
function offerSignIn(status) {
  if (!status.dataset.signIn) return;
  const link = Object.assign(document.createElement("a"), { href: "/mis-tramites/", target: "_blank" });
  link.textContent = status.dataset.signIn;
  status.append(" ", link);
}

// Who signed in again in another tab has a new token; the page takes it and saves.
async function comeBack(form) {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) {
    retry = setTimeout(() => comeBack(form), RETRY_AFTER);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
  if (!fresh) return;
  form.elements.csrfmiddlewaretoken.value = fresh.value;
  window.htmx.trigger(form, "save");
}

// A long list in groups gets a first list that narrows it to one of them.
function narrow(list) {
  const groups = [...list.querySelectorAll("optgroup")];
  const first = document.createElement("select");
  first.className = "select";
  first.append(new Option("", ""), ...groups.map((group) => new Option(group.label)));
  first.value = list.selectedOptions[0]?.parentElement.label ?? "";
  const apply = () => {
    for (const group of groups) group.hidden = group.disabled = first.value !== "" && group.label !== first.value;
  };
  first.addEventListener("change", (event) => {
    event.stopPropagation();
    if (list.selectedOptions[0]?.parentElement.label !== first.value) list.value = "";
    apply();
  });
  const label = document.createElement("label");
  label.className = "narrow";
  label.append(list.dataset.narrow, first);
  list.removeAttribute("data-narrow");
  const own = list.labels[0];
  (own?.matches(".part-label") ? own : list).before(label); // one list, then the other, each below its own name
  apply();
}
const narrowAll = () => document.querySelectorAll("select[data-narrow]").forEach(narrow);
narrowAll();
document.addEventListener("htmx:afterSettle", narrowAll);

// A file is sent as soon as it is chosen; the server answers with the question drawn again.
// Where the form has no place to send it to, its name is shown until the form is sent.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("input[type=file]") || !input.files.length) return;
  const box = input.closest("[data-box]");
  if (input.form.dataset.upload && box) import("./upload.js").then((part) => part.send(input, box));
  else input.closest(".field").querySelector("[data-upload-status]").textContent = Array.from(input.files, (one) => one.name).join(", ");
});

// A pad to draw a signature on, and the place where the person stands, only on pages that ask for them.
const drawing = () => { if (document.querySelector("[data-pad], [data-locate]")) import("./pad.js").then((part) => part.start()); };
drawing();
document.addEventListener("htmx:afterSettle", drawing);
