"use strict";

// What the theme leaves to Bootstrap's script, and its own buttons: menus that close, printing, full
// screen, and the section that is being read, marked in the list of contents.
(() => {
  const ACTIONS = {
    print: () => window.print(),
    "full-screen": () => (
      document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()
    ),
  };

  for (const button of document.querySelectorAll("[data-action]")) {
    button.addEventListener("click", ACTIONS[button.dataset.action]);
  }

  // Before the reader goes to another place in the page, all of it is laid out.
  const layOut = () => document.documentElement.classList.add("whole");
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a[href*='#']")) layOut();
  }, { capture: true });
  for (const type of ["hashchange", "popstate", "beforeprint"]) addEventListener(type, layOut);

  // A menu closes by Escape, which leads back to its button, and when the reader goes elsewhere.
  for (const menu of document.querySelectorAll("details.dropdown")) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!menu.contains(target)) menu.open = false;
    });
  }

  // The section that is read is the last one of those in the upper part of the window.
  function markSections() {
    const links = new Map();
    for (const link of document.querySelectorAll(".bd-toc-nav a[href^='#']")) {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (section) links.set(section, link);
    }
    const seen = new Set();
    const mark = () => {
      const read = [...links.keys()].filter((section) => seen.has(section)).at(-1);
      for (const [section, link] of links) {
        const holds = Boolean(read) && section.contains(read);
        link.classList.toggle("active", holds);
        link.parentElement.classList.toggle("active", holds);
        if (section === read) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    };
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      mark();
    }, { rootMargin: "0px 0px -60%" });
    for (const section of links.keys()) observer.observe(section);
  }

  // The contents make room for notes in the margin; the style sheet knows when the page is scrolled.
  function watchMargin() {
    const contents = document.querySelector(".bd-sidebar-secondary");
    const notes = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) notes[isIntersecting ? "add" : "delete"](target);
      contents.classList.toggle("hide", notes.size > 0);
    }, { rootMargin: "0px 0px -33%" });
    const kinds = ["marginnote", "sidenote", "margin", "margin-caption", "full-width", "sidebar", "popout"];
    const names = kinds.flatMap((kind) => [kind, kind.replace("-", "_")]);
    const marginal = names.map((name) => `.${name}, .tag_${name}`).join();
    if (contents) document.querySelectorAll(marginal).forEach((note) => observer.observe(note));
    const top = document.querySelector(".sbt-scroll-pixel-helper");
    if (!top) return;
    new IntersectionObserver(([{ boundingClientRect }]) => {
      document.body.classList.toggle("scrolled", boundingClientRect.y < 0);
    }).observe(top);
  }

  // What scrolls sideways is reached by keyboard. Code and output that come near are measured; of the
  // others it is taken for granted.
  function reachScrolling() {
    const boxes = document.querySelectorAll("pre, .cell_output > .output, .jp-RenderedHTMLCommon");
    const measure = (box) => {
      box.tabIndex = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight ? 0 : -1;
    };
    const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => measure(target)));
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) sizes[isIntersecting ? "observe" : "unobserve"](target);
    }, { rootMargin: "100% 0px" });
    for (const box of boxes) {
      box.tabIndex = 0;
      near.observe(box);
    }
  }

  markSections();
  watchMargin();
  reachScrolling();
})();
