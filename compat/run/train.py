"""A plain training script that logs with MLflow and knows nothing of Assay.

The first argument says what the test wants beside the training: "pause" waits
in the middle of the loop until the file "go-on" is there, "search" makes a call
that is not about the run.
"""

import logging
import os
import sys
import time
from pathlib import Path

import mlflow
import mlflow.sklearn
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

STEPS = 20
mode = sys.argv[1] if len(sys.argv) > 1 else ""


class Retries(logging.Handler):
    """Counts how often the client had to repeat a call."""

    count = 0

    def emit(self, record):
        self.count += str(record.msg).startswith("Retry")


retries = Retries()
pool = logging.getLogger("urllib3.connectionpool")
pool.setLevel(logging.DEBUG)
pool.propagate = False
pool.addHandler(retries)


def pause():
    Path("halfway").touch()
    while not Path("go-on").exists():
        time.sleep(0.05)


with mlflow.start_run() as run:
    run_id = run.info.run_id
    assert run_id == os.environ["ASSAY_RUN_ID"], run_id
    mlflow.log_params({"C": 0.5, "max_iter": 50})
    x, y = load_digits(return_X_y=True)
    for step in range(STEPS):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        if mode == "pause" and step == STEPS // 2:
            pause()
    model = LogisticRegression(C=0.5, max_iter=50).fit(x[:300], y[:300])
    mlflow.log_metric("accuracy", model.score(x[300:600], y[300:600]))
    mlflow.log_dict({"features": 64}, "config.json")
    mlflow.log_text("trained on 300 digits\n", "notes/read me ü.txt")
    mlflow.set_tags({"team": "vision", "stage": "trial"})
    logged = mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")

got = mlflow.get_run(run_id)
assert got.info.status == "FINISHED", got.info.status
assert got.data.params == {"C": "0.5", "max_iter": "50"}, got.data.params
assert got.data.metrics["loss"] == 1 / STEPS, got.data.metrics
assert got.data.tags["team"] == "vision", got.data.tags
client = MlflowClient()
history = client.get_metric_history(run_id, "loss")
assert [(m.step, m.value) for m in history] == [(s, 1 / (s + 1)) for s in range(STEPS)], history
assert {f.path for f in client.list_artifacts(run_id)} >= {"config.json", "notes"}
assert mlflow.artifacts.load_dict(f"runs:/{run_id}/config.json") == {"features": 64}
loaded = mlflow.sklearn.load_model(f"runs:/{run_id}/model")  # needs a search for logged models
assert (loaded.predict(x[:10]) == model.predict(x[:10])).all()

if mode == "search":
    try:
        mlflow.search_runs()
    except MlflowException as e:
        print("search_runs:", e)
    else:
        raise AssertionError("search_runs answered without a server")

print("retries:", retries.count)
print("trained", run_id)
