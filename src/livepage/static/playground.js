/* Draws paths of step functions on a map: controls, dragging and pictures, nothing else.

   What is computed comes with the page. A scene's `lossAndGradient` takes [x, y] and returns
   [loss, slope in x, slope in y]. A method's `step` takes [point, gradient, states, settings] and
   returns [point, states]. */
"use strict";

(() => {
  const GRID = 160; // cells of the map along each side, for its shades and its lines
  const PLAY_SECONDS = 4;

  // ---- Paths

  /* Walk from a start. The path ends early where the numbers end, or where it leaves a map that is
     bounded. Without a bound it may go anywhere; the picture shows what lies on the map. */
  function walk(scene, method, start, settings, steps) {
    const width = 4 + 2 * method.states;
    const input = new Array(width).fill(0).concat(settings);
    [input[0], input[1]] = start;
    const points = [];
    const losses = [];
    for (let step = 0; step <= steps; step += 1) {
      const [loss, slopeX, slopeY] = scene.lossAndGradient(input);
      points.push(input[0], input[1]);
      losses.push(loss);
      const end = ending(scene, input, loss);
      if (end) return { points, losses, end };
      if (step === steps) break;
      input[2] = slopeX;
      input[3] = slopeY;
      const output = method.step(input);
      input[0] = output[0];
      input[1] = output[1];
      for (let k = 2; k < output.length; k += 1) input[k + 2] = output[k];
    }
    return { points, losses, end: "" };
  }

  function ending(scene, [x, y], loss) {
    if (!Number.isFinite(loss) || !Number.isFinite(x) || !Number.isFinite(y)) return "diverged";
    return scene.bounded && !inside(scene.region, x, y) ? "left the map" : "";
  }

  function inside([left, right, bottom, top], x, y) {
    return left <= x && x <= right && bottom <= y && y <= top;
  }

  function distance(scene, x, y) {
    return Math.min(...scene.minima.map(([u, v]) => Math.hypot(x - u, y - v)));
  }

  // ---- Words

  function short(value) {
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e4)) return value.toExponential(1).replace("-", "−");
    return String(Number(value.toPrecision(4))).replace("-", "−");
  }

  function powerOfTen(power) {
    if (power === 0) return "1";
    return "10" + String(power).replace(/[-0-9]/g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  }

  function place([x, y], [nameX, nameY]) {
    return `${nameX} = ${x.toFixed(2)}, ${nameY} = ${y.toFixed(2)}`.replaceAll("-", "−");
  }

  // ---- The map, drawn once for each landscape, size and theme

  /* The losses on a grid of (GRID + 1)² points, row by row from the top. */
  function field(scene) {
    const [left, right, bottom, top] = scene.region;
    const values = new Float64Array((GRID + 1) * (GRID + 1));
    for (let row = 0, k = 0; row <= GRID; row += 1) {
      const y = top + ((bottom - top) * row) / GRID;
      for (let column = 0; column <= GRID; column += 1, k += 1) {
        values[k] = scene.lossAndGradient([left + ((right - left) * column) / GRID, y])[0];
      }
    }
    return values;
  }

  /* How far up a loss is among the levels, from 0 to 1. */
  function height(levels, loss) {
    let above = 0;
    while (above < levels.length && levels[above] < loss) above += 1;
    if (above === 0 || above === levels.length) return above / levels.length;
    const share = (loss - levels[above - 1]) / (levels[above] - levels[above - 1]);
    return (above - 1 + share) / levels.length;
  }

  function square(side) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    return canvas;
  }

  function shades(values, levels, low, high) {
    const side = GRID + 1;
    const picture = square(side);
    const context = picture.getContext("2d");
    const image = context.createImageData(side, side);
    values.forEach((loss, k) => {
      const t = height(levels, loss);
      for (let c = 0; c < 3; c += 1) image.data[4 * k + c] = low[c] + t * (high[c] - low[c]);
      image.data[4 * k + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    return picture;
  }

  /* The line of one level, by marching squares, in units of cells. */
  function contour(values, level) {
    const path = new Path2D();
    for (let row = 0; row < GRID; row += 1) {
      for (let column = 0; column < GRID; column += 1) crossCell(path, values, level, row, column);
    }
    return path;
  }

  function crossCell(path, values, level, row, column) {
    const k = row * (GRID + 1) + column;
    const corners = [values[k], values[k + 1], values[k + GRID + 2], values[k + GRID + 1]];
    const ends = [];
    for (let side = 0; side < 4; side += 1) {
      const from = corners[side];
      const to = corners[(side + 1) % 4];
      if (from < level === to < level) continue;
      const share = (level - from) / (to - from);
      const [x, y, dx, dy] = SIDES[side];
      ends.push([column + x + share * dx, row + y + share * dy]);
    }
    for (let k = 0; k + 1 < ends.length; k += 2) {
      path.moveTo(...ends[k]);
      path.lineTo(...ends[k + 1]);
    }
  }

  const SIDES = [[0, 0, 1, 0], [1, 0, 0, 1], [1, 1, -1, 0], [0, 1, 0, -1]];

  function ground(scene, side, ratio, colors) {
    const values = scene.field;
    const canvas = square(side);
    const context = canvas.getContext("2d");
    const cell = side / GRID;
    const shade = shades(values, scene.levels, colors.low, colors.high);
    context.imageSmoothingQuality = "high";
    context.drawImage(shade, -cell / 2, -cell / 2, side + cell, side + cell);
    context.scale(cell, cell);
    context.lineWidth = ratio / cell;
    context.strokeStyle = colors.line;
    scene.levels.forEach((level) => context.stroke(contour(values, level)));
    return canvas;
  }

  // ---- Marks and ticks

  function ticks(low, high, count = 6) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
    const found = [];
    for (let k = Math.ceil(low / step); k * step < high; k += 1) found.push(k * step);
    return found;
  }

  function star(x, y, radius) {
    const path = new Path2D();
    for (let k = 0; k < 10; k += 1) {
      const reach = k % 2 ? 0.42 * radius : radius;
      path.lineTo(x + reach * Math.sin((k * Math.PI) / 5), y - reach * Math.cos((k * Math.PI) / 5));
    }
    path.closePath();
    return path;
  }

  // ---- One playground

  class Playground {
    constructor(root, program) {
      this.root = root;
      this.program = program;
      this.find();
      this.listen();
      this.enter(this.chosen());
      root.dataset.ready = "";
      this.resize();
    }

    find() {
      const find = (selector) => this.root.querySelector(selector);
      this.plane = find(".pg-plane");
      this.map = find(".pg-map");
      this.chart = find(".pg-losses canvas");
      this.handle = find(".pg-start");
      this.words = find(".pg-place");
      this.steps = find(".pg-steps input");
      this.play = find(".pg-play");
      this.scenes = [...this.root.querySelectorAll(".pg-scenes input")];
      this.rows = [...this.root.querySelectorAll(".pg-methods tbody tr")].map((row, index) => ({
        row,
        method: this.program.methods[index],
        mark: new Path2D(row.querySelector(".pg-mark path").getAttribute("d")),
        on: row.querySelector("[type=checkbox]"),
        sliders: [...row.querySelectorAll("[type=range]")],
        loss: row.querySelector(".pg-loss"),
        distance: row.querySelector(".pg-distance"),
      }));
    }

    listen() {
      this.root.addEventListener("input", (event) => this.changed(event.target));
      this.root.querySelector(".pg-reset").addEventListener("click", () => this.reset());
      this.play.addEventListener("click", () => this.playing ? this.pause() : this.run());
      this.plane.addEventListener("pointerdown", (event) => this.press(event));
      this.plane.addEventListener("pointermove", (event) => this.dragging && this.drag(event));
      for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
        this.plane.addEventListener(name, () => { this.dragging = false; });
      }
      this.plane.addEventListener("click", (event) => this.drag(event));
      this.handle.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.fits() || this.resize()).observe(this.plane);
      const theme = { attributes: true, attributeFilter: ["data-theme"] };
      new MutationObserver(() => this.resize()).observe(document.documentElement, theme);
    }

    // ---- What the reader does

    chosen() {
      return this.program.scenes[Number(this.scenes.find((scene) => scene.checked).value)];
    }

    changed(control) {
      if (this.scenes.includes(control)) this.enter(this.chosen());
      if (control === this.steps) this.pause();
      this.redraw();
    }

    /* Go to a landscape, with the start and the learning rates that suit it. */
    enter(scene) {
      this.scene = scene;
      scene.field ??= field(scene);
      this.start = [...scene.start];
      this.rows.forEach(({ sliders }, index) => { sliders[0].value = scene.rates[index]; });
      this.ground = null;
      this.redraw();
    }

    reset() {
      this.pause();
      const controls = this.root.querySelectorAll("input:not([type=radio])");
      for (const control of controls) {
        control.value = control.defaultValue;
        control.checked = control.defaultChecked;
      }
      this.enter(this.scene);
    }

    /* A mouse or a pen drags from anywhere. A finger drags the ring, so that it can still scroll the
       page; a tap on the map moves the start there. */
    press(event) {
      if (event.button !== 0) return;
      if (event.pointerType === "touch" && event.target !== this.handle) return;
      event.preventDefault();
      this.dragging = true;
      this.plane.setPointerCapture(event.pointerId);
      this.handle.focus({ preventScroll: true });
      this.drag(event);
    }

    drag(event) {
      const box = this.map.getBoundingClientRect();
      const [left, right, bottom, top] = this.scene.region;
      const x = left + ((event.clientX - box.left) / box.width) * (right - left);
      const y = top - ((event.clientY - box.top) / box.height) * (top - bottom);
      this.move(x, y);
    }

    key(event) {
      const direction = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
      }[event.key];
      if (event.key === "Home") this.move(...this.scene.start);
      else if (direction) {
        const [left, right] = this.scene.region;
        const size = (right - left) / 200;
        const reach = event.shiftKey ? 10 : 1;
        this.move(...this.start.map((value, axis) => {
          const change = direction[axis] * reach;
          // Whole multiples, so that zero is met exactly.
          return change ? size * (Math.round(value / size) + change) : value;
        }));
      } else return;
      event.preventDefault();
    }

    move(x, y) {
      const [left, right, bottom, top] = this.scene.region;
      const within = (value, low, high) => Math.min(Math.max(value, low), high);
      this.start = [within(x, left, right), within(y, bottom, top)];
      this.redraw();
    }

    run() {
      const last = Number(this.steps.value);
      const began = performance.now();
      this.play.textContent = "Stop";
      const tick = (now) => {
        const share = Math.min(Math.max(now - began, 0) / (1000 * PLAY_SECONDS), 1);
        this.steps.value = Math.round(share * last);
        if (share === 1) this.pause();
        else this.playing = requestAnimationFrame(tick);
        this.redraw();
      };
      this.playing = requestAnimationFrame(tick);
    }

    pause() {
      cancelAnimationFrame(this.playing);
      this.playing = 0;
      this.play.textContent = "Play";
    }

    // ---- What the reader sees

    /* However many events there are, a frame is drawn once. */
    redraw() {
      this.pending ??= requestAnimationFrame(() => {
        this.pending = null;
        this.draw();
      });
    }

    /* Whether both pictures have the size of their places; a browser asks once more than needed. */
    fits() {
      const ratio = window.devicePixelRatio || 1;
      return [this.map, this.chart].every((canvas) => (
        canvas.width === Math.round(canvas.clientWidth * ratio)
        && canvas.height === Math.round(canvas.clientHeight * ratio)
      ));
    }

    resize() {
      this.ratio = window.devicePixelRatio || 1;
      for (const canvas of [this.map, this.chart]) {
        canvas.width = Math.round(canvas.clientWidth * this.ratio);
        canvas.height = Math.round(canvas.clientHeight * this.ratio);
      }
      this.colors = this.readColors();
      this.ground = null;
      this.redraw();
    }

    readColors() {
      const style = getComputedStyle(this.root);
      const read = (name) => style.getPropertyValue(name).trim();
      for (const row of this.rows) {
        row.color = getComputedStyle(row.row).getPropertyValue("--method").trim();
      }
      const channels = (name) => read(name).match(/\w\w/g).map((part) => parseInt(part, 16));
      return {
        low: channels("--pg-low"),
        high: channels("--pg-high"),
        line: read("--pg-line"),
        ink: read("--pg-ink"),
        paper: read("--pg-paper"),
        font: `${12 * this.ratio}px ${style.fontFamily}`,
      };
    }

    draw() {
      if (!this.map.width) return;
      const steps = Number(this.steps.value);
      for (const row of this.rows) {
        const settings = row.sliders.map(setting);
        row.path = row.on.checked && walk(this.scene, row.method, this.start, settings, steps);
      }
      this.drawMap();
      this.drawChart(steps);
      this.tell();
    }

    drawMap() {
      const side = this.map.width;
      const context = this.map.getContext("2d");
      this.ground ??= ground(this.scene, side, this.ratio, this.colors);
      context.drawImage(this.ground, 0, 0);
      this.drawTicks(context, side);
      context.lineJoin = "round";
      for (const row of this.rows) if (row.path) this.drawPath(context, row, side);
      this.drawMinima(context, side);
      for (const row of this.rows) if (row.path) this.drawEnd(context, row, side);
    }

    pixel(x, y, side) {
      const [left, right, bottom, top] = this.scene.region;
      return [((x - left) / (right - left)) * side, ((top - y) / (top - bottom)) * side];
    }

    drawTicks(context, side) {
      const [left, right, bottom, top] = this.scene.region;
      const gap = 6 * this.ratio;
      context.font = this.colors.font;
      context.fillStyle = this.colors.ink;
      context.textAlign = "center";
      context.textBaseline = "bottom";
      for (const x of ticks(left, right)) {
        const at = this.pixel(x, bottom, side)[0];
        if (at > 5 * gap && at < side - 3 * gap) context.fillText(short(x), at, side - gap);
      }
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(this.scene.axes[0], side - 2.5 * gap, side - 2 * gap);
      context.fillText(this.scene.axes[1], gap, 2 * gap);
      for (const y of ticks(bottom, top)) {
        const at = this.pixel(left, y, side)[1];
        if (at > 3 * gap && at < side - 5 * gap) context.fillText(short(y), gap, at);
      }
    }

    drawPath(context, { path, color }, side) {
      const line = new Path2D();
      const dots = new Path2D();
      const few = path.losses.length <= 120;
      for (let k = 0; k < path.points.length; k += 2) {
        const [x, y] = this.pixel(path.points[k], path.points[k + 1], side);
        if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) break; // far from every map
        line.lineTo(x, y);
        if (!few) continue;
        dots.moveTo(x, y);
        dots.arc(x, y, 2.2 * this.ratio, 0, 7);
      }
      context.strokeStyle = this.colors.paper;
      context.lineWidth = 4.5 * this.ratio;
      context.stroke(line);
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = 2 * this.ratio;
      context.stroke(line);
      context.fill(dots);
    }

    drawEnd(context, { path, color, mark }, side) {
      const [x, y] = this.pixel(...path.points.slice(-2), side);
      if (!(x >= 0 && x <= side && y >= 0 && y <= side)) return;
      const size = 6.5 * this.ratio;
      context.save();
      context.translate(x, y);
      context.scale(size, size);
      context.lineWidth = 0.6;
      context.strokeStyle = this.colors.paper;
      context.fillStyle = color;
      context.stroke(mark);
      context.fill(mark);
      context.restore();
    }

    drawMinima(context, side) {
      context.fillStyle = this.colors.ink;
      context.strokeStyle = this.colors.paper;
      context.lineWidth = 3 * this.ratio;
      for (const minimum of this.scene.minima) {
        const path = star(...this.pixel(...minimum, side), 8 * this.ratio);
        context.stroke(path);
        context.fill(path);
      }
    }

    /* The loss above the minimum, in powers of ten. */
    drawChart(steps) {
      const { width, height: tall } = this.chart;
      const context = this.chart.getContext("2d");
      const lowest = this.scene.lossAndGradient(this.scene.minima[0])[0];
      const powers = (loss) => Math.log10(Math.max(loss - lowest, 1e-12));
      const top = Math.ceil(powers(this.scene.lossAndGradient(this.start)[0]) + 0.5);
      const bottom = Math.max(top - 10, -9);
      const margin = 34 * this.ratio;
      const edge = 18 * this.ratio;
      const across = (step) => margin + ((width - margin - 8) * step) / Math.max(steps, 1);
      const down = (power) => 4 + ((tall - edge - 8) * (top - power)) / (top - bottom);
      context.clearRect(0, 0, width, tall);
      this.drawScale(context, { bottom, top, steps, across, down, margin, tall });
      context.save();
      context.beginPath();
      context.rect(margin, 0, width - margin, tall - edge);
      context.clip();
      context.lineWidth = 1.8 * this.ratio;
      for (const { path, color } of this.rows) {
        if (!path) continue;
        const line = new Path2D();
        path.losses.forEach((loss, step) => line.lineTo(across(step), down(powers(loss))));
        context.strokeStyle = color;
        context.stroke(line);
      }
      context.restore();
    }

    drawScale(context, { bottom, top, steps, across, down, margin, tall }) {
      context.font = this.colors.font;
      context.fillStyle = this.colors.ink;
      context.strokeStyle = this.colors.line;
      context.lineWidth = this.ratio;
      context.textAlign = "right";
      context.textBaseline = "middle";
      for (let power = top - 1; power > bottom; power -= 3) {
        context.fillText(powerOfTen(power), margin - 6, down(power));
        context.beginPath();
        context.moveTo(margin, down(power));
        context.lineTo(across(steps), down(power));
        context.stroke();
      }
      context.textBaseline = "bottom";
      context.fillText(`${steps}`, across(steps), tall);
      context.textAlign = "left";
      context.fillText("0", margin, tall);
    }

    tell() {
      const [x, y] = this.pixel(...this.start, 100);
      this.handle.style.left = `${x}%`;
      this.handle.style.top = `${y}%`;
      const [left, right] = this.scene.region;
      const words = place(this.start, this.scene.axes);
      this.words.textContent = `Start: ${words}.`;
      for (const [name, value] of Object.entries({
        "aria-valuemin": left, "aria-valuemax": right, "aria-valuenow": this.start[0],
        "aria-valuetext": words,
      })) this.handle.setAttribute(name, value);
      this.sayValue(this.steps);
      this.rows.forEach((row) => this.tellRow(row));
    }

    tellRow({ row, path, sliders, loss, distance: far }) {
      sliders.forEach((slider) => this.sayValue(slider));
      row.classList.toggle("pg-off", !path);
      const end = path && path.end;
      loss.textContent = !path ? "" : end || short(path.losses.at(-1));
      far.textContent = !path || end ? "" : short(distance(this.scene, ...path.points.slice(-2)));
    }

    sayValue(slider) {
      if (slider.said === slider.value) return;
      slider.said = slider.value;
      const value = setting(slider);
      const words = "power" in slider.dataset ? short(Number(value.toPrecision(2))) : short(value);
      slider.nextElementSibling.textContent = words;
      slider.setAttribute("aria-valuetext", words);
      const share = (slider.value - slider.min) / (slider.max - slider.min);
      slider.style.setProperty("--fill", `${100 * share}%`);
    }
  }

  function setting(slider) {
    const value = Number(slider.value);
    return "power" in slider.dataset ? 10 ** value : value;
  }

  for (const root of document.querySelectorAll(".playground:not([data-ready])")) {
    const program = window.playgroundPrograms?.[root.id];
    if (program) new Playground(root, program);
  }
})();
