"use strict";

// The side bars lie over a narrow page. The theme opens them by a button, moves the focus into them
// and closes them by Escape. Here their buttons tell whether they are open, and one that the keyboard
// leaves closes, so that the focus is never under it.
(() => {
  for (const side of ["primary", "secondary"]) {
    const box = document.getElementById(`pst-${side}-sidebar-checkbox`);
    const bar = document.querySelector(`.bd-sidebar-${side}`);
    const button = document.querySelector(`button.${side}-toggle`);
    if (!box || !bar || !button) continue;

    const lies = () => getComputedStyle(bar).position === "fixed";
    const tell = () => button.setAttribute("aria-expanded", String(lies() === box.checked));
    bar.id ||= `${side}-sidebar`;
    button.setAttribute("aria-controls", bar.id);
    tell();
    // The theme's script changes the box without an event, on these.
    for (const kind of ["click", "keydown", "change"]) {
      document.addEventListener(kind, () => setTimeout(tell), { capture: true });
    }
    bar.addEventListener("focusout", ({ relatedTarget }) => {
      if (!lies() || !box.checked || !relatedTarget || bar.contains(relatedTarget)) return;
      box.checked = false;
      tell();
    });
  }
})();
