// Sends a file in pieces as soon as it is chosen. What arrived stays: after a lost connection or a closed session it goes
// on from there, also when the person comes back later and chooses the same file again.

const PIECE = 1024 * 1024;
const RETRY_AFTER = 4000;
// A screen reader says what one text turns into, in a place that it knows: one that was just drawn needs a moment.
const later = (say) => setTimeout(say, 500);
const wait = () => new Promise((done) => { setTimeout(done, RETRY_AFTER); });

// Several files go one after the other, and what is wrong with any of them is said at the end.
export async function send(input, box) {
  const { form, name } = input;
  const files = [...input.files];
  const wrong = [];
  let shown = box;
  for (const file of files) {
    shown = await sendOne(form, name, file, shown);
    if (!shown) return;
    const problem = shown.querySelector(".error-text")?.lastChild?.data?.trim();
    if (problem) wrong.push(`${file.name}: ${problem}`);
  }
  if (files.length > 1 && wrong.length) {
    later(() => shown.querySelector("[data-upload-status]").append(` ${wrong.join(". ")}`));
  }
}

// Answers with the question drawn again; nothing when it stopped or the page moved on.
async function sendOne(form, name, file, box) {
  const status = box.querySelector("[data-upload-status]");
  const words = status.dataset;
  const bar = document.createElement("progress");
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", words.sending.replace("%s", file.name));
  status.replaceChildren(words.sending.replace("%s", file.name), " ", bar);
  let received = 0;
  for (;;) {
    const answer = await post(form, name, file, received, bar);
    if (answer.status === 202) received = JSON.parse(answer.responseText).received;
    else if (answer.status === 200 || answer.status === 422) return redraw(box, answer.responseText);
    else if (answer.status === 401 || answer.status === 403) {
      status.firstChild.data = words.signedOut;
      if (!status.querySelector("a")) offerSignIn(status);
      await wait();
      await freshToken(form);
    } else if (answer.status === 0) {
      status.firstChild.data = words.waiting;
      await wait();
    } else {
      status.replaceChildren(words.failed);
      return null;
    }
    if (!box.isConnected) return null;
    if (answer.status !== 202) continue;
    status.firstChild.data = words.sending.replace("%s", file.name);
    status.querySelector("a")?.remove();
  }
}

// The way in opens beside this page, which goes on by itself.
function offerSignIn(status) {
  const link = Object.assign(document.createElement("a"), { href: "/mis-tramites/", target: "_blank" });
  link.textContent = status.dataset.signIn;
  status.append(" ", link);
}

function post(form, name, file, from, bar) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("question", name);
  body.append("name", file.name);
  body.append("key", `${file.size.toString(36)}z${file.lastModified.toString(36)}`);
  body.append("size", file.size);
  body.append("offset", from);
  body.append("file", file.slice(from, from + PIECE), file.name);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.upload);
    request.upload.addEventListener("progress", (event) => { bar.value = Math.min(file.size, from + event.loaded); });
    request.addEventListener("loadend", () => done(request));
    request.send(body);
  });
}

// Who signed in again in another tab has a new token.
async function freshToken(form) {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("form[data-upload] [name=csrfmiddlewaretoken]");
  if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
}

// The summary of errors above does not go on saying what has been mended meanwhile.
function settle(box) {
  const summary = document.querySelector(".error-summary");
  const told = box.querySelector(".error-text")?.lastChild.data.trim();
  for (const link of summary?.querySelectorAll("a") ?? []) {
    if (!box.contains(document.getElementById(link.hash.slice(1)))) continue;
    if (told) link.textContent = told;
    else link.closest("li").remove();
  }
  if (!summary || summary.querySelector("li")) return;
  summary.remove();
  document.title = document.title.replace(/^Error: /, "");
}

function redraw(box, html) {
  const answer = new DOMParser().parseFromString(html, "text/html").getElementById(box.id);
  if (!answer) return null;
  const isThere = box.contains(document.activeElement) || document.activeElement === document.body;
  const message = answer.querySelector("[data-upload-status]");
  const text = message?.textContent;
  box.replaceWith(answer);
  settle(answer);
  if (isThere) answer.querySelector("input[type=file], [tabindex]")?.focus();
  if (message) {
    message.textContent = box.querySelector("[data-upload-status]").textContent;
    later(() => { message.firstChild.data = text; });
  }
  return answer;
}
