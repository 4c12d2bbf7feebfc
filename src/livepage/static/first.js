"use strict";

// Before the first paint: the theme that the reader chose, that scripts run here, and whether the
// page is laid out at once.
(() => {
  try {
    localStorage.getItem("mode");
  } catch {
    // A reader who blocks storage still gets a page that works, and forgets. What promises to keep
    // something is told that it cannot.
    const kept = new Map();
    const setItem = (name, value) => {
      if (name.startsWith("livepage")) throw new DOMException("Storage is blocked.", "SecurityError");
      kept.set(name, String(value));
    };
    Object.defineProperty(window, "localStorage", { value: {
      getItem: (name) => kept.get(name) ?? null,
      setItem,
      removeItem: (name) => kept.delete(name),
    } });
  }
  const root = document.documentElement;
  const { defaultMode } = document.currentScript.dataset;
  const mode = localStorage.getItem("mode") || defaultMode || "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;
  root.classList.add("scripts");
  // Whoever comes back, or comes to a place in the page, needs to know at once how long all of it is.
  const [visit] = performance.getEntriesByType("navigation");
  root.classList.toggle("whole", location.hash !== "" || visit?.type !== "navigate");
  // The head of the page is drawn when all of it is there, so that nothing in it moves.
  const wait = { rel: "expect", href: "#searchbox", blocking: "render" };
  document.head.append(Object.assign(document.createElement("link"), wait));
})();
