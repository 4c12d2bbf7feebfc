"use strict";

// Makes the explorers of a page move. Each has native controls and a picture of its default setting
// from the start. What draws (Vega) and the numbers of all settings are loaded when the reader comes
// near, by classic scripts, so that a page opened as a file works too.
(() => {
  const here = new URL(".", document.currentScript.src).href;
  const scripts = new Map();
  const received = new Map();

  window.livepage = { receive: (name, payload) => received.set(name, payload) };

  function load(path) {
    if (!scripts.has(path)) {
      scripts.set(path, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = here + path;
        script.onload = done;
        script.onerror = () => failed(new Error(`${path} could not be loaded`));
        document.head.append(script);
      }));
    }
    return scripts.get(path);
  }

  async function unzip(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  const KINDS = { float32: Float32Array, int16: Int16Array, int32: Int32Array, words: Uint16Array };

  // The bytes of equal weight lie together: all first bytes, then all second ones, and so on.
  function numbers(bytes, start, kind, count) {
    const Kind = KINDS[kind];
    const size = Kind.BYTES_PER_ELEMENT;
    const woven = new Uint8Array(count * size);
    for (let byte = 0; byte < size; byte += 1) {
      for (let item = 0; item < count; item += 1) {
        woven[item * size + byte] = bytes[start + byte * count + item];
      }
    }
    return [new Kind(woven.buffer), start + count * size];
  }

  async function unpack(payload) {
    const bytes = await unzip(payload.blob);
    const datasets = {};
    let start = 0;
    for (const column of payload.columns) {
      const count = column.shape.reduce((product, length) => product * length, 1);
      [column.values, start] = numbers(bytes, start, column.kind, count);
      (datasets[column.dataset] ??= []).push(column);
    }
    return datasets;
  }

  function value(column, place) {
    const number = column.values[place];
    if (column.words) return column.words[number];
    return Number.isFinite(number) ? number : null;
  }

  // Where the rows of a setting begin. An axis of length one belongs to all values of its control.
  function offset(column, indices) {
    const rows = column.shape.at(-1);
    return rows * indices.reduce((place, index, axis) => {
      const length = column.shape[axis];
      return place * length + (length === 1 ? 0 : index);
    }, 0);
  }

  function rowsAt(columns, indices) {
    const count = Math.max(...columns.map((column) => column.shape.at(-1)));
    const starts = columns.map((column) => offset(column, indices));
    return Array.from({ length: count }, (_, row) => Object.fromEntries(
      columns.map((column, which) => {
        const step = column.shape.at(-1) === 1 ? 0 : row;
        return [column.name, value(column, starts[which] + step)];
      }),
    ));
  }

  function isDark() {
    return document.documentElement.dataset.theme === "dark";
  }

  // A chart with other colours. The build says which become which.
  function recolored(part, colors) {
    if (typeof part === "string") return colors[part] ?? part;
    if (Array.isArray(part)) return part.map((item) => recolored(item, colors));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => (
      [key, NO_COLORS.has(key) ? item : recolored(item, colors)]
    )));
  }

  // What a mark of the chart says of itself: nothing, a text, or the values of some fields.
  function inWords(told) {
    if (told === null || typeof told !== "object") return String(told ?? "");
    return Object.entries(told).map(([field, item]) => `${field}: ${item}`).join("\n");
  }

  const NO_COLORS = new Set(["data", "datasets", "domain", "values"]);

  class Explorer {
    constructor(root) {
      this.root = root;
      this.name = root.dataset.explorer;
      this.fields = [...root.querySelectorAll("input, select")];
      this.drawn = 0;
      this.places = {}; // which rows of each data set are drawn
      this.waiting = false;
      root.explorer = this;
      root.querySelector("form").addEventListener("input", () => this.changed());
      root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    }

    async start() {
      await Promise.all([load("vega.js"), load(`explorers/${this.name}.js`)]);
      const payload = received.get(this.name);
      this.payload = payload;
      this.controls = payload.controls;
      this.datasets = await unpack(payload);
      this.picture = this.root.querySelector(".explorer-picture");
      const image = this.picture.querySelector("img");
      this.words = image.alt;
      // The style sheet shows the drawing as large as the picture: sharp there, and no larger.
      this.scale = Math.max(1, this.picture.clientWidth / image.getAttribute("width")) * devicePixelRatio;
      await this.show();
      this.root.classList.add("live");
      this.changed();
    }

    // Draw in the colours of the page. Also when the reader changes them.
    async show() {
      const { vega, dark } = this.payload;
      const stage = document.createElement("div");
      const before = this.view;
      const theme = isDark();
      const { view } = await vegaEmbed(stage, theme ? recolored(vega, dark) : vega, {
        mode: "vega", renderer: "canvas", actions: false, hover: false, defaultStyle: false,
        // The page's policy lets no text become code or style: expressions are interpreted, and words
        // beside the pointer are plain ones of the browser.
        ast: true,
        tooltip: (handler, event, item, told) => { stage.title = inWords(told); },
        scaleFactor: this.scale,
        logLevel: 1, // errors; it would warn that there are no rows before they are filled in
      });
      if (theme !== isDark()) {
        view.finalize(); // the reader has changed them meanwhile
        return this.show();
      }
      this.view = view;
      this.places = {};
      this.fill();
      await view.runAsync();
      this.fit(stage, this.words);
      this.picture.replaceChildren(stage);
      view.addEventListener("click", (event, item) => this.pick(item));
      before?.finalize();
    }

    // The drawing takes the place of the picture, and scales as it does. Vega takes a click for one on
    // a drawing that is not scaled, so it is given the place that it expects.
    fit(stage, words) {
      const canvas = stage.querySelector("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", words);
      canvas.addEventListener("click", (event) => {
        if (!event.isTrusted) return;
        event.stopImmediatePropagation();
        const box = canvas.getBoundingClientRect();
        const scale = box.width / this.natural;
        const clientX = box.left + (event.clientX - box.left) / scale;
        const clientY = box.top + (event.clientY - box.top) / scale;
        // Vega takes a click for one on the mark where the pointer last moved and went down.
        for (const type of ["pointermove", "pointerdown", "click"]) {
          canvas.dispatchEvent(new PointerEvent(type, { clientX, clientY, bubbles: true }));
        }
      }, { capture: true });
      this.natural = parseFloat(canvas.style.width) || canvas.width; // no style if not scaled
    }

    indices() {
      return this.fields.map((field) => (
        field.tagName === "SELECT" ? field.selectedIndex : Number(field.value)
      ));
    }

    changed() {
      this.fields.forEach((field, which) => {
        const output = field.parentElement.querySelector("output");
        if (!output || !this.controls) return;
        const text = this.controls[which].texts[field.value];
        output.textContent = text;
        field.setAttribute("aria-valuetext", text);
      });
      if (!this.view || this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => this.draw());
    }

    async draw() {
      this.waiting = false;
      this.fill();
      await this.view.runAsync();
      this.drawn += 1;
      this.root.dataset.drawn = this.drawn;
    }

    settings() {
      return this.indices().filter((_, which) => !this.controls[which].view);
    }

    rows(dataset) {
      return rowsAt(this.datasets[dataset], this.settings());
    }

    fill() {
      for (const [dataset, columns] of Object.entries(this.datasets)) {
        const place = columns.map((column) => offset(column, this.settings())).join();
        if (this.places[dataset] === place) continue; // the same rows as before
        this.places[dataset] = place;
        if (dataset === "message") this.say(this.rows(dataset)[0]);
        else this.view.data(dataset, this.rows(dataset));
      }
      const indices = this.indices();
      this.controls.forEach((control, which) => {
        if (control.view) this.view.signal(control.name, control.values[indices[which]]);
      });
    }

    say(message) {
      const place = this.root.querySelector(".explorer-message");
      if (place.textContent !== message.text) place.textContent = message.text;
      place.classList.toggle("good", Boolean(message.good));
    }

    // A click on a mark sets the controls that its data name.
    pick(item) {
      const datum = item && item.datum;
      if (!datum) return;
      const before = this.indices().join();
      this.controls.forEach((control, which) => {
        if (control.name in datum) this.choose(which, datum[control.name]);
      });
      if (this.indices().join() !== before) this.changed();
    }

    choose(which, wanted) {
      const { values } = this.controls[which];
      const distances = values.map((candidate) => Math.abs(candidate - wanted));
      this.fields[which].value = distances.indexOf(Math.min(...distances));
    }
  }

  function failed(explorer, error) {
    const place = explorer.root.querySelector(".explorer-message");
    place.textContent = `This figure cannot be moved here: ${error.message}.`;
    throw error;
  }

  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      target.explorer.start().catch((error) => failed(target.explorer, error));
    }
  }, { rootMargin: "600px" });

  const explorers = [...document.querySelectorAll("figure.explorer")].map((root) => new Explorer(root));
  for (const explorer of explorers) near.observe(explorer.root);

  new MutationObserver(() => {
    for (const explorer of explorers) if (explorer.view) explorer.show();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
