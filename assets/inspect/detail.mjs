// The page of a request: send again, edit and send, keys.

import { onKeys, save, send } from "./common.mjs";

const { id } = document.body.dataset;
const again = document.getElementById("again");
const edit = document.getElementById("edit");
const editor = document.getElementById("editor");
const said = document.getElementById("said");

async function sendAnd(changes) {
  said.textContent = "sent; waiting for the answer";
  try {
    location.assign((await send(id, changes)).url);
  } catch (error) {
    said.textContent = `not sent: ${error.message}`;
  }
}

// Lines of `Name: value`.
function headersOf(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const at = line.indexOf(":");
      if (at < 0) {
        throw new Error(`the line ${JSON.stringify(line)} of the headers has no colon`);
      }
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
}

// What was changed alone: bytes that are no text stay as they are.
function changes() {
  const { method, target, headers, body } = editor.elements;
  const changed = { method: method.value.trim(), target: target.value.trim() };
  if (headers.value !== headers.defaultValue) {
    changed.headers = headersOf(headers.value);
  }
  if (body !== undefined && body.value !== body.defaultValue) {
    changed.body = body.value;
  }
  return changed;
}

function toggleEditor() {
  editor.hidden = !editor.hidden;
  edit.setAttribute("aria-expanded", String(!editor.hidden));
  if (!editor.hidden) {
    editor.elements.target.focus();
  }
}

function follow(selector) {
  document.querySelector(selector)?.click();
}

for (const time of document.querySelectorAll("time")) {
  time.title = time.dateTime;
  time.textContent = new Date(time.dateTime).toLocaleString();
}
again.hidden = false;
edit.hidden = false;
const saving = document.getElementById("save");
saving.hidden = false;
saving.addEventListener("click", async () => {
  const name = window.prompt("The name of the test, a file in tests/", "");
  if (name) {
    try {
      said.textContent = `saved: ${(await save(id, name.trim())).files.join(", ")}; pywagi test compares with it`;
    } catch (error) {
      said.textContent = `not saved: ${error.message}`;
    }
  }
});
again.addEventListener("click", () => sendAnd());
edit.addEventListener("click", toggleEditor);
editor.addEventListener("submit", (event) => {
  event.preventDefault();
  try {
    sendAnd(changes());
  } catch (error) {
    said.textContent = error.message;
  }
});
onKeys({
  j: () => follow("a[rel=prev]"),
  k: () => follow("a[rel=next]"),
  r: () => sendAnd(),
  e: toggleEditor,
  "/": () => follow("#list"),
});
