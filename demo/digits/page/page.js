
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const canvas = byId("canvas"), seen = byId("seen"), bars = [...byId("bars").children];
  const pen = canvas.getContext("2d"), grid = seen.getContext("2d");
  const side = 280, maxPoints = 1800;
  let strokes = [], drawing = null, asked = 0, shown = 0, busy = false, again = false;

  // Digits to be drawn by number key, for those who do not draw.
  const samples = [[[[150,62],[126,68],[104,88],[92,120],[88,156],[94,188],[112,212],[138,220],[162,212],[180,190],[191,160],[192,126],[184,98],[168,74],[146,61]]],
    [[[106,110],[130,88],[150,60],[149,110],[147,165],[146,224]]],
    [[[94,104],[98,84],[112,68],[138,60],[164,68],[178,90],[174,116],[156,148],[126,182],[94,216],[130,212],[190,214]]],
    [[[98,84],[108,70],[128,60],[156,64],[172,82],[170,106],[152,124],[126,134],[158,140],[178,158],[182,184],[166,210],[136,222],[98,208]]],
    [[[118,64],[106,104],[96,150],[130,152],[192,148]], [[164,100],[160,150],[154,222]]],
    [[[180,64],[144,66],[114,70],[108,100],[104,130],[134,120],[164,132],[180,158],[178,188],[158,212],[128,220],[96,208]]],
    [[[160,62],[134,84],[112,118],[100,152],[98,184],[112,212],[140,222],[166,212],[178,190],[170,162],[144,150],[116,160],[102,182]]],
    [[[94,76],[136,72],[188,68],[170,110],[148,158],[128,222]], [[108,148],[142,144],[182,140]]],
    [[[170,82],[158,66],[138,60],[114,68],[104,88],[112,110],[142,136],[170,160],[180,186],[166,212],[140,222],[112,212],[102,190],[112,162],[140,138],[166,114],[172,88]]],
    [[[172,88],[160,68],[138,62],[112,76],[102,102],[114,128],[138,134],[162,120],[174,86],[174,130],[168,180],[158,222]]]];

  // A smooth way through the points (Catmull-Rom), for the samples are sparse.
  function smooth(points) {
    const way = [];
    points.forEach((b, i) => {
      const a = points[i - 1] || b, c = points[i + 1], d = points[i + 2] || c;
      for (let k = 0; c && k < 6; k++) {
        const t = k / 6;
        way.push([0, 1].map((n) => (2 * b[n] + (c[n] - a[n]) * t + (2 * a[n] - 5 * b[n] + 4 * c[n] - d[n]) * t * t
          + (3 * b[n] - a[n] - 3 * c[n] + d[n]) * t * t * t) / 2));
      }
    });
    return [...way, points[points.length - 1]];
  }

  function ratio() { return Math.min(3, window.devicePixelRatio || 1); }

  function fitCanvas() {
    const size = Math.round(canvas.clientWidth * ratio());
    if (size > 0 && canvas.width !== size) canvas.width = canvas.height = size;
    paint();
  }

  function paint() {
    const scale = canvas.width / side;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, side, side);
    pen.lineWidth = 14;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    for (const s of strokes) {
      pen.beginPath();
      pen.moveTo(s[0][0], s[0][1]);
      for (const p of s.length > 1 ? s.slice(1) : s) pen.lineTo(p[0], p[1]);
      pen.stroke();
    }
    byId("hint").hidden = strokes.length > 0;
    byId("clear").disabled = byId("undo").disabled = strokes.length === 0;
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const at = (v, from, size) => Math.round(Math.max(0, Math.min(side, (v - from) / size * side)) * 10) / 10;
    return [at(event.clientX, box.left, box.width), at(event.clientY, box.top, box.height)];
  }

  function extend(event) {
    const list = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const e of list.length ? list : [event]) {
      const p = place(e), last = drawing[drawing.length - 1];
      const count = strokes.reduce((n, s) => n + s.length, 0);
      if (count < maxPoints && Math.hypot(p[0] - last[0], p[1] - last[1]) >= 2) drawing.push(p);
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drawing || strokes.length >= 64) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = [place(event)];
    strokes.push(drawing);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || !canvas.hasPointerCapture(event.pointerId)) return;
    extend(event);
    changed();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, () => { if (drawing) { drawing = null; changed(); } });
  }

  function changed() {
    paint();
    if (strokes.length === 0) { asked++; shown = asked; empty(); return; }
    ask();
  }

  // One question at a time: while one is on its way the newest drawing waits.
  async function ask() {
    if (busy) { again = true; return; }
    busy = true;
    const number = ++asked, began = performance.now();
    try {
      const response = await fetch("predict", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ strokes }),
      });
      const reply = await response.json();
      if (!response.ok) throw new Error(reply.error || "status " + response.status);
      if (number > shown && strokes.length) { shown = number; show(reply, performance.now() - began); }
    } catch (error) {
      if (number > shown) trouble(error);
    }
    busy = false;
    if (again) { again = false; if (strokes.length) ask(); }
  }

  function percent(p) {
    if (p > 0 && p < 0.001) return "< 0.1 %";
    return (p > 0.999 && p < 1 ? 99.9 : p * 100).toFixed(1) + " %";
  }

  function show(reply, ms) {
    byId("digit").textContent = reply.digit;
    byId("answer").classList.remove("none");
    byId("score").textContent = percent(reply.probabilities[reply.digit]) + (reply.probabilities[reply.digit] < 0.6 ? ", not sure" : "");
    byId("time").textContent = "answered in " + Math.max(1, Math.round(ms)) + " ms";
    bars.forEach((bar, d) => {
      const p = reply.probabilities[d];
      bar.querySelector("i").style.transform = "scaleX(" + p + ")";
      bar.querySelector(".value").textContent = percent(p);
      bar.classList.toggle("best", d === reply.digit);
    });
    pixels(reply.pixels);
    notice(reply.model);
  }

  function empty() {
    byId("answer").classList.add("none");
    byId("digit").textContent = "–";
    byId("score").textContent = "nothing drawn yet";
    byId("time").textContent = "";
    for (const bar of bars) {
      bar.querySelector("i").style.transform = "";
      bar.querySelector(".value").textContent = "–";
      bar.classList.remove("best");
    }
    pixels(null);
  }

  function trouble(error) {
    byId("digit").textContent = "?";
    byId("score").textContent = error instanceof TypeError
      ? "no answer from the application; draw on to try again" : "no answer: " + error.message;
    byId("time").textContent = "";
  }

  let lastPixels = null;
  function pixels(list) {
    lastPixels = list;
    const cell = seen.width / 8;
    grid.clearRect(0, 0, seen.width, seen.height);
    grid.fillStyle = getComputedStyle(seen).color;
    if (!list) return;
    list.forEach((v, i) => {
      grid.globalAlpha = v / 16;
      grid.fillRect(i % 8 * cell, Math.floor(i / 8) * cell, cell, cell);
    });
    grid.globalAlpha = 1;
  }

  // The application may be given a newer model while the page is open.
  function notice(model) {
    const at = byId("model").dataset;
    const same = model.name === at.name && model.version === at.version && model.digest === at.digest;
    byId("newer").hidden = same;
    if (!same) byId("newer").textContent = "The application now answers with " + model.name + " " + model.version + "; reload to see where it comes from.";
  }

  function clear() { strokes = []; drawing = null; changed(); }
  function undo() { drawing = null; strokes.pop(); changed(); }
  byId("clear").addEventListener("click", () => { clear(); canvas.focus(); });
  byId("undo").addEventListener("click", undo);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || (event.shiftKey && event.key !== "Z")) return;
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (key === "z") { event.preventDefault(); undo(); return; }
    if (command) return;
    if (key === "c" || key === "escape") clear();
    if (key.length === 1 && key >= "0" && key <= "9") {
      drawing = null;
      strokes = samples[Number(key)].map(smooth);
      changed();
    }
  });

  const copy = byId("copy");
  if (copy) copy.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(copy.dataset.text); copy.textContent = "Copied"; } catch { copy.textContent = "Not allowed"; }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });

  window.addEventListener("resize", fitCanvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { paint(); pixels(lastPixels); });
  const wanted = /^#draw-(\d)$/.exec(location.hash);
  fitCanvas();
  if (wanted) { strokes = samples[Number(wanted[1])].map(smooth); changed(); }
})();
