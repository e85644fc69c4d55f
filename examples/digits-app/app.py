"""Serves a page on which one draws a digit, and the model that answers.

The model is whatever `assay model pull` put into model/: this repository knows
nothing of how it was trained.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime

from strokes import pixels

HERE = Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


class Model:
    def __init__(self, folder):
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
        self.input = self.session.get_inputs()[0].name
        with open(folder / "assay-model.json") as f:  # where it came from
            self.origin = json.load(f)

    def scores(self, pixels):
        """Scores of the ten digits for 64 pixels from 0 to 1."""
        x = np.asarray(pixels, dtype=np.float32).reshape(1, 64)
        return self.session.run(None, {self.input: x})[0][0]


class Page(BaseHTTPRequestHandler):
    model = None

    def do_GET(self):
        if self.path == "/health":
            o = self.model.origin
            return self.answer(200, {"model": o["model"], "version": o["version"], "commit": o["origin"]["commit"][:8]})
        name = "index.html" if self.path == "/" else self.path.lstrip("/")
        file = HERE / "page" / name
        if file.parent != HERE / "page" or not file.is_file():
            return self.answer(404, {"error": "not here"})
        self.send(200, TYPES[file.suffix], file.read_bytes())

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/predict" or not 0 < length <= 1 << 18:
            return self.answer(404, {"error": "POST {\"strokes\": [[[x, y], …], …]} to /predict"})
        try:
            scores = self.model.scores(pixels(json.loads(self.rfile.read(length))["strokes"]))
        except (ValueError, KeyError, TypeError) as e:
            return self.answer(400, {"error": f"strokes are lists of [x, y]: {e}"})
        self.answer(200, {"digit": int(scores.argmax()), "scores": [round(float(s), 4) for s in scores]})

    def answer(self, status, value):
        self.send(status, "application/json", json.dumps(value).encode())

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    Page.model = Model(HERE / "model")
    server = ThreadingHTTPServer(("127.0.0.1", port), Page)
    print(f"draw at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
