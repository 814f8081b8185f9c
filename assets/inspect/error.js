// The buttons of an error page that copy something. Without JavaScript there are none.
"use strict";

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // A page that was not asked for by localhost or over TLS has no clipboard of its own.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await copy(button.dataset.copy);
      button.textContent = "copied";
    } catch (error) {
      button.textContent = `not copied: ${error.message}`;
    }
    setTimeout(() => (button.textContent = label), 1500);
  });
}
