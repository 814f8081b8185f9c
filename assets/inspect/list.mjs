// The list of requests. While the page is visible, the server tells it of each one; what is new is then asked for, with the filter.

import { api, onKeys, send } from "./common.mjs";

// How long to wait after an event for further ones, and before the server is looked for anew, in milliseconds.
const TOGETHER = 50;
const AGAIN = 1000;

// As many as the server keeps.
const MOST = 500;

const rows = document.querySelector("#requests tbody");
const template = document.getElementById("row");
const filter = document.getElementById("filter");
const state = document.getElementById("state");
const none = document.getElementById("none");
let started = null;
let last = 0;
let selected = null;
let marked = null;
let round = 0;
let timer = null;
let events = null;

function milliseconds(time) {
  return time < 1000 ? `${time.toPrecision(3)} ms` : `${(time / 1000).toFixed(2)} s`;
}

function bytes(count) {
  return count < 1000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

function rowOf(request) {
  const row = template.content.firstElementChild.cloneNode(true);
  const set = (name, text) => (row.querySelector(name).textContent = text);
  row.dataset.id = request.id;
  row.classList.toggle("failed", request.failed);
  set(".time", new Date(request.time).toLocaleTimeString());
  set(".method", request.method);
  set(".target a", request.target);
  row.querySelector(".target a").href = request.url;
  set(".status .badge", request.status);
  row.querySelector(".status .badge").dataset.class = Math.floor(request.status / 100);
  row.querySelector(".status .badge").title = request.reason;
  set(".took", milliseconds(request.duration_ms));
  set(".size", bytes(request.size));
  set(".route", request.route ?? "");
  set(".start", request.again_of === null ? (request.start ?? "") : `${request.start ?? ""} ↻ ${request.again_of}`);
  if (request.failure !== null) {
    row.querySelector(".target").append(Object.assign(document.createElement("p"), { className: "why", textContent: request.failure }));
  }
  row.addEventListener("click", (event) => event.target.closest("a") || select(row));
  row.addEventListener("dblclick", open);
  return row;
}

function select(row) {
  selected?.removeAttribute("aria-selected");
  selected = row;
  selected?.setAttribute("aria-selected", "true");
  selected?.scrollIntoView({ block: "nearest" });
}

function step(next) {
  const row = selected?.isConnected ? (next ? selected.nextElementSibling : selected.previousElementSibling) : rows.firstElementChild;
  if (row) {
    select(row);
  }
}

function open() {
  selected?.querySelector("a").click();
}

// Marks the selected request, or compares it with the one that is marked.
function mark() {
  if (!selected?.isConnected || selected === marked) {
    marked?.classList.remove("marked");
    marked = null;
  } else if (marked?.isConnected) {
    const [a, b] = [marked.dataset.id, selected.dataset.id].sort((a, b) => a - b);
    location.assign(`/__pywagi/compare?${new URLSearchParams({ a, b })}`);
  } else {
    marked = selected;
    marked.classList.add("marked");
  }
}

function wanted() {
  return new URLSearchParams([...new FormData(filter)].filter(([, value]) => value !== ""));
}

function forget() {
  last = 0;
  rows.replaceChildren();
  select(null);
}

// Asks for what is new. An answer that comes after the filter was changed is not looked at.
async function look() {
  const mine = ++round;
  try {
    const query = wanted();
    query.set("after", last);
    const response = await fetch(`${api}/requests?${query}`);
    const answer = response.headers.get("Content-Type") === "application/json" ? await response.json() : { error: await response.text() };
    if (mine !== round) {
      return;
    }
    if (!response.ok) {
      throw new Error(answer.error);
    }
    if (started !== null && started !== answer.started) {
      // Another run of the server, which counts anew.
      started = answer.started;
      forget();
      look();
      return;
    }
    ({ started, last } = answer);
    rows.prepend(...answer.requests.map(rowOf));
    while (rows.childElementCount > MOST) {
      rows.lastElementChild.remove();
    }
    none.hidden = rows.childElementCount > 0;
    state.textContent = `${rows.childElementCount} shown, live`;
    state.classList.remove("failed");
  } catch (error) {
    if (mine !== round) {
      return;
    }
    fail(error instanceof TypeError ? "pywagi dev does not answer" : error.message);
  }
}

function fail(why) {
  state.textContent = why;
  state.classList.add("failed");
}

// Looks once for several events that come together.
function lookSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    look();
  }, TOGETHER);
}

// Follows the server while the page is visible.
function follow() {
  if (document.visibilityState !== "visible") {
    events?.close();
    events = null;
  } else if (events === null) {
    events = new EventSource(`${api}/events`);
    events.addEventListener("start", look);
    events.addEventListener("request", lookSoon);
    events.addEventListener("error", () => {
      fail("pywagi dev does not answer");
      // Where the connection was lost, the browser tries again by itself, and otherwise not at all.
      if (events.readyState === EventSource.CLOSED) {
        events = null;
        setTimeout(follow, AGAIN);
      }
    });
  }
}

function refilter() {
  const query = wanted().toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  forget();
  look();
}

async function again() {
  if (!selected?.isConnected) {
    return;
  }
  try {
    await send(selected.dataset.id);
    await look();
  } catch (error) {
    fail(error.message);
  }
}

filter.addEventListener("input", refilter);
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  document.activeElement.blur();
});
document.addEventListener("visibilitychange", follow);
onKeys({
  j: () => step(true),
  k: () => step(false),
  Enter: open,
  r: again,
  x: mark,
  "/": () => filter.elements.path.focus(),
});
follow();
