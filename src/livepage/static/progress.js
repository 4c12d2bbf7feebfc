"use strict";

// Keeps what a reader has read and solved, in the reader's browser alone. The page brings the boxes to
// tick and the panel in the side bar; they are seen once this script runs.
(() => {
  const panel = document.querySelector(".reader-progress");
  if (!panel) return;

  const FORMAT = "livepage-progress";
  const VERSION = 1;
  const KINDS = { chapters: ["chapter", "read"], exercises: ["exercise", "solved"] };
  const LARGEST = 100_000; // bytes of a file, many times what a book needs
  const { book } = panel.dataset;
  const chapters = JSON.parse(panel.dataset.chapters);
  const known = {
    chapters: chapters.map((chapter) => chapter.name),
    exercises: chapters.flatMap((chapter) => chapter.exercises),
  };
  const where = panel.querySelector(".progress-where");
  const usual = where.textContent;
  const LOST = "This browser keeps nothing for this page: it is lost when you leave, unless you save it as a file.";
  const ticks = [...document.querySelectorAll(".tick")];
  // Books on one host have a record each, by the folder that they are in.
  const folder = new URL(document.documentElement.dataset.content_root, location.href).pathname;
  const key = `${FORMAT} ${VERSION} ${folder}`;

  let keeps = true; // whether this browser keeps anything for this page
  let record = empty();
  let takeBack = null; // what "Undo" makes of the record

  function empty() {
    return { format: FORMAT, version: VERSION, book, chapters: [], exercises: [] };
  }

  // ---- The record

  function areNames(list) {
    return Array.isArray(list) && list.every((name) => typeof name === "string" && name.length < 300);
  }

  // Returns what is wrong with a record, or nothing.
  function fault(given) {
    if (given?.format !== FORMAT) return "it is no file that was saved here";
    if (given.version !== VERSION) return "it was saved by another version of this site";
    const isWhole = Object.keys(KINDS).every((kind) => areNames(given[kind]));
    return isWhole && typeof given.book === "string" ? "" : "it is damaged";
  }

  function parse(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  function read() {
    let text = null;
    try {
      text = keeps ? localStorage.getItem(key) : null;
    } catch {
      keeps = false;
    }
    if (!keeps) return;
    const given = parse(text);
    record = fault(given) ? empty() : { ...given, book }; // the title of a book may change
  }

  function write(next) {
    record = next;
    try {
      localStorage.setItem(key, JSON.stringify(record));
      keeps = true;
    } catch {
      keeps = false;
    }
    show();
  }

  function combine(one, other, join) {
    const kinds = Object.keys(KINDS).map((kind) => [kind, join(one[kind], other[kind])]);
    return { ...one, ...Object.fromEntries(kinds) };
  }

  function union(one, other) {
    return combine(one, other, (names, more) => [...new Set([...names, ...more])]);
  }

  function difference(one, other) {
    return combine(one, other, (names, less) => names.filter((name) => !less.includes(name)));
  }

  function done(kind) {
    return known[kind].filter((name) => record[kind].includes(name)).length;
  }

  function amount(count, kind) {
    return `${count} ${KINDS[kind][0]}${count === 1 ? "" : "s"}`;
  }

  // ---- What is shown

  function counts() {
    const kinds = Object.keys(KINDS).filter((kind) => known[kind].length);
    return kinds.map((kind) => `${done(kind)} of ${amount(known[kind].length, kind)}`).join(", ");
  }

  function linkTo(chapter) {
    return document.querySelector(`.bd-sidebar-primary a.reference[href="${CSS.escape(chapter.address)}"]`);
  }

  function mark(chapter) {
    const link = linkTo(chapter);
    if (!link) return;
    const shown = link.querySelector(".read-mark");
    const isRead = record.chapters.includes(chapter.name);
    if (isRead === Boolean(shown)) return;
    if (shown) return void shown.remove();
    const sign = document.createElement("span");
    sign.className = "read-mark";
    sign.setAttribute("role", "img");
    sign.setAttribute("aria-label", "(read)");
    link.append(sign);
  }

  function showNext() {
    const isRead = (chapter) => record.chapters.includes(chapter.name);
    const after = chapters.findLastIndex(isRead) + 1;
    const next = [...chapters.slice(after), ...chapters].find((chapter) => !isRead(chapter));
    const entry = next && done("chapters") && linkTo(next);
    const parts = entry && next.address !== "#" ? ["Continue with ", entry.cloneNode(true)] : [];
    panel.querySelector(".progress-next").replaceChildren(...parts);
  }

  function show() {
    for (const tick of ticks) {
      tick.querySelector("input").checked = record[tick.dataset.kind].includes(tick.dataset.name);
    }
    chapters.forEach(mark);
    panel.querySelector(".progress-counts").textContent = counts();
    const all = known.chapters.length + known.exercises.length;
    const share = (done("chapters") + done("exercises")) / all;
    panel.querySelector(".progress-bar").style.setProperty("--done", share);
    where.textContent = keeps ? usual : LOST;
    showNext();
  }

  function say(text) {
    panel.querySelector(".progress-message").textContent = text;
    panel.querySelector(".progress-undo").hidden = !takeBack;
  }

  // ---- What a reader does

  function toggle(tick) {
    const { kind, name } = tick.dataset;
    const isTicked = tick.querySelector("input").checked;
    read(); // another tab may have changed it
    const others = record[kind].filter((other) => other !== name);
    write({ ...record, [kind]: isTicked ? [...others, name] : others });
    const total = `${done(kind)} of ${amount(known[kind].length, kind)} ${KINDS[kind][1]}`;
    tick.querySelector("[role=status]").textContent = keeps ? total : LOST;
  }

  function save() {
    const file = new Blob([`${JSON.stringify(record, null, 2)}\n`], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `progress ${book}.json`.replace(/[^\p{L}\p{N}.]+/gu, "-").toLowerCase();
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved: ${counts()}.`);
  }

  async function load(file) {
    const text = file.size > LARGEST ? "" : await file.text().catch(() => "");
    const given = parse(text);
    const isOther = !fault(given) && given.book !== book;
    const problem = isOther
      ? `it belongs to another book, “${given.book.slice(0, 80)}”`
      : fault(given);
    if (problem) {
      say(`This file was not loaded: ${problem}. Nothing has changed. Choose one that “Save as a file” made.`);
      return;
    }
    read();
    const added = difference(given, record);
    takeBack = (now) => difference(now, added);
    write(union(record, given));
    const news = Object.keys(KINDS).map((kind) => amount(added[kind].length, kind)).join(" and ");
    say(`Loaded, beside what was here: ${news} more.${keeps ? "" : ` ${LOST}`}`);
  }

  function forget() {
    read();
    const forgotten = record;
    takeBack = (now) => union(now, forgotten);
    write(empty());
    say("All is forgotten.");
  }

  function undo() {
    read();
    write(takeBack(record));
    takeBack = null;
    say("It is as it was before.");
    panel.querySelector("summary").focus();
  }

  for (const tick of ticks) {
    tick.addEventListener("change", () => toggle(tick));
  }
  const field = panel.querySelector("input[type=file]");
  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (file) await load(file);
    field.value = ""; // so that the same file can be chosen again
  });
  panel.querySelector(".progress-save").addEventListener("click", save);
  panel.querySelector(".progress-forget").addEventListener("click", forget);
  panel.querySelector(".progress-undo").addEventListener("click", undo);

  function refresh() {
    read();
    show();
  }

  // Another tab, or this page as it was when the reader left it.
  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) refresh();
  });
  addEventListener("pageshow", refresh);

  refresh();
  for (const part of [panel, ...ticks]) part.classList.add("live");
})();
