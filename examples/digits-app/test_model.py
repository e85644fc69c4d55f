"""Tests the model that was pulled on held-out digits of this repository's own.

It fails the pipeline before anything is deployed.
"""

import csv
import sys
from pathlib import Path

from app import HERE, Model

LEAST = 0.85


def main():
    model = Model(HERE / "model")
    with open(HERE / "data" / "holdout.csv") as f:
        rows = list(csv.reader(f))[1:]
    right = sum(int(model.scores([int(v) / 16 for v in r[2:]]).argmax()) == int(r[1]) for r in rows)
    share = right / len(rows)
    print(f"{model.origin['model']}@v{model.origin['version']}: {share:.1%} of {len(rows)} digits right, at least {LEAST:.0%} wanted")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
