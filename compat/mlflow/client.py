"""Everyday calls of the real MLflow client against a server.

The server's address is in MLFLOW_TRACKING_URI. Each check prints a line
"ok ..."; the first that fails ends the script with its traceback.
"""

import json
import math
import os
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

client = MlflowClient()
DONE = []


def check(fn):
    """Runs a check at once; its doc string is what is printed."""
    fn()
    DONE.append(fn.__name__)
    print("ok", fn.__doc__, flush=True)
    return fn


def fails(code, text, fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except MlflowException as e:
        assert e.error_code == code, (e.error_code, str(e))
        assert text.lower() in str(e).lower(), str(e)
        return
    raise AssertionError(f"{fn} did not fail with {code}")


mlflow.set_experiment("digits")
EXP = mlflow.get_experiment_by_name("digits")


@check
def experiments():
    """experiments: get, search, rename, tags, delete, restore"""
    assert mlflow.set_experiment("digits").experiment_id == EXP.experiment_id
    other = client.create_experiment("other", tags={"team": "a b"})
    assert client.get_experiment(other).tags["team"] == "a b"
    fails("RESOURCE_ALREADY_EXISTS", "already exists", client.create_experiment, "other")
    fails("INVALID_PARAMETER_VALUE", "name", client.create_experiment, "")
    client.set_experiment_tag(other, "k", "v")
    client.rename_experiment(other, "another")
    found = client.search_experiments(filter_string="tags.k = 'v' AND name LIKE 'ano%'", order_by=["name DESC"])
    assert [e.experiment_id for e in found] == [other]
    client.delete_experiment_tag(other, "k")
    assert "k" not in client.get_experiment(other).tags
    client.delete_experiment(other)
    assert client.get_experiment(other).lifecycle_stage == "deleted"
    assert other in [e.experiment_id for e in client.search_experiments(view_type=ViewType.DELETED_ONLY)]
    assert other not in [e.experiment_id for e in client.search_experiments()]
    fails("INVALID_PARAMETER_VALUE", "active", client.create_run, other)
    client.restore_experiment(other)
    assert client.get_experiment(other).lifecycle_stage == "active"
    for i in range(5):
        client.create_experiment(f"page-{i}")
    first = client.search_experiments(filter_string="name LIKE 'page-%'", max_results=3)
    rest = client.search_experiments(filter_string="name LIKE 'page-%'", max_results=3, page_token=first.token)
    assert len(first) == 3 and len(rest) == 2 and not rest.token
    fails("RESOURCE_DOES_NOT_EXIST", "", client.get_experiment, "999999")
    assert client.get_experiment_by_name("none") is None


@check
def logging():
    """logging: params, metrics with NaN and infinities, tags, batch"""
    with mlflow.start_run(run_name="first", tags={"start": "1"}, description="hello") as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"epochs": 3, "opt": "adam"})
        for step, v in enumerate([0.9, 0.5, 0.25]):
            mlflow.log_metric("loss", v, step=step)
        mlflow.log_metrics({"acc": 0.75, "val/f1-score": 0.5}, step=2)
        mlflow.log_metric("nan", math.nan)
        mlflow.log_metric("inf", math.inf)
        mlflow.log_metric("ninf", -math.inf)
        mlflow.set_tag("colour", "blau ü 😀")
        mlflow.set_tags({"a": 1, "b": "two"})
        client.log_param(run.info.run_id, "lr", "0.1")  # the same again is fine
        fails("INVALID_PARAMETER_VALUE", "changing param values", client.log_param, run.info.run_id, "lr", "0.2")
    got = client.get_run(run.info.run_id)
    assert got.info.status == "FINISHED" and got.info.end_time >= got.info.start_time
    assert got.info.run_name == "first" and got.info.lifecycle_stage == "active"
    assert got.data.params == {"lr": "0.1", "epochs": "3", "opt": "adam"}, got.data.params
    m = got.data.metrics
    assert m["loss"] == 0.25 and m["acc"] == 0.75 and m["val/f1-score"] == 0.5
    assert math.isnan(m["nan"]) and m["inf"] > 1e308 and m["ninf"] < -1e308
    assert got.data.tags["colour"] == "blau ü 😀" and got.data.tags["b"] == "two" and got.data.tags["a"] == "1"
    assert got.data.tags["mlflow.note.content"] == "hello" and got.data.tags["mlflow.runName"] == "first"
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(h.step, h.value) for h in history] == [(0, 0.9), (1, 0.5), (2, 0.25)]
    assert math.isnan(client.get_metric_history(run.info.run_id, "nan")[0].value)
    assert client.get_metric_history(run.info.run_id, "none") == []


