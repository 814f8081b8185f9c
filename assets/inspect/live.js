// Reloads a page when a file of the app changes: `pywagi dev --live`.
"use strict";

{
  const version = document.currentScript.dataset.version;

  const look = async () => {
    if (document.visibilityState === "visible") {
      try {
        const response = await fetch("/__pywagi/live", { cache: "no-store" });
        if (response.ok && (await response.text()) !== version) {
          location.reload();
          return;
        }
      } catch {
        // The server is gone, perhaps to come back.
      }
    }
    setTimeout(look, 300);
  };

  setTimeout(look, 300);
}
