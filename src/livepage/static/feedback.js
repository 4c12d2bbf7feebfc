"use strict";

// Asks after each section how it was: three faces, then a text. The page's head says where that goes:
// to a Datatops server, or into an issue that the reader writes. What could not be sent is kept in
// the browser, each item under a key of its own, and sent at a later visit of any page of the site.
(() => {
  const named = document.querySelector('meta[name="livepage-feedback"]');
  if (!named) return;
  const { address, key, issues } = JSON.parse(named.content);
  const contentRoot = document.documentElement.dataset.content_root ?? "./";
  const site = new URL(contentRoot, location.href).pathname;
  const PREFIX = `livepage-feedback:${site}:`;
  const LOCK = `livepage-feedback-lock:${site}`;
  const FACES = {
    happy: { word: "Good", ask: "What helped you?", mouth: "M8 14.5q4 4 8 0" },
    medium: { word: "So-so", ask: "What would make it better?", mouth: "M8 15.5h8" },
    sad: { word: "Not good", ask: "What would make it better?", mouth: "M8 17q4-4 8 0" },
  };
  const LONGEST = 2000; // letters of a text
  const MOST = 40; // items that wait; the oldest make room
  const PATIENCE = 10_000; // milliseconds for an answer
  const PAUSE = 1100; // a server on DynamoDB keeps one item of a project for each second
  const LONGEST_ADDRESS = 7000; // GitHub refuses addresses of more than some 8,000 letters

  const pause = (time) => new Promise((done) => setTimeout(done, time));

  function name() {
    const numbers = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(numbers, (number) => number.toString(16).padStart(2, "0")).join("");
  }

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    made.append(...children); // texts become text, never markup
    return made;
  }

  // ---- What waits

  function storage() {
    try {
      return window.localStorage;
    } catch {
      return null; // the reader's settings forbid it
    }
  }

  const store = storage();

  function parsed(text) {
    try {
      const item = JSON.parse(text);
      return typeof item.body.feedback_id === "string" && FACES[item.body.button_name] ? item : null;
    } catch {
      return null;
    }
  }

  function waiting() {
    if (!store) return [];
    const keys = Object.keys(store).filter((candidate) => candidate.startsWith(PREFIX));
    const items = keys.map((candidate) => parsed(store.getItem(candidate))).filter(Boolean);
    const time = (item) => String(item.body.timestamp_utc);
    return items.sort((one, other) => (time(one) < time(other) ? -1 : 1));
  }

  const keyOf = (item) => PREFIX + item.body.feedback_id;

  function keep(item) {
    try {
      store.setItem(keyOf(item), JSON.stringify(item));
      waiting().slice(0, -MOST).forEach(forget);
      return true;
    } catch {
      return false; // there is no storage, or no room
    }
  }

  function forget(item) {
    store?.removeItem(keyOf(item));
  }

  // ---- Sending

  // Only one tab sends at a time. Where a page may not use locks, since it came without https, a
  // note in the storage says who sends, and until when.
  async function alone(work) {
    if (navigator.locks) return navigator.locks.request(LOCK, work);
    if (!store) return work();
    const own = name();
    while (store.getItem(LOCK)?.split(" ")[0] !== own) {
      const [other, until] = (store.getItem(LOCK) ?? " 0").split(" ");
      const isFree = !other || Number(until) < Date.now();
      if (isFree && !lease(own)) return work();
      await pause(50 + 100 * Math.random()); // of two that write at once, the later one counts
    }
    try {
      return await work();
    } finally {
      store.removeItem(LOCK);
    }
  }

  function lease(own) {
    try {
      store.setItem(LOCK, `${own} ${Date.now() + 2 * PATIENCE}`);
      return true;
    } catch {
      return false; // no room: nothing is kept either
    }
  }

  async function post(body) {
    try {
      const answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-User-Key": key },
        body: JSON.stringify(body),
        keepalive: true, // a reader who leaves at once has sent it all the same
        signal: AbortSignal.timeout(PATIENCE),
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      const isFinal = answer.status >= 400 && answer.status < 500;
      if (isFinal && ![408, 425, 429].includes(answer.status)) return `refused ${answer.status}`;
      return (await answer.json()).status === "success" ? "sent" : "later";
    } catch {
      return "later"; // no network, no answer in time, no permission, or the answer of another
    }
  }

  async function attempt(item, isKept) {
    if (isKept && !store.getItem(keyOf(item))) return "sent"; // another tab was faster
    const outcome = await post(item.body);
    if (outcome === "sent") forget(item);
    return outcome;
  }

  // Resolves as soon as it is known what became of the item; the next one waits for a moment.
  function deliver(item, isKept = true) {
    return new Promise((done) => alone(async () => {
      const outcome = await attempt(item, isKept);
      done(outcome);
      if (outcome === "sent") await pause(PAUSE);
    }));
  }

  async function deliverAll() {
    if (!address) return;
    for (const item of waiting()) {
      if (item.refusedBy === `${address} ${key}`) continue;
      const outcome = await deliver(item);
      if (outcome === "later") break; // the others would fare no better
      if (outcome !== "sent") keep({ ...item, refusedBy: `${address} ${key}` });
      showWaiting();
    }
    showWaiting();
  }

  // ---- An issue in place of a message to a server

  function encoded(title, body) {
    return `${issues}?${new URLSearchParams({ title, body })}`;
  }

  // The address of a new issue, and whether all of the text has found room in it.
  function issue(box, face, text) {
    const title = `Feedback on ${box.dataset.section}`;
    const about = [`Face: ${FACES[face].word.toLowerCase()}`];
    if (box.dataset.title) about.unshift(`Section: ${box.dataset.title}`);
    const anchor = box.dataset.section.split("#")[1];
    const page = location.origin + location.pathname + (anchor ? `#${anchor}` : "");
    if (location.protocol.startsWith("http")) about.unshift(`Page: ${page}`);
    const body = (part) => `${about.join("\n")}\n\n${part}`;
    const letters = Array.from(text);
    while (encoded(title, body(letters.join(""))).length > LONGEST_ADDRESS) {
      letters.splice(-50);
    }
    const part = letters.join("");
    return { href: encoded(title, body(part)), isWhole: part === text };
  }

  function issueLink(words) {
    return element(
      "a",
      { class: "feedback-issue", href: issues, target: "_blank", rel: "noopener" },
      words,
    );
  }

  // ---- The form

  function drawing(mouth) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", `M2 12a10 10 0 0 0 20 0a10 10 0 0 0 -20 0M9 9v.6M15 9v.6${mouth}`);
    svg.append(path);
    return svg;
  }

  function faceButton(face, { word, mouth }) {
    const input = element("input", { type: "radio", name: "face", value: face, "aria-label": word });
    return element("label", { class: "feedback-face", title: word }, input, drawing(mouth));
  }

  class Form {
    constructor(box) {
      this.box = box;
      const what = box.dataset.section.includes("#") ? "section" : "page";
      const faces = Object.entries(FACES).map(([face, facts]) => faceButton(face, facts));
      this.faces = element("fieldset", {}, element("legend", {}, `How was this ${what}?`), ...faces);
      this.status = element("div", { role: "status", tabindex: "-1" });
      this.form = element("form", { autocomplete: "off" }, this.faces);
      this.form.addEventListener("change", () => this.changed());
      this.form.addEventListener("input", () => this.changed());
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.submit();
      });
      box.replaceChildren(this.form, this.status);
    }

    get face() {
      return this.form.elements.face.value;
    }

    changed() {
      if (!this.face) return;
      if (!this.more) this.open();
      this.question.textContent = `${FACES[this.face].ask} (You may leave this empty.)`;
      if (!issues) return;
      const { href, isWhole } = issue(this.box, this.face, this.text.value);
      this.link.href = href;
      this.cut.hidden = isWhole;
    }

    open() {
      this.question = element("span");
      this.text = element("textarea", { name: "text", maxlength: LONGEST });
      this.link = issueLink(address ? "Write it as an issue" : "Continue to the issue");
      this.link.hidden = Boolean(address) || !issues;
      this.cut = element("p", { hidden: "" },
        "The link cannot hold all of it: copy the end of your text, and put it into the issue.");
      const act = element("div", { class: "feedback-act" }, this.link);
      if (address) act.prepend(element("button", { type: "submit" }, "Send"));
      const host = new URL(address || issues).hostname;
      const note = address
        ? `Goes to ${host}, with the name of the section and the time. Nothing else is sent.`
        : `Opens a new issue on ${host}, where all can read it. You send it there.`;
      const label = element("label", {}, this.question, this.text);
      this.more = element("div", { class: "feedback-more" }, label, element("p", {}, note), act);
      if (issues) act.after(this.cut);
      this.form.append(this.more);
    }

    async submit() {
      if (!address || !this.face || this.isBusy) return;
      this.isBusy = true;
      this.say("Sending …");
      const item = this.item();
      const isKept = keep(item);
      const outcome = await deliver(item, isKept);
      this.isBusy = false;
      if (outcome === "sent") this.end("Thank you. It has arrived.");
      else if (outcome === "later" && isKept) this.end(...this.whatIsKept());
      else this.failed(item, outcome);
      showWaiting();
      if (outcome === "sent") deliverAll();
    }

    // The fields of the Datatops client of notebooks, and a name by which a second copy is known.
    item() {
      return {
        title: [document.title.split(" — ")[0], this.box.dataset.title].filter(Boolean).join(": "),
        body: {
          button_name: this.face,
          feedback: this.text.value,
          section_id: this.box.dataset.section,
          timestamp_utc: new Date().toISOString().slice(0, -1),
          feedback_id: name(),
        },
      };
    }

    say(...parts) {
      this.status.replaceChildren(...parts);
    }

    // What had the focus goes away, so the focus goes to what is said.
    end(...parts) {
      this.form.hidden = true;
      this.say(...parts);
      this.status.focus({ preventScroll: true });
    }

    whatIsKept() {
      const text = "Thank you. The server cannot be reached now. What you wrote is kept on this device, "
        + "and is sent when you are here again and the server is there. ";
      const place = document.getElementById("feedback-waiting");
      if (!place) return [text];
      const link = element("a", { href: "#feedback-waiting" }, "See what waits.");
      link.addEventListener("click", () => { place.open = true; });
      return [text, link];
    }

    failed(item, outcome) {
      const why = outcome === "later"
        ? "The server cannot be reached, and this browser lets the page keep nothing. "
        : `The server did not accept it (${outcome.replace("refused", "answer")}). `;
      forget(item);
      this.link.hidden = !issues;
      this.say(`${why}Your text is still here${issues ? ": try again, or write an issue." : "."}`);
    }
  }

  // ---- What waits, for the reader to see and to delete

  function entry(item) {
    const remove = element("button", { type: "button" }, "Delete");
    remove.addEventListener("click", () => {
      forget(item);
      showWaiting();
      document.querySelector("#feedback-waiting summary")?.focus();
    });
    const fate = item.refusedBy ? "\nThe server did not accept it." : "";
    const word = FACES[item.body.button_name].word.toLowerCase();
    const text = item.body.feedback ? `\n${item.body.feedback}` : "";
    return element("li", {}, element("strong", {}, `${item.title}`), ` – ${word}${text}${fate}`, remove);
  }

  function showWaiting() {
    const place = document.getElementById("feedback-waiting");
    if (!place) return;
    const items = waiting();
    place.hidden = items.length === 0;
    place.querySelector("summary").textContent = `Kept on this device, not sent yet: ${items.length}`;
    place.querySelector("ul").replaceChildren(...items.map(entry));
  }

  function addWaiting(box) {
    const again = element("button", { type: "button" }, "Try to send now");
    again.addEventListener("click", deliverAll);
    again.hidden = !address;
    const attributes = { id: "feedback-waiting", class: "feedback-waiting", hidden: "" };
    box.append(element("details", attributes, element("summary"), element("ul"), again));
  }

  for (const box of document.querySelectorAll(".feedback[data-section]")) new Form(box);
  const last = document.querySelector(".page-feedback");
  if (last) addWaiting(last);
  showWaiting();
  addEventListener("storage", showWaiting);
  addEventListener("online", deliverAll);
  if (waiting().length) deliverAll();
})();