@check
def batches():
    """log_batch: 1,000 metrics, limits, duplicates, order"""
    run = client.create_run(EXP.experiment_id).info.run_id
    client.log_batch(run, metrics=[Metric(f"m{i % 10}", i, 1000 + i, i) for i in range(1000)])
    client.log_batch(run, metrics=[Metric("m0", 990, 1990, 990)], params=[Param("p", "1")], tags=[RunTag("t", "x")])
    assert client.get_run(run).data.metrics["m9"] == 999
    assert len(client.get_metric_history(run, "m0")) == 100
    fails("INVALID_PARAMETER_VALUE", "duplicate", client.log_batch, run, params=[Param("d", "1"), Param("d", "2")])
    client.log_batch(run, params=[Param(f"many{i}", str(i)) for i in range(250)])
    assert len(client.get_run(run).data.params) == 251
    fails("INVALID_PARAMETER_VALUE", "invalid value", client.log_metric, run, "../up", 1)
    client.delete_tag(run, "t")
    fails("RESOURCE_DOES_NOT_EXIST", "no tag", client.delete_tag, run, "t")
    client.log_metric(run, "late", 5, step=10)
    client.log_metric(run, "late", 1, step=2)
    assert client.get_run(run).data.metrics["late"] == 5
    client.set_terminated(run, "FAILED")
    assert client.get_run(run).info.status == "FAILED"
    client.update_run(run, status="RUNNING", name="renamed")
    assert client.get_run(run).data.tags["mlflow.runName"] == "renamed"
    mlflow.set_tracking_uri(mlflow.get_tracking_uri())
    with mlflow.start_run():
        for i in range(50):
            mlflow.log_metric("async", i, step=i, synchronous=False)
        mlflow.flush_async_logging()
        active = mlflow.active_run().info.run_id
    assert client.get_run(active).data.metrics["async"] == 49
    assert len(client.get_metric_history(active, "async")) == 50


@check
def searching():
    """search_runs: filters, order, pages, deleted runs"""
    exp = client.create_experiment("searching")
    ids = []
    for i in range(10):
        r = client.create_run(exp, start_time=1000 + i, run_name=f"run-{i}", tags={"parity": "even" if i % 2 == 0 else "odd"})
        ids.append(r.info.run_id)
        client.log_batch(ids[-1], [Metric("score", i / 10, 1, 0)], [Param("model type", "svm" if i < 5 else "tree")])
        client.set_terminated(ids[-1], end_time=2000 + i)
    client.log_metric(ids[0], "rare", math.nan)

    def found(filter_string="", order_by=None, **kw):
        return [ids.index(r.info.run_id) for r in client.search_runs([exp], filter_string, order_by=order_by, **kw)]

    assert found() == list(range(9, -1, -1))
    assert found("metrics.score >= 0.7") == [9, 8, 7]
    assert found("metrics.score < 0.5 AND tags.parity = 'even'", ["metrics.score ASC"]) == [0, 2, 4]
    assert found('params."model type" = "tree"', ["metrics.score DESC"]) == [9, 8, 7, 6, 5]
    assert found("params.`model type` ILIKE 'SV%' and tags.parity != 'odd'") == [4, 2, 0]
    assert found("attributes.run_name LIKE 'run-_'", ["attributes.start_time ASC"])[:2] == [0, 1]
    assert found(f"run_id IN ('{ids[3]}', '{ids[5]}')") == [5, 3]
    assert found("attributes.status = 'FINISHED' AND attributes.start_time > 1007") == [9, 8]
    assert found("metrics.score = 0.1 OR (metrics.score = 0.2 AND NOT tags.parity = 'odd')") == [2, 1]
    assert found("tags.none IS NULL AND metrics.score > 0.85") == [9]
    assert found("tags.parity IS NOT NULL", max_results=2) == [9, 8]
    page = client.search_runs([exp], order_by=["metrics.score ASC"], max_results=4)
    seen = [ids.index(r.info.run_id) for r in page]
    while page.token:
        page = client.search_runs([exp], order_by=["metrics.score ASC"], max_results=4, page_token=page.token)
        seen += [ids.index(r.info.run_id) for r in page]
    assert seen == list(range(10)), seen
    assert found(order_by=["metrics.rare DESC"])[0] == 0  # NaN before what is missing
    fails("INVALID_PARAMETER_VALUE", "invalid", found, "metrics.score = 'x'")
    fails("INVALID_PARAMETER_VALUE", "invalid", found, "nonsense")
    fails("INVALID_PARAMETER_VALUE", "token", client.search_runs, [exp], page_token="garbage")
    fails("INVALID_PARAMETER_VALUE", "max_results", client.search_runs, [exp], max_results=60000)
    client.delete_run(ids[9])
    assert found()[0] == 8 and found(run_view_type=ViewType.DELETED_ONLY) == [9]
    fails("INVALID_PARAMETER_VALUE", "active", client.log_metric, ids[9], "x", 1)
    client.restore_run(ids[9])
    assert found()[0] == 9
    table = mlflow.search_runs([exp], order_by=["metrics.score DESC"])
    assert isinstance(table, pd.DataFrame) and list(table["metrics.score"])[0] == 0.9 and len(table) == 10
    fails("RESOURCE_DOES_NOT_EXIST", "not found", client.get_run, "0" * 32)


