"""Trains a small neural network on handwritten digits and exports it as ONNX.

It logs with plain MLflow. Under `assay run` that joins the recorded run; on its
own it logs to wherever MLFLOW_TRACKING_URI points. What the report needs are
the files at the end: metrics.json, predictions.csv, model.onnx.
"""

import csv
import json

import mlflow
import numpy as np
import yaml
from sklearn.neural_network import MLPClassifier

from export import to_onnx


def read(part):
    """The ids, pixels (0 to 1) and labels of one part: train or test."""
    with open("data/digits.csv") as f:
        rows = [r for r in csv.reader(f) if r[1] == part]
    ids = [r[0] for r in rows]
    labels = np.array([int(r[2]) for r in rows])
    pixels = np.array([[int(v) for v in r[3:]] for r in rows], dtype=np.float32) / 16
    return ids, pixels, labels


def train(params, pixels, labels, held_out):
    """One pass over the examples an epoch, logged as it goes."""
    net = MLPClassifier(
        hidden_layer_sizes=(params["hidden"],),
        learning_rate_init=params["learning_rate"],
        alpha=params["weight_decay"],
        batch_size=params["batch"],
        random_state=params["seed"],
    )
    for epoch in range(1, params["epochs"] + 1):
        net.partial_fit(pixels, labels, classes=np.arange(10))
        mlflow.log_metrics({"loss": net.loss_, "val_accuracy": net.score(*held_out)}, step=epoch)
    return net


def main():
    with open("params.yaml") as f:
        params = yaml.safe_load(f)
    _, pixels, labels = read("train")
    ids, test_pixels, test_labels = read("test")
    with mlflow.start_run():
        mlflow.log_params(params)
        net = train(params, pixels, labels, (test_pixels, test_labels))
        scores = net.predict_proba(test_pixels)
        answers = scores.argmax(axis=1)
        metrics = {
            "accuracy": float((answers == test_labels).mean()),
            "log_loss": float(-np.log(np.clip(scores[np.arange(len(ids)), test_labels], 1e-12, 1)).mean()),
        }
        mlflow.log_metrics(metrics)
        with open("metrics.json", "w") as f:
            json.dump(metrics, f, indent=2)
        with open("predictions.csv", "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(["id", "label", "prediction", "score"])
            w.writerows(zip(ids, test_labels, answers, scores.max(axis=1).round(4)))
        to_onnx(net, "model.onnx")
        mlflow.log_artifact("model.onnx")
    print(f"accuracy {metrics['accuracy']:.4f} on {len(ids)} held-out digits")


if __name__ == "__main__":
    main()
