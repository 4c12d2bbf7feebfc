"use strict";

// The page that searches. Sphinx finds; this shows where in a page the words stand, and the passage
// as it reads. The index is loaded when something is searched, by classic scripts, so that a page
// opened as a file searches too.
(() => {
  const root = document.documentElement.dataset.content_root ?? "./";
  const KINDS = { term: "Term", object: "Function or class", formula: "Formula" };
  const LENGTH = 240; // letters of a passage that are shown
  let pages = {};

  window.livepageSearch = { receive: (received) => { pages = received; } };

  function load(path) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = root + path;
      script.onload = done;
      script.onerror = () => failed(new Error(`${path} could not be loaded`));
      document.head.append(script);
    });
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  // How much of what is searched a passage holds; words of its title count more.
  function weight([, , title, text], words) {
    const [head, body] = [title.toLowerCase(), text.toLowerCase()];
    return words.reduce((sum, word) => {
      const inHead = head.includes(word) ? 3 : 0;
      return sum + inHead + (body.includes(word) ? 2 : 0);
    }, 0);
  }

  function best(passages, words) {
    let [found, most] = [null, 0];
    for (const passage of passages) {
      const sum = passage[0] === "section" ? weight(passage, words) : 0;
      if (sum > most) [found, most] = [passage, sum];
    }
    return found;
  }

  // A result of Sphinx, with the passage that it leads to.
  function locate([page, title, anchor], words) {
    const passages = pages[page] ?? [];
    const passage = anchor ? passages.find(([, id]) => `#${id}` === anchor) : best(passages, words);
    const [kind, id, name, text] = passage ?? ["", anchor.slice(1), title, ""];
    const place = id ? `#${id}` : "";
    return { page, kind, title: name, text, address: page + DOCUMENTATION_OPTIONS.LINK_SUFFIX + place };
  }

  const plain = (text) => text.toLowerCase().replaceAll("’", "'").trim();

  function isNamed(found, query) {
    return plain(found.title).split(", ").some((name) => name === query || name.endsWith(`.${query}`));
  }

  // The best first, each place once. What has just the searched name comes before all others, and
  // pages that have the words in code alone come last.
  function search(query) {
    const asked = Search._parseQuery(query);
    const words = [...asked[1]].map((stem) => stem.replace(/(?<=.)i$/, "")); // that of "carry" is "carri"
    const places = new Map();
    for (const result of Search._performSearch(...asked).reverse()) {
      const found = locate(result, words);
      if (!places.has(found.address)) places.set(found.address, found);
    }
    const rank = (found) => (isNamed(found, plain(query)) ? 0 : found.kind ? 1 : 2);
    return [[...places.values()].sort((one, other) => rank(one) - rank(other)), words];
  }

  // The words around the first that was searched, with all of these marked.
  function context(text, words) {
    const lower = text.toLowerCase();
    const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0);
    const first = places.length ? Math.min(...places) : 0;
    const start = first < 120 ? 0 : text.indexOf(" ", first - 100) + 1;
    const end = start + LENGTH < text.length ? text.lastIndexOf(" ", start + LENGTH) : text.length;
    const shown = text.slice(start, end);
    const pattern = new RegExp(`((?:${words.join("|")})[\\p{L}\\d_]*)`, "giu");
    const parts = words.length ? shown.split(pattern) : [shown];
    const marked = parts.map((part, place) => (place % 2 ? element("mark", { textContent: part }) : part));
    return element("p", { className: "context" },
      start ? "… " : "", ...marked, end < text.length ? " …" : "");
  }

  function entry(found, words) {
    const item = element("li", {}, element("a", { href: root + found.address, textContent: found.title }));
    const chapter = Search._index.titles[Search._index.docnames.indexOf(found.page)];
    const place = [KINDS[found.kind], chapter === found.title ? "" : chapter].filter(Boolean).join(" · ");
    if (place) item.append(element("p", { className: "place", textContent: place }));
    if (found.text) item.append(context(found.text, words));
    return item;
  }

  function show(query) {
    const [results, words] = search(query);
    const said = { 0: "Nothing was found", 1: "One place was found" }[results.length]
      ?? `${results.length} places were found`;
    Search.stopPulse();
    document.getElementById("search-results").replaceChildren(
      element("ol", { className: "found" }, ...results.map((found) => entry(found, words))),
    );
    tell(`${said} for “${query}”.`);
  }

  function tell(text) {
    document.getElementById("search-status").textContent = text;
  }

  async function start() {
    const field = document.querySelector(".bd-search-container input[name=q]");
    const query = new URLSearchParams(location.search).get("q")?.trim();
    field.value = query ?? "";
    field.focus();
    if (!query) return;
    tell("Searching …");
    try {
      await load("_static/language_data.js");
      await load("_static/searchtools.js");
      Search.query = show;
      await load("_static/search-text.js");
      await load("searchindex.js");
    } catch (error) {
      tell(`The search cannot be done: ${error.message}.`);
      throw error;
    }
  }

  start();
})();
