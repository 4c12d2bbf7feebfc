"use strict";

// Before a page is printed, its dark theme gives way to the light one, and all hints and answers
// open. Afterwards everything is as it was. Folded code stays folded.
(() => {
  const page = document.documentElement;
  let restore = [];

  addEventListener("beforeprint", () => {
    const theme = page.dataset.theme;
    page.dataset.theme = "light";
    restore.push(() => { page.dataset.theme = theme; });
    for (const box of document.querySelectorAll("article details:not([open], .hide)")) {
      box.open = true;
      restore.push(() => { box.open = false; });
    }
  });
  addEventListener("afterprint", () => {
    restore.forEach((undo) => undo());
    restore = [];
  });
})();
