"""Turns a drawing into the picture that the model was trained on.

The training data are bitmaps of 32×32 dots that were normalized (NISTIR 5469)
before the ink of each 4×4 block was counted: scaled to their full height, at
most 20 dots wide, half of the slant taken out, centered, and with about the
same amount of ink whatever the shape. A drawing is brought to the same.
"""

import numpy as np

DOTS, WIDTH, INK = 32, 20.0, 310  # dots a side, greatest width, dots of ink
FINE = 2  # samples a dot
MOST_STROKES, MOST_POINTS = 64, 2048


def pixels(strokes):
    """64 numbers from 0 to 1 for strokes: lists of [x, y], y downwards."""
    lines = segments(strokes)
    thin, thick = 2.0, 11.0
    for _ in range(6):  # a thicker pen leaves less room: found by halving
        pen = (thin + thick) / 2
        if draw(fit(lines, pen), pen).sum() < INK * FINE * FINE:
            thin = pen
        else:
            thick = pen
    pen = (thin + thick) / 2
    ink = draw(fit(lines, pen), pen)
    block = 4 * FINE
    counts = ink.reshape(8, block, 8, block).sum(axis=(1, 3)) / (FINE * FINE)
    return (counts.round() / 16).astype(np.float32).ravel()


def segments(strokes):
    """The straight pieces of the pen's way, as an array [n, 2 ends, 2 coordinates]."""
    if not 0 < len(strokes) <= MOST_STROKES or sum(map(len, strokes)) > MOST_POINTS:
        raise ValueError(f"1 to {MOST_STROKES} strokes of at most {MOST_POINTS} points are expected")
    out = []
    for s in strokes:
        points = np.asarray(s, dtype=float).reshape(-1, 2)
        if not np.isfinite(points).all() or np.abs(points).max(initial=0) > 1e6:
            raise ValueError("a point lies too far out")
        if len(points) == 1:
            out.append([points[0], points[0]])
        out += list(zip(points[:-1], points[1:]))
    if not out:
        raise ValueError("nothing is drawn")
    return np.array(out)


def fit(lines, pen):
    """Scales, straightens and centers lines on the dots."""
    points = lines.reshape(-1, 2)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    room = np.array([WIDTH, DOTS]) - pen
    scale = np.ones(2)
    if size[0] > 3 * size[1]:  # a dash is not stretched to a digit's height
        scale[:] = room[0] / size[0] if size[0] else 1
    else:
        scale[:] = room[1] / size[1]
        if size[0]:
            scale[0] = min(scale[1], room[0] / size[0])
    lines = (lines - low) * scale
    lines[..., 0] -= lean(lines) * lines[..., 1]
    points = lines.reshape(-1, 2)
    return lines + (DOTS - points.min(axis=0) - points.max(axis=0)) / 2


def lean(lines):
    """Half the slant of a drawing, in columns a row."""
    height = lines[..., 1].max()
    if height < 1:
        return 0.0
    way = np.concatenate([np.linspace(a, b, 16) for a, b in lines])
    top = way[way[:, 1] <= 0.1 * height, 0].min()
    bottom = way[way[:, 1] >= 0.9 * height, 0].min()
    return float(np.clip((bottom - top) / (0.9 * height) * 0.5, -0.3, 0.3))


def draw(lines, pen):
    """Ink at the samples of the dots: what lies within half a pen of a line."""
    at = (np.arange(DOTS * FINE) + 0.5) / FINE
    x, y = np.meshgrid(at, at)
    ink = np.zeros(x.shape, dtype=bool)
    for a, b in lines:
        way = b - a
        length = way @ way
        share = np.clip(((x - a[0]) * way[0] + (y - a[1]) * way[1]) / length, 0, 1) if length else 0
        ink |= (a[0] + share * way[0] - x) ** 2 + (a[1] + share * way[1] - y) ** 2 <= (pen / 2) ** 2
    return ink
