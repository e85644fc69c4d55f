"""Trains a small model and logs it as MLflow 3 does; then loads what was promoted."""
import json
import os
import sys

import mlflow
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

x, y = load_digits(return_X_y=True)
if sys.argv[1] == "train":
    with open("params.yaml") as f:
        steps = int(f.read().split(":")[1])
    model = LogisticRegression(max_iter=steps).fit(x[:900], y[:900])
    accuracy = model.score(x[900:], y[900:])
    mlflow.log_metric("accuracy", accuracy)
    mlflow.sklearn.log_model(model, name="classifier")
    with open("metrics.json", "w") as f:
        json.dump({"accuracy": accuracy}, f)
else:
    mlflow.set_tracking_uri(os.environ["ASSAY_SERVER"])
    model = mlflow.sklearn.load_model("models:/digits@production")
    print("accuracy", model.score(x[900:], y[900:]), "steps", model.max_iter)
