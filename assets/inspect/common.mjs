// What the pages of the inspector share. All that comes from requests is set as text, never as markup.

export const api = "/__pywagi/api";

// Sends a request again; gives back where the new one is.
export function send(id, changes) {
  return post(`${api}/requests/${id}/send`, changes === undefined ? "" : JSON.stringify(changes));
}

// Makes a test of a request and its answer; gives back the files that were written.
export function save(id, name) {
  return post(`${api}/requests/${id}/test`, JSON.stringify({ name }));
}

async function post(url, body) {
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  // Whoever is not let in is told so as text.
  const isObject = response.headers.get("Content-Type") === "application/json";
  const answer = isObject ? await response.json() : { error: await response.text() };
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

// Calls the function that `keys` has for a key, unless something is typed or the key is the browser's.
export function onKeys(keys) {
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && isTyping) {
      event.target.blur();
      return;
    }
    const isOurs = !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isButton = event.key === "Enter" && event.target.closest?.("a, button, summary");
    if (isOurs && !isButton && Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    }
  });
}
