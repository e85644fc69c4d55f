"use strict";
const byId = (id) => document.getElementById(id);
const canvas = byId("canvas"), pen = canvas.getContext("2d");
let strokes = [], drawing = null, asked = 0;

function paint() {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = 14;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = getComputedStyle(canvas).color;
  for (const s of strokes) {
    pen.beginPath();
    pen.moveTo(...s[0]);
    for (const p of s) pen.lineTo(...p);
    pen.stroke();
  }
}

function say(digit, text) {
  byId("answer").textContent = digit;
  byId("score").textContent = text;
}

async function ask() {
  const number = ++asked;
  try {
    const response = await fetch("predict", { method: "POST", body: JSON.stringify({ strokes }) });
    const reply = await response.json();
    if (number !== asked) return; // a newer drawing is on its way
    if (!response.ok) throw new Error(reply.error);
    say(reply.digit, `${(reply.scores[reply.digit] * 100).toFixed(1)} % sure`);
  } catch (error) {
    if (number === asked) say("?", String(error.message));
  }
}

const place = (e) => [Math.round(e.offsetX), Math.round(e.offsetY)];
canvas.addEventListener("pointerdown", (e) => {
  canvas.setPointerCapture(e.pointerId);
  strokes.push((drawing = [place(e)]));
  paint();
});
canvas.addEventListener("pointermove", (e) => {
  if (!drawing) return;
  drawing.push(place(e));
  paint();
});
canvas.addEventListener("pointerup", () => {
  drawing = null;
  ask();
});
byId("clear").addEventListener("click", () => {
  strokes = [];
  asked++;
  paint();
  say("–", "nothing drawn yet");
});

fetch("health").then((r) => r.json()).then((m) => {
  byId("model").textContent = `${m.model} version ${m.version}, commit ${m.commit}`;
});
