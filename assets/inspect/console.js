// Prompts in the frames of a failed request, and steps through the lines that led to it. The runs that answer stand still in
// sandboxes of their own; see src/commands/dev/prompts.rs.
"use strict";

const recording = document.body.dataset.recording;
const history = [];

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// The token is in the terminal, so that no other user of the machine and no other page can ask.
function token() {
  return sessionStorage.getItem("pywagi-token") ?? "";
}

async function ask(question) {
  const response = await fetch(`/__pywagi/console/${recording}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Pywagi-Token": token() },
    body: JSON.stringify(question),
  });
  const answer = await response.json();
  if (response.status === 401) {
    const typed = window.prompt(answer.error, "");
    if (typed) {
      sessionStorage.setItem("pywagi-token", typed.trim());
      return ask(question);
    }
  }
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

// The prompt of a frame. `line` is where the run stands; null for its exception.
function addPrompt(frame, line) {
  const number = Number(frame.dataset.frame);
  const input = element("textarea", { rows: 1, spellcheck: false, autocomplete: "off" });
  input.setAttribute("aria-label", "Python in this frame");
  input.placeholder = "Python in this frame; Enter runs it, Tab completes, Shift+Enter is a new line";
  const shown = element("div", { className: "answers" });
  let at = history.length;

  function show(text, className) {
    if (text) {
      shown.append(element("pre", { className, textContent: text }));
      shown.lastChild.scrollIntoView({ block: "nearest" });
    }
  }

  async function run() {
    const text = input.value;
    if (!text.trim()) {
      return;
    }
    history.push(text);
    at = history.length;
    input.value = "";
    input.disabled = true;
    show(text.replace(/^/gm, ">>> "), "typed");
    try {
      const answer = await ask({ do: "evaluate", line, frame: number, text });
      show(answer.output.trimEnd(), "output");
      show((answer.error ?? "").trimEnd(), "failed");
    } catch (error) {
      show(error.message, "failed");
    }
    input.disabled = false;
    input.focus();
  }

  async function complete() {
    const before = input.value.slice(0, input.selectionStart);
    const text = before.match(/[\w.]*$/)[0];
    const { names } = await ask({ do: "complete", line, frame: number, text });
    if (names.length === 0) {
      return;
    }
    let common = names[0];
    while (!names.every((name) => name.startsWith(common))) {
      common = common.slice(0, -1);
    }
    if (common.length > text.length) {
      input.setRangeText(common.slice(text.length), input.selectionStart, input.selectionStart, "end");
    } else if (names.length > 1) {
      show(names.join("  "), "output");
    }
  }

  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      run();
    } else if (event.key === "Tab" && !event.shiftKey && input.value.trim()) {
      event.preventDefault();
      complete().catch((error) => show(error.message, "failed"));
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !input.value.includes("\n")) {
      at = Math.min(Math.max(at + (event.key === "ArrowUp" ? -1 : 1), 0), history.length);
      input.value = history[at] ?? "";
      event.preventDefault();
    }
  });
  input.addEventListener("input", () => (input.rows = input.value.split("\n").length));
  frame.append(element("div", { className: "prompt" }, shown, input));
}

for (const frame of document.querySelectorAll("main > section > [data-frame], main > section > .library > [data-frame]")) {
  addPrompt(frame, null);
}

const steps = document.getElementById("steps");
const stack = document.getElementById("stack");
const lineInput = document.getElementById("line");
let count = null;

// Shows the run as it stood before a line, counted from 1.
async function stepTo(number) {
  try {
    if (count === null) {
      ({ count } = await ask({ do: "stand", line: null }));
      document.getElementById("count").textContent = count;
      document.getElementById("at").hidden = false;
      lineInput.max = count;
    }
    const wanted = Math.min(Math.max(number ?? count, 1), count);
    lineInput.value = wanted;
    const { html } = await ask({ do: "stand", line: wanted - 1 });
    // The server's own markup, made by its template engine.
    stack.innerHTML = html;
    stack.querySelectorAll("[data-frame]").forEach((frame) => addPrompt(frame, wanted - 1));
  } catch (error) {
    stack.replaceChildren(element("p", { className: "note", textContent: error.message }));
  }
}

steps.hidden = false;
lineInput.addEventListener("change", () => stepTo(lineInput.valueAsNumber));
for (const button of steps.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => {
    stepTo(count === null ? null : lineInput.valueAsNumber + Number(button.dataset.step));
  });
}