@check
def artifacts():
    """artifacts: files, folders, text, dict, figure, image, table, list, download, delete"""
    from matplotlib.figure import Figure

    with tempfile.TemporaryDirectory() as tmp, mlflow.start_run() as run:
        rid = run.info.run_id
        root = Path(tmp)
        (root / "one.txt").write_text("eins")
        (root / "dir" / "sub").mkdir(parents=True)
        (root / "dir" / "sub" / "two ü %.bin").write_bytes(bytes(range(256)) * 4096)
        (root / "dir" / "empty").write_bytes(b"")
        mlflow.log_artifact(root / "one.txt")
        mlflow.log_artifact(root / "one.txt", "in/deep")
        mlflow.log_artifacts(root / "dir", "tree")
        mlflow.log_text("<b>text</b>", "text/page.html")
        mlflow.log_dict({"a": [1, 2]}, "conf.json")
        fig = Figure()
        fig.subplots().plot([1, 2, 3])
        mlflow.log_figure(fig, "fig.png")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "img.png")
        mlflow.log_table({"x": [1, 2]}, "table.json")
        mlflow.log_table({"x": [3]}, "table.json")
        top = {f.path: f for f in client.list_artifacts(rid)}
        assert set(top) == {"one.txt", "in", "tree", "text", "conf.json", "fig.png", "img.png", "table.json"}, set(top)
        assert top["one.txt"].file_size == 4 and not top["one.txt"].is_dir and top["tree"].is_dir
        assert [f.path for f in client.list_artifacts(rid, "tree")] == ["tree/empty", "tree/sub"]
        assert client.list_artifacts(rid, "none") == []
        got = Path(client.download_artifacts(rid, "tree", tmp))
        assert (got / "sub" / "two ü %.bin").read_bytes() == bytes(range(256)) * 4096
        assert (got / "empty").read_bytes() == b""
        assert mlflow.artifacts.load_text(f"runs:/{rid}/text/page.html") == "<b>text</b>"
        assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/conf.json") == {"a": [1, 2]}
        assert list(mlflow.load_table("table.json", run_ids=[rid])["x"]) == [1, 2, 3]
        assert mlflow.artifacts.load_image(f"runs:/{rid}/img.png").size == (4, 4)
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        get_artifact_repository(run.info.artifact_uri).delete_artifacts("tree")
        assert client.list_artifacts(rid, "tree") == []
        try:
            client.download_artifacts(rid, "tree/none")
        except Exception as e:
            assert "404" in str(e) or "Failed to download" in str(e), str(e)
        else:
            raise AssertionError("a missing artifact was downloaded")


@check
def datasets():
    """log_input: datasets of a run, metrics of a dataset, search by dataset"""
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [0, 1, 0]})
    ds = mlflow.data.from_pandas(frame, source="https://example.com/d.csv", name="tiny", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(ds, context="training", tags={"v": "1"})
        mlflow.log_input(ds, context="training")
        mlflow.log_metric("on-data", 0.5, dataset=ds)
    got = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert len(got) == 1, got
    assert got[0].dataset.name == "tiny" and got[0].dataset.digest == ds.digest
    assert {t.key: t.value for t in got[0].tags}["mlflow.data.context"] == "training"
    assert json.loads(got[0].dataset.profile)["num_rows"] == 3
    found = client.search_runs([EXP.experiment_id], "datasets.name = 'tiny' AND dataset.context = 'training'")
    assert [r.info.run_id for r in found] == [run.info.run_id]


def train():
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    x, y = load_digits(return_X_y=True)
    return LogisticRegression(max_iter=50).fit(x[:400], y[:400]), x[:20]


MODEL, SAMPLE = train()


@check
def models():
    """models: log_model, register, alias, load, predict, stages, copies, tags"""
    import mlflow.sklearn

    with mlflow.start_run() as run:
        mlflow.log_metric("acc", 0.9)
        info = mlflow.sklearn.log_model(
            MODEL, name="digits-model", input_example=SAMPLE[:2], serialization_format="cloudpickle",
            params={"c": 1}, registered_model_name="digits",
        )
    logged = client.get_logged_model(info.model_id)
    assert logged.status == "READY" and logged.source_run_id == run.info.run_id, logged
    assert logged.params["c"] == "1"
    assert [m.value for m in logged.metrics if m.key == "acc"] == [0.9], logged.metrics
    assert client.get_run(run.info.run_id).outputs.model_outputs[0].model_id == info.model_id
    found = client.search_logged_models(
        [EXP.experiment_id], filter_string="name = 'digits-model'", order_by=[{"field_name": "creation_timestamp"}]
    )
    assert [m.model_id for m in found] == [info.model_id]
    assert [m.model_id for m in client.search_logged_models([EXP.experiment_id], filter_string="metrics.acc > 0.8")]
    client.set_logged_model_tags(info.model_id, {"k": "v", "slash/key": "w"})
    client.delete_logged_model_tag(info.model_id, "k")
    client.delete_logged_model_tag(info.model_id, "slash/key")
    assert "k" not in client.get_logged_model(info.model_id).tags

    v2 = mlflow.register_model(f"models:/{info.model_id}", "digits", tags={"by": "test"})
    v3 = mlflow.register_model(f"runs:/{run.info.run_id}/digits-model", "digits")
    assert (v2.version, v3.version) in [("2", "3"), (2, 3)], (v2.version, v3.version)
    assert client.get_model_version("digits", "2").tags == {"by": "test"}
    assert client.get_model_version("digits", "2").run_id == run.info.run_id
    client.set_registered_model_alias("digits", "production", 2)
    assert str(client.get_model_version_by_alias("digits", "production").version) == "2"
    assert client.get_model_version("digits", "2").aliases == ["production"]
    for uri in ("models:/digits@production", "models:/digits/1", "models:/digits/3", "models:/digits@latest",
                f"models:/{info.model_id}", f"runs:/{run.info.run_id}/digits-model"):
        loaded = mlflow.pyfunc.load_model(uri)
        assert np.array_equal(loaded.predict(SAMPLE), MODEL.predict(SAMPLE)), uri
    client.set_registered_model_alias("digits", "production", "3")
    assert client.get_registered_model("digits").aliases == {"production": "3"}, client.get_registered_model("digits").aliases
    copy = client.copy_model_version("models:/digits/3", "digits-prod")
    assert str(copy.version) == "1"
    assert np.array_equal(mlflow.sklearn.load_model("models:/digits-prod/1").predict(SAMPLE), MODEL.predict(SAMPLE))

    client.transition_model_version_stage("digits", "1", "staging")
    client.transition_model_version_stage("digits", "2", "Staging", archive_existing_versions=True)
    assert client.get_model_version("digits", "1").current_stage == "Archived"
    assert [str(v.version) for v in client.get_latest_versions("digits", ["Staging"])] == ["2"]
    assert len(client.get_latest_versions("digits")) == 3
    fails("INVALID_PARAMETER_VALUE", "stage", client.transition_model_version_stage, "digits", "1", "moon")


@check
def registry():
    """registry: search, tags, rename, delete, errors, prompts"""
    fails("RESOURCE_ALREADY_EXISTS", "already exists", client.create_registered_model, "digits")
    fails("RESOURCE_DOES_NOT_EXIST", "not found", client.get_registered_model, "none")
    fails("RESOURCE_DOES_NOT_EXIST", "not found", client.get_model_version, "digits", "99")
    fails("INVALID_PARAMETER_VALUE", "not found", client.get_model_version_by_alias, "digits", "none")
    fails("INVALID_PARAMETER_VALUE", "reserved", client.set_registered_model_alias, "digits", "latest", "1")
    fails("INVALID_PARAMETER_VALUE", "reserved", client.set_registered_model_alias, "digits", "v1", "1")
    fails("INVALID_PARAMETER_VALUE", "", client.create_registered_model, "a/b")
    client.create_registered_model("temp", tags={"x": "1"}, description="d")
    client.update_registered_model("temp", "new text")
    client.set_registered_model_tag("temp", "y", "2")
    client.delete_registered_model_tag("temp", "x")
    got = client.get_registered_model("temp")
    assert got.description == "new text" and got.tags == {"y": "2"}
    assert [m.name for m in client.search_registered_models("name LIKE 'te%'")] == ["temp"]
    assert [m.name for m in client.search_registered_models("tags.y = '2'")] == ["temp"]
    client.rename_registered_model("temp", "renamed")
    for source in ("/etc", "file:///etc", "../x", "mlflow-artifacts:/../x", "mlflow-artifacts:/%2e%2e/x"):
        fails("INVALID_PARAMETER_VALUE", "source", client.create_model_version, "renamed", source)
    run = client.create_run(EXP.experiment_id).info
    own = client.create_model_version("renamed", run.artifact_uri + "/model", run.run_id)
    assert client.get_model_version_download_uri("renamed", own.version) == run.artifact_uri + "/model"
    v = client.create_model_version("renamed", "s3://bucket/x")
    client.update_model_version("renamed", v.version, "about")
    client.set_model_version_tag("renamed", v.version, "k", "v")
    assert client.get_model_version("renamed", v.version).description == "about"
    assert client.get_model_version_download_uri("renamed", v.version) == "s3://bucket/x"
    client.delete_model_version_tag("renamed", v.version, "k")
    assert [str(x.version) for x in client.search_model_versions("name = 'renamed'", order_by=["version_number DESC"])] == ["2", "1"]
    assert len(client.search_model_versions(f"run_id = '{run.run_id}'")) == 1
    client.set_registered_model_alias("renamed", "here", v.version)
    client.delete_registered_model_alias("renamed", "here")
    fails("INVALID_PARAMETER_VALUE", "not found", client.get_model_version_by_alias, "renamed", "here")
    client.delete_model_version("renamed", v.version)
    fails("RESOURCE_DOES_NOT_EXIST", "", client.get_model_version, "renamed", v.version)
    client.delete_registered_model("renamed")
    fails("RESOURCE_DOES_NOT_EXIST", "", client.get_registered_model, "renamed")
    mlflow.genai.register_prompt("greet", "Hello {{name}}")
    assert mlflow.genai.load_prompt("prompts:/greet/1").format(name="you") == "Hello you"
    assert "greet" not in [m.name for m in client.search_registered_models()]


@check
def autolog():
    """autolog: scikit-learn"""
    from sklearn.linear_model import LogisticRegression

    mlflow.sklearn.autolog(log_models=False)
    with mlflow.start_run() as run:
        LogisticRegression(max_iter=20).fit(SAMPLE, MODEL.predict(SAMPLE))
    mlflow.sklearn.autolog(disable=True)
    got = client.get_run(run.info.run_id)
    assert got.data.params["max_iter"] == "20" and "training_score" in got.data.metrics, got.data.metrics


print("all", len(DONE), "checks passed")
