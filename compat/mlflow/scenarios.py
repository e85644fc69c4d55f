"""The calls of differential.py: every route, good input and bad."""

import copy

from differential import Call

LONG = "x" * 10_000
WEIRD = "naïve Ω 数据 🙂 \u0001 \"quoted\" \\back\\ 'single' %25 <b>"


def post(path, body, **kw):
    return Call("POST", path, body, **kw)


def get(path, query=None, **kw):
    return Call("GET", path, query=query, **kw)


def bent(method, path, good, keep_valid=()):
    """A good body with one field at a time gone, null, empty, of another type, or long."""
    out = []
    for field in good:
        variants = [("null", None), ("empty", ""), ("text", "text"), ("number", 12), ("float", 1.5), ("list", ["a"]),
                    ("dict", {"a": 1}), ("bool", True), ("negative", -1)]
        if field not in keep_valid:
            body = {k: copy.deepcopy(v) for k, v in good.items() if k != field}
            out.append((f"{path} without {field}", body))
        for what, value in variants:
            body = copy.deepcopy(good)
            body[field] = value
            out.append((f"{path} {field} {what}", body))
    for name, body in out:
        if method == "GET":
            body = {k: v for k, v in body.items() if not isinstance(v, dict)}
            yield Call(method, path, query=body, name="bent GET " + name)
        else:
            yield Call(method, path, body, name=f"bent {method} " + name)


def calls():
    for part in (experiments, runs, logging, batches, histories, inputs, logged_models, registry, versions, searches,
                 run_filters, registry_searches, artifacts, bodies, absent):
        yield from part()


def experiments():
    yield post("experiments/create", {"name": "exp one", "tags": [{"key": "a", "value": "1"}]}, keep={"exp": "experiment_id"})
    yield post("experiments/create", {"name": "exp one"})
    yield post("experiments/create", {"name": WEIRD}, keep={"weird": "experiment_id"})
    for name in ("", " ", "n" * 500, "n" * 501, "é" * 500, "a/b", "../x"):
        yield post("experiments/create", {"name": name}, name=f"create experiment {name[:8]!r} {len(name)}")
    for loc in ("runs:/abc", "s3://bucket/p", "s3://bucket/p#frag", "s3://b/p?x=..", "s3://b/../p", "http://h/x", "ftp://h/x",
                "file:///tmp/x", "file:///tmp/../x", "mlflow-artifacts:/zz", "mlflow-artifacts:/../zz", "dbfs:/x", "x" * 2049,
                "s3://b/p;a=b", "s3://b/p?x=1"):
        yield post("experiments/create", {"name": "loc " + loc[:30], "artifact_location": loc}, keep={"loc": "experiment_id"})
        yield get("experiments/get-by-name", {"experiment_name": "loc " + loc[:30]})
    yield post("experiments/create", {"name": "tags", "tags": [{"key": "k", "value": "v" * 5000}]})
    yield post("experiments/create", {"name": "tags2", "tags": [{"key": "k", "value": "v" * 5001}]})
    yield post("experiments/create", {"name": "tags3", "tags": [{"value": "v"}]})
    yield post("experiments/create", {"name": "tags4", "tags": [{"key": "a"}]})
    yield post("experiments/create", {"name": "tags5", "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    yield get("experiments/get-by-name", {"experiment_name": "tags5"})
    yield from bent("POST", "experiments/create", {"name": "bent", "artifact_location": "s3://b/x", "tags": [{"key": "a", "value": "b"}]},
                    ("artifact_location", "tags"))
    yield get("experiments/get", {"experiment_id": "{exp}"})
    yield get("experiments/get", {"experiment_id": "{weird}"})
    for id in ("999999", "abc", "", "-1", "1.5", "9" * 30, "0", " 1"):
        yield get("experiments/get", {"experiment_id": id})
    yield get("experiments/get")
    yield get("experiments/get-by-name", {"experiment_name": "exp one"})
    yield get("experiments/get-by-name", {"experiment_name": "nobody"})
    yield get("experiments/get-by-name")
    yield post("experiments/update", {"experiment_id": "{exp}", "new_name": "exp two"})
    yield post("experiments/update", {"experiment_id": "{exp}", "new_name": "exp two"})
    yield post("experiments/update", {"experiment_id": "{exp}", "new_name": WEIRD})
    yield post("experiments/update", {"experiment_id": "{exp}", "new_name": "n" * 501}, name="rename to 501")
    yield post("experiments/update", {"experiment_id": "424242", "new_name": "x"})
    yield from bent("POST", "experiments/update", {"experiment_id": "{weird}", "new_name": "renamed"})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "a", "value": "2"})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": WEIRD, "value": WEIRD})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "empty", "value": ""})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "long", "value": LONG}, name="exp tag long")
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "k" * 251, "value": "v"}, name="exp tag key 251")
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "../x", "value": "v"})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "bad!key", "value": "v"})
    yield from bent("POST", "experiments/set-experiment-tag", {"experiment_id": "{exp}", "key": "a", "value": "b"})
    yield post("experiments/delete-experiment-tag", {"experiment_id": "{exp}", "key": "a"})
    yield post("experiments/delete-experiment-tag", {"experiment_id": "{exp}", "key": "a"})
    yield from bent("POST", "experiments/delete-experiment-tag", {"experiment_id": "{exp}", "key": "a"})
    yield get("experiments/get", {"experiment_id": "{exp}"})
    yield post("experiments/create", {"name": "gone"}, keep={"gone": "experiment_id"})
    yield post("runs/create", {"experiment_id": "{gone}", "run_name": "of gone"}, keep={"gonerun": "run.info.run_id"})
    yield post("experiments/delete", {"experiment_id": "{gone}"})
    yield post("experiments/delete", {"experiment_id": "{gone}"})
    yield get("runs/get", {"run_id": "{gonerun}"})
    yield post("experiments/create", {"name": "gone"})
    yield get("experiments/get", {"experiment_id": "{gone}"})
    yield get("experiments/get-by-name", {"experiment_name": "gone"})
    yield post("experiments/update", {"experiment_id": "{gone}", "new_name": "gone2"})
    yield post("experiments/set-experiment-tag", {"experiment_id": "{gone}", "key": "a", "value": "1"})
    yield post("experiments/delete-experiment-tag", {"experiment_id": "{gone}", "key": "a"})
    yield post("runs/create", {"experiment_id": "{gone}"})
    yield post("runs/search", {"experiment_ids": ["{gone}"]})
    yield post("experiments/restore", {"experiment_id": "{gone}"})
    yield post("experiments/restore", {"experiment_id": "{gone}"})
    yield get("runs/get", {"run_id": "{gonerun}"})
    for what in ("delete", "restore"):
        yield post(f"experiments/{what}", {"experiment_id": "424242"})
        yield from bent("POST", f"experiments/{what}", {"experiment_id": "424242"})
    yield post("experiments/delete", {"experiment_id": "0"})
    yield post("experiments/restore", {"experiment_id": "0"})


def runs():
    yield post("experiments/create", {"name": "odd runs"}, keep={"odd0": "experiment_id"})
    yield post("experiments/create", {"name": "for runs"}, keep={"re": "experiment_id"})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "first", "user_id": "ada", "start_time": 1700000000000,
                               "tags": [{"key": "t", "value": "v"}]}, keep={"run": "run.info.run_id"})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]})
    yield post("runs/create", {"experiment_id": "{re}", "tags": [{"key": "mlflow.runName", "value": "from tag"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "same", "tags": [{"key": "mlflow.runName", "value": "same"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": WEIRD})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "n" * 250})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "n" * 251})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "n" * 9000}, name="run name 9000")
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "tags": [{"key": "k" * 251, "value": "v"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "tags": [{"key": "bad!", "value": "v"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "tags": [{"key": "a", "value": "v" * 9000}]}, name="run tag 9000")
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "tags": [{"value": "1"}]})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "t", "start_time": 0})
    yield post("runs/create", {"experiment_id": "424242", "run_name": "t"})
    yield post("runs/create", {"run_name": "of default"})
    yield from bent("POST", "runs/create", {"experiment_id": "{re}", "run_name": "bent", "start_time": 1700000000001, "user_id": "u",
                                            "tags": [{"key": "a", "value": "b"}]}, ("start_time",))
    yield get("runs/get", {"run_id": "{run}"})
    yield get("runs/get", {"run_uuid": "{run}"})
    yield get("runs/get", {"run_id": "0" * 32})
    yield get("runs/get", {"run_id": "../x"})
    yield get("runs/get", {"run_id": ""})
    yield get("runs/get")
    for body in ({"status": "FINISHED", "end_time": 1700000009000}, {"run_name": "second"}, {"run_name": ""}, {"status": "RUNNING"},
                 {"status": "BOGUS"}, {"status": 3}, {"status": 99}, {"end_time": "1700000009001"}, {"end_time": -5}, {"end_time": 1.5}, {"end_time": "x"}, {},
                 {"status": "KILLED"}, {"status": "FAILED"}, {"status": "SCHEDULED"}, {"run_name": "r" * 300}):
        yield post("runs/update", {"run_id": "{run}", **body})
    yield post("runs/update", {"run_uuid": "{run}", "status": "RUNNING"})
    yield post("runs/update", {"run_id": "nope", "status": "RUNNING"})
    yield post("runs/update", {"status": "RUNNING"})
    yield get("runs/get", {"run_id": "{run}"})
    yield post("runs/set-tag", {"run_id": "{run}", "key": "mlflow.runName", "value": "by tag"})
    yield get("runs/get", {"run_id": "{run}"})
    yield post("runs/set-tag", {"run_id": "{run}", "key": "mlflow.runName", "value": ""})
    yield post("runs/delete-tag", {"run_id": "{run}", "key": "mlflow.runName"})
    yield get("runs/get", {"run_id": "{run}"})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "doomed"}, keep={"doomed": "run.info.run_id"})
    yield post("runs/delete", {"run_id": "{doomed}"})
    yield post("runs/delete", {"run_id": "{doomed}"})
    yield get("runs/get", {"run_id": "{doomed}"})
    yield post("runs/log-metric", {"run_id": "{doomed}", "key": "m", "value": 1, "timestamp": 1})
    yield post("runs/log-parameter", {"run_id": "{doomed}", "key": "p", "value": "1"})
    yield post("runs/set-tag", {"run_id": "{doomed}", "key": "t", "value": "1"})
    yield post("runs/delete-tag", {"run_id": "{doomed}", "key": "t"})
    yield post("runs/update", {"run_id": "{doomed}", "status": "FINISHED"})
    yield post("runs/log-batch", {"run_id": "{doomed}", "params": [{"key": "p", "value": "1"}]})
    yield post("runs/log-inputs", {"run_id": "{doomed}", "datasets": [{"dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "x"}}]})
    yield post("runs/log-model", {"run_id": "{doomed}", "model_json": "{}"})
    yield post("runs/outputs", {"run_id": "{doomed}", "models": []})
    yield get("metrics/get-history", {"run_id": "{doomed}", "metric_key": "m"})
    yield post("runs/restore", {"run_id": "{doomed}"})
    yield post("runs/restore", {"run_id": "{doomed}"})
    yield get("runs/get", {"run_id": "{doomed}"})
    for what in ("delete", "restore"):
        yield post(f"runs/{what}", {"run_id": "0" * 32})
        yield from bent("POST", f"runs/{what}", {"run_id": "0" * 32})


def logging():
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "logs"}, keep={"log": "run.info.run_id"})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "odd"}, keep={"oddrun": "run.info.run_id"})
    m = {"run_id": "{log}", "key": "m", "value": 0.5, "timestamp": 1700000000000, "step": 1}
    yield post("runs/log-metric", m)
    yield post("runs/log-metric", m)
    for v in ("NaN", "Infinity", "-Infinity", "inf", "nan", "-inf", "0.25", "abc", "", None, 1e400, True, 10**30, -0.0, 1e-320, [1], "1e5"):
        if v == 1e400:
            yield Call("POST", "runs/log-metric", name="metric 1e400", raw='{"run_id":"nope","key":"v","value":1e400,"timestamp":1}')
            continue
        yield post("runs/log-metric", {**m, "run_id": "{oddrun}", "key": f"v{str(v)[:6]}".replace("[", "").replace("]", ""), "value": v}, name=f"metric value {v!r}")
    for t in (0, -1, "5", "x", 1.5, 2.0, None, 2**63 - 1, 2**63, True):
        yield post("runs/log-metric", {**m, "run_id": "{oddrun}", "key": "time", "timestamp": t}, name=f"metric time {t!r}")
    for s in (0, -1, "5", "x", 1.5, 2.0, None, 2**63 - 1, 2**63, -2**63, True, "-7"):
        yield post("runs/log-metric", {**m, "run_id": "{oddrun}", "key": "step", "step": s}, name=f"metric step {s!r}")
    for k in ("a/b", "a//b", "/a", "a/", ".", "..", "../a", "a/../b", "a b", "a:b", "a!b", "ключ", "🙂", "k" * 250, "k" * 251, "a.b-c_d", "", " ", "a\nb"):
        yield post("runs/log-metric", {**m, "key": k}, name=f"metric key {k[:12]!r} {len(k)}")
        yield post("runs/log-parameter", {"run_id": "{log}", "key": k, "value": "v"}, name=f"param key {k[:12]!r} {len(k)}")
        yield post("runs/set-tag", {"run_id": "{log}", "key": k, "value": "v"}, name=f"tag key {k[:12]!r} {len(k)}")
    yield from bent("POST", "runs/log-metric", {**m, "run_id": "{oddrun}"}, ("step",))
    yield get("runs/get", {"run_id": "{log}"})
    p = {"run_id": "{log}", "key": "p", "value": "1"}
    for v in ("NaN", "Infinity", "-Infinity", "0.25", 10**30, -0.0, 1e-320, "1e5"):
        yield post("runs/log-metric", {**m, "key": f"good{str(v)[:6]}", "value": v}, name=f"good metric value {v!r}")
    for v in (0, -1, "5", 2.0, None, 2**63 - 1, "-7"):
        yield post("runs/log-metric", {**m, "key": f"step{v}", "step": v}, name=f"good metric step {v!r}")
    yield post("runs/log-parameter", p)
    yield post("runs/log-parameter", p)
    yield post("runs/log-parameter", {**p, "value": "2"})
    yield post("runs/log-parameter", {**p, "key": "empty", "value": ""})
    yield post("runs/log-parameter", {**p, "key": "weird", "value": WEIRD})
    for n in (500, 6000, 6001, 20000):
        yield post("runs/log-parameter", {**p, "key": f"long{n}", "value": "v" * n}, name=f"param value {n}")
    yield from bent("POST", "runs/log-parameter", p)
    t = {"run_id": "{log}", "key": "t", "value": "1"}
    yield post("runs/set-tag", t)
    yield post("runs/set-tag", {**t, "value": "2"})
    yield post("runs/set-tag", {**t, "key": "empty", "value": ""})
    yield post("runs/set-tag", {**t, "key": "weird", "value": WEIRD})
    for n in (5000, 8000, 8001, 20000):
        yield post("runs/set-tag", {**t, "key": f"long{n}", "value": "v" * n}, name=f"tag value {n}")
    yield from bent("POST", "runs/set-tag", t)
    yield get("runs/get", {"run_id": "{log}"})
    yield post("runs/delete-tag", {"run_id": "{log}", "key": "t"})
    yield post("runs/delete-tag", {"run_id": "{log}", "key": "t"})
    yield from bent("POST", "runs/delete-tag", {"run_id": "{log}", "key": "t"})
    for route in ("log-metric", "log-parameter", "set-tag"):
        yield post("runs/" + route, {"run_id": "0" * 32, "key": "a", "value": "1", "timestamp": 1})
    for model in ('{"artifact_path":"m","flavors":{},"utc_time_created":"x","run_id":"{log}"}', "{}", "[]", "no json", '"text"', ""):
        yield post("runs/log-model", {"run_id": "{log}", "model_json": model})
    yield post("runs/log-model", {"run_id": "{log}"})
    yield from bent("POST", "runs/log-model", {"run_id": "{log}", "model_json": '{"artifact_path":"m","flavors":{},"utc_time_created":"x","run_id":"{log}"}'})
    yield get("runs/get", {"run_id": "{log}"})


def batches():
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "batch"}, keep={"batch": "run.info.run_id"})
    b = {"run_id": "{batch}"}
    odd = {"run_id": "{oddrun}"}
    ms = lambda n: [{"key": f"m{i}", "value": i, "timestamp": 1000 + i, "step": i} for i in range(n)]
    kv = lambda n, p: [{"key": f"{p}{i}", "value": str(i)} for i in range(n)]
    yield post("runs/log-batch", {**b, "metrics": ms(2), "params": kv(2, "p"), "tags": kv(2, "t")})
    yield post("runs/log-batch", {**b, "metrics": ms(2), "params": kv(2, "p"), "tags": kv(2, "t")})
    yield post("runs/log-batch", b)
    yield post("runs/log-batch", {**b, "metrics": [], "params": [], "tags": []})
    for metrics, params, tags in ((1001, 0, 0), (1000, 0, 0), (0, 101, 0), (0, 100, 0), (0, 0, 101), (0, 0, 100), (900, 51, 50)):
        yield post("runs/log-batch", {"run_id": "0" * 32, "metrics": ms(metrics), "params": kv(params, "p"), "tags": kv(tags, "t")},
                   name=f"batch of {metrics} {params} {tags}")
    yield post("runs/log-batch", {**b, "params": [{"key": "p0", "value": "other"}]})
    yield post("runs/log-batch", {**b, "params": [{"key": "p0", "value": "other"}, {"key": "p1", "value": "others"}, {"key": "p9", "value": "new"}]})
    yield post("runs/log-batch", {**b, "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]})
    yield post("runs/log-batch", {**b, "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "2"}]})
    yield post("runs/log-batch", {**b, "tags": [{"key": "d", "value": "1"}, {"key": "d", "value": "2"}]})
    yield post("runs/log-batch", {**b, "metrics": [{"key": "dup", "value": 1, "timestamp": 1, "step": 1}] * 3})
    for field in ("key", "value", "timestamp", "step"):
        for what, v in (("gone", KeyError), ("null", None), ("empty", ""), ("text", "x"), ("bool", True), ("list", [1]), ("dict", {})):
            one = {"key": "m", "value": 1, "timestamp": 1, "step": 1}
            if v is KeyError:
                one.pop(field)
            else:
                one[field] = v
            yield post("runs/log-batch", {**odd, "metrics": [{"key": "ok", "value": 1, "timestamp": 1, "step": 1}, one]}, name=f"batch metric {field} {what}")
    for kind in ("params", "tags"):
        for field in ("key", "value"):
            for what, v in (("gone", KeyError), ("null", None), ("empty", ""), ("number", 5), ("list", [1]), ("bool", True)):
                one = {"key": "x" + what, "value": "1"}
                if v is KeyError:
                    one.pop(field)
                else:
                    one[field] = v
                yield post("runs/log-batch", {**odd, kind: [one]}, name=f"batch {kind} {field} {what}")
        for k in ("bad!", "k" * 251, "../x", "a//b"):
            yield post("runs/log-batch", {**odd, kind: [{"key": k, "value": "1"}]}, name=f"batch {kind} key {k[:5]}")
    for k in ("bad!", "k" * 251, "../x"):
        yield post("runs/log-batch", {**odd, "metrics": [{"key": k, "value": 1, "timestamp": 1}]}, name=f"batch metrics key {k[:5]}")
    yield post("runs/log-batch", {**b, "metrics": [{"key": "neg", "value": 1, "timestamp": -1}]})
    for v in ("text", 5, {"a": 1}, ["a"], [None], [[]], True):
        for kind in ("metrics", "params", "tags"):
            yield post("runs/log-batch", {**odd, kind: v}, name=f"batch {kind} is {v!r}")
    yield post("runs/log-batch", {**b, "params": [{"key": "long", "value": "v" * 7000}], "tags": [{"key": "long", "value": "v" * 9000}]}, name="batch long values")
    yield post("runs/log-batch", {"metrics": ms(1)})
    yield post("runs/log-batch", {"run_id": "", "metrics": ms(1)})
    yield get("runs/get", {"run_id": "{batch}"})


def histories():
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "hist"}, keep={"hist": "run.info.run_id"})
    points = [(3, 5, 0.1), (3, 5, 0.2), (3, 6, 0.05), (2, 9, 7.0), (3, 6, 0.05), (1, 1, "NaN"), (4, 1, "NaN"), (4, 1, -1.0), (4, 1, "Infinity"), (-2, 3, 1.0)]
    yield post("runs/log-batch", {"run_id": "{hist}", "metrics": [{"key": "h", "step": s, "timestamp": t, "value": v} for s, t, v in points]})
    yield get("runs/get", {"run_id": "{hist}"})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "h"})
    yield get("metrics/get-history", {"run_uuid": "{hist}", "metric_key": "h"})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "h", "max_results": 3}, keep={"ht": "next_page_token"})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "h", "max_results": 3, "page_token": "{ht}"}, keep={"ht": "next_page_token"})
    for n in ("0", "-1", "x", "1", "100000", "1.5"):
        yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "h", "max_results": n})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "h", "page_token": "garbage", "max_results": 3})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": "nope"})
    yield get("metrics/get-history", {"run_id": "0" * 32, "metric_key": "h"})
    yield get("metrics/get-history", {"run_id": "{hist}"})
    yield get("metrics/get-history", {"metric_key": "h"})
    yield get("metrics/get-history", {"run_id": "{hist}", "metric_key": ""})
    yield get("metrics/get-history")
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "hist2"}, keep={"hist2": "run.info.run_id"})
    yield post("runs/log-batch", {"run_id": "{hist2}", "metrics": [{"key": "h", "step": s, "timestamp": 1000 + s, "value": s * 1.5} for s in range(0, 60, 2)]}, name="hist2 points")
    bulk = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    yield get(bulk, {"run_id": ["{hist2}"], "metric_key": "h"})
    yield get(bulk, {"run_id": ["{hist2}"], "metric_key": "h", "max_results": 5})
    for q in ({}, {"metric_key": "h"}, {"run_id": "{hist}"}, {"run_id": ["x"] * 101, "metric_key": "h"}, {"run_id": "nope", "metric_key": "h"},
              {"run_id": "{hist}", "metric_key": "h", "max_results": "x"}, {"run_id": "{hist}", "metric_key": "h", "max_results": 0},
              {"run_id": "{hist}", "metric_key": ""}):
        yield get(bulk, q)
    iv = "metrics/get-history-bulk-interval"
    for q in ({}, {"metric_key": "h"}, {"run_ids": "{hist2}"}, {"run_ids": ["x"] * 101, "metric_key": "h"}, {"run_ids": "nope", "metric_key": "h"},
              {"run_ids": "{hist2}", "metric_key": "h"}, {"run_ids": "{hist2}", "metric_key": "h", "max_results": 5},
              {"run_ids": "{hist2}", "metric_key": "h", "max_results": 1}, {"run_ids": "{hist2}", "metric_key": "h", "max_results": 0},
              {"run_ids": "{hist2}", "metric_key": "h", "max_results": 2501}, {"run_ids": "{hist2}", "metric_key": "h", "max_results": "x"},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": 10, "end_step": 30},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": 10, "end_step": 30, "max_results": 4},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": 30, "end_step": 10},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": 3}, {"run_ids": "{hist2}", "metric_key": "h", "end_step": 3},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": "x", "end_step": "y"},
              {"run_ids": "{hist2}", "metric_key": "h", "start_step": 7, "end_step": 7}, {"run_ids": "{hist2}", "metric_key": "h", "start_step": 500, "end_step": 600},
              *({"run_ids": "{hist2}", "metric_key": "h", "max_results": n} for n in (2, 3, 7, 10, 13, 29, 30, 31)),
              {"run_ids": "{hist}", "metric_key": "h", "max_results": 2}):
        yield get(iv, q)
        yield get("/ajax-api/2.0/mlflow/" + iv, q)


def dataset(**kw):
    return {"name": "d", "digest": "abc", "source_type": "local", "source": "{}", **kw}


def inputs():
    yield post("runs/create", {"experiment_id": "{odd0}", "run_name": "odd"}, keep={"oddrun2": "run.info.run_id"})
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "inputs"}, keep={"in": "run.info.run_id"})
    r = {"run_id": "{in}"}
    yield post("runs/log-inputs", {**r, "datasets": [{"tags": [{"key": "mlflow.data.context", "value": "training"}], "dataset": dataset(schema="s", profile="p")}]})
    yield post("runs/log-inputs", {**r, "datasets": [{"tags": [{"key": "mlflow.data.context", "value": "training"}], "dataset": dataset()}]})
    yield post("runs/log-inputs", {**r, "datasets": [{"tags": [{"key": "mlflow.data.context", "value": "again"}], "dataset": dataset()}]})
    yield post("runs/log-inputs", {**r, "datasets": [{"dataset": dataset(name="second", digest="2")}]})
    yield get("runs/get", {"run_id": "{in}"})
    yield post("runs/log-inputs", r)
    yield post("runs/log-inputs", {**r, "datasets": []})
    yield post("runs/log-inputs", {"datasets": []})
    yield post("runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"dataset": dataset()}]})
    yield post("runs/log-inputs", {"run_id": "{oddrun2}", "datasets": [{}]})
    for field in ("name", "digest", "source_type", "source", "schema", "profile"):
        for what, v in (("gone", KeyError), ("null", None), ("empty", ""), ("number", 5)):
            d = dataset(schema="s", profile="p")
            if v is KeyError:
                d.pop(field)
            else:
                d[field] = v
            yield post("runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"dataset": d}]}, name=f"dataset {field} {what}")
    for field, n in (("name", 501), ("digest", 37), ("source", 1 << 16), ("schema", 1 << 20), ("profile", 1 << 24)):
        yield post("runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"dataset": dataset(**{field: "x" * n})}]}, name=f"dataset {field} {n}")
    for tag in ({"key": "k" * 256, "value": "v"}, {"key": "k", "value": "v" * 501}, {"value": "v"}, {"key": "k"}, {"key": "", "value": "v"}):
        yield post("runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"tags": [tag], "dataset": dataset()}]}, name=f"dataset tag {str(tag)[:30]}")
    yield post("runs/log-inputs", {"run_id": "0" * 32, "datasets": [{"dataset": dataset()}] * 1001}, name="1001 datasets")
    sd = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    yield post(sd, {"experiment_ids": ["{re}"]})
    for ids in ([], ["1"] * 21, ["nope"], ["424242"], "5"):
        yield post(sd, {"experiment_ids": ids})
    yield post(sd, {})
    yield post("runs/outputs", {"run_id": "{in}", "models": [{"model_id": "m-" + "0" * 32, "step": 2}]})
    yield post("runs/outputs", {"run_id": "0" * 32, "models": [{"model_id": "m-" + "0" * 32, "step": 2}]})
    yield post("runs/log-inputs", {"run_id": "{in}", "models": [{"model_id": "m-" + "1" * 32}]})
    for models in ([], [{}], "x", [{"model_id": ""}], [{"model_id": 5}], [{"model_id": "x", "step": "y"}]):
        yield post("runs/outputs", {"run_id": "{oddrun2}", "models": models})
    yield post("runs/outputs", {"models": []})
    yield get("runs/get", {"run_id": "{in}"})


def logged_models():
    yield post("experiments/create", {"name": "odd models"}, keep={"odd": "experiment_id"})
    yield post("experiments/create", {"name": "for models"}, keep={"me": "experiment_id"})
    yield post("logged-models", {"experiment_id": "{odd}", "name": "odd"}, keep={"lmx": "model.info.model_id"})
    yield post("runs/create", {"experiment_id": "{me}", "run_name": "maker"}, keep={"maker": "run.info.run_id"})
    yield post("logged-models", {"experiment_id": "{me}", "name": "lm", "model_type": "T", "source_run_id": "{maker}",
                                 "params": [{"key": "p", "value": "1"}], "tags": [{"key": "t", "value": "v"}]}, keep={"lm": "model.info.model_id"})
    yield post("logged-models", {"experiment_id": "{me}", "name": "lm2"}, keep={"lm2": "model.info.model_id"})
    yield post("logged-models", {"experiment_id": "{me}", "name": "same"})
    yield post("logged-models", {"experiment_id": "{me}", "name": "same", "source_run_id": "0" * 32})
    for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", "n" * 256, "n" * 501, "é", " "):
        yield post("logged-models", {"experiment_id": "{odd}", "name": name}, name=f"logged model {name[:5]!r} {len(name)}")
    yield post("logged-models", {"experiment_id": "424242", "name": "x"})
    yield post("logged-models", {"name": "x"})
    yield post("logged-models", {"experiment_id": "{gone}", "name": "of restored"})
    yield from bent("POST", "logged-models", {"experiment_id": "{odd}", "name": "bent", "model_type": "T", "source_run_id": "{maker}"}, ("name",))
    yield post("logged-models", {"experiment_id": "{odd}", "name": "kv", "params": [{"key": "bad!", "value": "1"}]})
    yield post("logged-models", {"experiment_id": "{odd}", "name": "kv", "tags": [{"key": "bad!", "value": "1"}]})
    yield post("logged-models", {"experiment_id": "{odd}", "name": "kv", "params": [{"key": "p", "value": "v" * 7000}]}, name="lm param 7000")
    yield post("logged-models", {"experiment_id": "{odd}", "name": "kv", "tags": [{"key": "p", "value": "v" * 9000}]}, name="lm tag 9000")
    yield post("logged-models", {"experiment_id": "{odd}", "name": "kv", "params": [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]})
    yield get("logged-models/{lm}")
    yield get("logged-models/m-nope")
    for status in ("LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING", "READY", "", None, 2, 9, "LOGGED_MODEL_READY"):
        yield Call("PATCH", "logged-models/{lm}", {"model_id": "{lm}", "status": status})
    yield Call("PATCH", "logged-models/{lm}", {"model_id": "{lm}"})
    yield Call("PATCH", "logged-models/m-nope", {"model_id": "m-nope", "status": "LOGGED_MODEL_READY"})
    yield Call("PATCH", "logged-models/{lm}/tags", {"tags": [{"key": "a", "value": "1"}, {"key": "t", "value": "w"}]})
    for tags in ([], "x", [{"key": "bad!", "value": ""}], [{"key": "", "value": "1"}], [{"value": "1"}], [{"key": "k" * 251, "value": "1"}]):
        yield Call("PATCH", "logged-models/{lmx}/tags", {"model_id": "{lmx}", "tags": tags}, name=f"lm tags {str(tags)[:30]}")
    yield Call("PATCH", "logged-models/m-nope/tags", {"tags": [{"key": "a", "value": "1"}]})
    yield Call("DELETE", "logged-models/{lm}/tags/a")
    yield Call("DELETE", "logged-models/{lm}/tags/a")
    yield Call("DELETE", "logged-models/m-nope/tags/a")
    yield post("logged-models/{lm}/params", {"model_id": "{lm}", "params": [{"key": "q", "value": "2"}]})
    yield post("logged-models/{lm}/params", {"model_id": "{lm}", "params": [{"key": "q", "value": "2"}]})
    yield post("logged-models/{lm}/params", {"model_id": "{lm}", "params": [{"key": "q", "value": "3"}]})
    yield post("logged-models/m-nope/params", {"model_id": "m-nope", "params": [{"key": "q", "value": "3"}]})
    yield post("logged-models/{lm}/params", {"model_id": "{lm}"})
    yield get("logged-models/{lm}")
    yield post("runs/log-metric", {"run_id": "{maker}", "key": "acc", "value": 0.75, "timestamp": 5, "step": 1, "model_id": "{lm}", "dataset_name": "d", "dataset_digest": "abc"})
    yield post("runs/log-metric", {"run_id": "{maker}", "key": "acc", "value": 0.25, "timestamp": 6, "step": 2, "model_id": "{lm2}"})
    yield post("runs/log-metric", {"run_id": "{hist}", "key": "acc", "value": 0.5, "timestamp": 6, "step": 2, "model_id": "m-nope"})
    yield post("runs/log-batch", {"run_id": "{maker}", "metrics": [{"key": "loss", "value": 3, "timestamp": 6, "step": 2, "model_id": "{lm}"}]})
    yield post("runs/outputs", {"run_id": "{maker}", "models": [{"model_id": "{lm}", "step": 1}]})
    yield post("runs/log-inputs", {"run_id": "{maker}", "models": [{"model_id": "{lm2}"}]})
    yield get("logged-models/{lm}")
    yield get("runs/get", {"run_id": "{maker}"})
    yield get("metrics/get-history", {"run_id": "{maker}", "metric_key": "acc"})
    s = {"experiment_ids": ["{me}"], "order_by": [{"field_name": "name"}]}
    for f in ("name = 'lm'", "name != 'lm'", "name LIKE 'l%'", "name ILIKE 'L%'", "model_type = 'T'", "status = 'READY'", "tags.t = 'w'", "params.p = '1'",
              "metrics.acc > 0.5", "metrics.acc < 0.5", "metrics.acc >= 0.25 AND name = 'lm2'", "model_id = '{lm}'", "source_run_id = '{maker}'",
              "attributes.name = 'lm'", "creation_timestamp > 0", "name = lm", "bogus = 'x'", "metrics.acc = 'x'", "name > 'a'", "name IN ('lm','lm2')",
              "name NOT IN ('lm','lm2')", "source_run_id IN ('{maker}')", "tags.t IS NULL", "((", "name = 'lm' OR name = 'lm2'", "experiment_id = '{me}'", "creation_time > 5", "last_updated_timestamp > 5",
              "tags.t != 'w'", "tags.t LIKE 'w%'", "params.p LIKE '1%'", "params.p != '1'", "metrics.acc LIKE 'x'", "tags.`t` = 'w'"):
        yield post("logged-models/search", {**s, "filter": f}, name=f"lm filter {f}")
    for d in ([{"dataset_name": "d", "dataset_digest": "abc"}], [{"dataset_name": "d"}], [{"dataset_name": "other"}], [{"dataset_digest": "abc"}], [{}]):
        yield post("logged-models/search", {**s, "filter": "metrics.acc > 0.1", "datasets": d})
        yield post("logged-models/search", {**s, "datasets": d})
    for o in ([{"field_name": "metrics.acc"}], [{"field_name": "metrics.acc", "ascending": False}], [{"field_name": "metrics.acc", "dataset_name": "d"}],
              [{"field_name": "metrics.acc", "dataset_name": "d", "dataset_digest": "abc"}], [{"field_name": "metrics.acc", "dataset_digest": "abc"}], [{"field_name": "name", "ascending": False}],
              [{"field_name": "creation_timestamp"}], [{"field_name": "creation_time"}], [{"field_name": "bogus"}], [{"field_name": "params.p"}], [{"field_name": "tags.t"}],
              [{"field_name": "attributes.name"}], [{}], [{"field_name": "last_updated_timestamp"}], [{"field_name": "status"}],
              [{"field_name": "name"}, {"field_name": "name"}], "name", [{"field_name": "name", "dataset_name": "d"}], [{"field_name": "metrics.acc"}, {"field_name": "name"}]):
        yield post("logged-models/search", {"experiment_ids": ["{me}"], "order_by": o, "filter": "name LIKE 'lm%'"}, name=f"lm order {o}")
    for n in (0, -1, 1, 1000, 1001, "x", 100000):
        yield post("logged-models/search", {**s, "max_results": n, "filter": "name = 'lm'"})
    yield post("logged-models/search", {**s, "max_results": 2}, keep={"lmt": "next_page_token"})
    yield post("logged-models/search", {**s, "max_results": 2, "page_token": "{lmt}"})
    yield post("logged-models/search", {**s, "max_results": 3, "page_token": "{lmt}"})
    yield post("logged-models/search", {**s, "page_token": "garbage"})
    yield post("logged-models/search", {})
    yield post("logged-models/search", {"experiment_ids": []})
    yield post("logged-models/search", {"experiment_ids": ["424242"]})
    yield post("logged-models/search", {"experiment_ids": ["x"]})
    yield Call("DELETE", "logged-models/{lm2}")
    yield Call("DELETE", "logged-models/{lm2}")
    yield Call("DELETE", "logged-models/m-nope")
    yield get("logged-models/{lm2}")
    yield get("logged-models/{lm2}", {"allow_deleted": "true"})
    yield get("logged-models/{lm2}", {"allow_deleted": "False"})
    yield get("logged-models/{lm2}", {"allow_deleted": "maybe"})
    yield Call("PATCH", "logged-models/{lm2}", {"model_id": "{lm2}", "status": "LOGGED_MODEL_READY"})
    yield Call("PATCH", "logged-models/{lm2}/tags", {"tags": [{"key": "a", "value": "1"}]})
    yield post("logged-models/{lm2}/params", {"model_id": "{lm2}", "params": [{"key": "z", "value": "3"}]})
    yield post("logged-models/search", {**s, "filter": "name = 'lm2'"})
    yield get("logged-models/{lm}/artifacts/directories")
    yield get("logged-models/{lm}/artifacts/directories", {"artifact_directory_path": "../x"})
    yield get("logged-models/m-nope/artifacts/directories")
    yield get("/ajax-api/2.0/mlflow/logged-models/{lm}/artifacts/files", {"artifact_file_path": "nope"})
    yield get("/ajax-api/2.0/mlflow/logged-models/{lm}/artifacts/files", {"artifact_file_path": "../nope"})
    yield get("/ajax-api/2.0/mlflow/logged-models/{lm}/artifacts/files")


def registry():
    yield post("registered-models/create", {"name": "rm", "description": "d", "tags": [{"key": "a", "value": "1"}]})
    yield post("registered-models/create", {"name": "rm"})
    yield post("registered-models/create", {"name": "plain"})
    for name in ("", " ", "a/b", "a:b", "..", ".", "a b", "n" * 256, "n" * 257, WEIRD.replace("/", ""), "a\\b", "%2e", "a..b", "a%2Fb"):
        yield post("registered-models/create", {"name": name}, name=f"create model {name[:6]!r} {len(name)}")
        yield get("registered-models/get", {"name": name}, name=f"get model {name[:6]!r} {len(name)}")
    for tags in ([{"key": "k" * 251, "value": "v"}], [{"key": "bad!", "value": "v"}], [{"value": "v"}], [{"key": "a"}], [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}],
                 [{"key": "a", "value": "v" * 100_001}], [{"key": "a", "value": "v" * 100_000}], "x", [5]):
        yield post("registered-models/create", {"name": "tagged", "tags": tags}, name=f"model tags {str(tags)[:40]}")
    yield post("registered-models/create", {"name": "desc", "description": "d" * 6000}, name="model desc 6000")
    yield from bent("POST", "registered-models/create", {"name": "bent", "description": "x"}, ("description",))
    yield get("registered-models/get", {"name": "rm"})
    yield get("registered-models/get", {"name": "nope"})
    yield get("registered-models/get")
    yield Call("PATCH", "registered-models/update", {"name": "rm", "description": "new"})
    yield Call("PATCH", "registered-models/update", {"name": "rm", "description": ""})
    yield Call("PATCH", "registered-models/update", {"name": "rm"})
    yield Call("PATCH", "registered-models/update", {"name": "nope", "description": "x"})
    yield from bent("PATCH", "registered-models/update", {"name": "rm", "description": "new"}, ("description",))
    yield post("registered-models/rename", {"name": "plain", "new_name": "renamed"})
    yield post("registered-models/rename", {"name": "plain", "new_name": "renamed"})
    yield post("registered-models/rename", {"name": "renamed", "new_name": "rm"})
    yield post("registered-models/rename", {"name": "renamed", "new_name": "renamed"})
    yield post("registered-models/rename", {"name": "renamed", "new_name": "a/b"})
    yield from bent("POST", "registered-models/rename", {"name": "nope", "new_name": "nope2"})
    for body in ({"name": "rm", "key": "b", "value": "2"}, {"name": "rm", "key": "b", "value": "3"}, {"name": "rm", "key": "bad!", "value": "3"}, {"name": "nope", "key": "b", "value": "3"},
                 {"name": "rm", "key": "k" * 251, "value": "3"}, {"name": "rm", "key": "big", "value": "v" * 100_001}, {"name": "rm", "key": "e", "value": ""}):
        yield post("registered-models/set-tag", body, name=f"model set-tag {str(body)[:60]}")
    yield from bent("POST", "registered-models/set-tag", {"name": "rm", "key": "b", "value": "2"})
    for body in ({"name": "rm", "key": "b"}, {"name": "rm", "key": "b"}, {"name": "nope", "key": "b"}, {"name": "rm", "key": "bad!"}):
        yield Call("DELETE", "registered-models/delete-tag", body)
    yield from bent("DELETE", "registered-models/delete-tag", {"name": "rm", "key": "b"})
    yield get("registered-models/get", {"name": "rm"})
    yield get("registered-models/get-latest-versions", {"name": "rm"})
    yield post("registered-models/get-latest-versions", {"name": "rm"})
    yield get("registered-models/get-latest-versions", {"name": "nope"})
    yield get("registered-models/get-latest-versions")
    yield Call("DELETE", "registered-models/delete", {"name": "renamed"})
    yield Call("DELETE", "registered-models/delete", {"name": "renamed"})
    yield from bent("DELETE", "registered-models/delete", {"name": "nope"})


def versions():
    yield post("runs/create", {"experiment_id": "{me}", "run_name": "versions"}, keep={"vrun": "run.info.run_id"})
    good = [{"source": "runs:/{vrun}/model", "run_id": "{vrun}"}, {"source": "mlflow-artifacts:/{me}/{vrun}/artifacts/model", "run_id": "{vrun}"},
            {"source": "models:/{lm}", "model_id": "{lm}"}, {"source": "s3://bucket/model", "run_id": "{vrun}"}, {"source": "models:/rm/1"}, {"source": "dbfs:/x/y"}]
    for body in good:
        yield post("model-versions/create", {"name": "rm", **body})
    yield post("model-versions/create", {"name": "rm", "source": "s3://b/m", "description": "d", "run_link": "http://x", "tags": [{"key": "a", "value": "1"}]})
    yield get("logged-models/{lm}")
    other = [{"source": "runs:/{vrun}/model"}, {"source": "runs:/other/model", "run_id": "{vrun}"}, {"source": "runs:/other/model", "run_id": "other"}, {"source": "runs:/{vrun}", "run_id": "{vrun}"},
             {"source": "mlflow-artifacts:/{me}/{vrun}/artifacts/model"}, {"source": "mlflow-artifacts:/other/x", "run_id": "{vrun}"},
             {"source": "mlflow-artifacts:/{me}/{vrun}/artifacts/../x", "run_id": "{vrun}"}, {"source": "models:/{lm}"}, {"source": "models:/{lm}", "run_id": "{maker}"},
             {"source": "models:/m-nope", "model_id": "m-nope"}, {"source": "models:/{lm}", "model_id": "m-nope"}, {"source": "models:/rm/99"}, {"source": "models:/nope/1"}, {"source": "models:/rm/x"},
             {"source": "models:/rm"}, {"source": "models:/rm@alias"}, {"source": "/etc/passwd"}, {"source": "/etc/passwd", "run_id": "{vrun}"}, {"source": "file:///etc", "run_id": "{vrun}"},
             {"source": "etc/x"}, {"source": "./x"}, {"source": "../x"}, {"source": "http://h/x"}, {"source": "https://h/x/../y"}, {"source": "ftp://h/x"}, {"source": "s3://b/../x"}, {"source": "s3://b/%2e%2e/x"},
             {"source": "s3://b/x?y=.."}, {"source": "s3://b/x#frag"}, {"source": "gs://b/x"}, {"source": "wasbs://c@a.blob.core.windows.net/x"}, {"source": "abfss://c@a.dfs.core.windows.net/x"}, {"source": "hdfs://h/x"}, {"source": "dummy-source"},
             {"source": "prompt-template"}, {"source": "C:\\x"}, {"source": "file://host/x"}, {"source": "mlflow-artifacts://h/x", "run_id": "{vrun}"}, {"source": "s3://b/x\u0000y"}, {"source": "x" * 600},
             {"source": "s3://b/" + "x" * 600}, {"source": "dummy-source", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]},
             {"source": "/etc", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}, {"source": "runs:/{vrun}/model", "run_id": ""}, {"source": "s3://b/x", "run_id": "nope"},
             {"source": "s3://b/x", "model_id": "nope"}, {"source": "models:/rm/1", "run_id": "{vrun}"}, {"source": "models:/rm/1", "run_id": "other"}, {"source": "models:/rm/latest"}, {"source": "s3://b/a//b"}, {"source": "s3://b/a/./b"}, {"source": "s3://b/a/"},
             {"source": "file:/tmp/x"}, {"source": "weird+scheme://x"}, {"source": "sftp://h/x"}]
    for body in other:
        yield post("registered-models/create", {"name": "src"}, name="make src")
        yield post("model-versions/create", {"name": "src", **body}, name=f"source {str(body)[:100]}")
        yield Call("DELETE", "registered-models/delete", {"name": "src"}, name="drop src")
    yield from bent("POST", "model-versions/create", {"name": "nope", "source": "s3://b/x", "run_id": "", "description": "d", "run_link": "l"}, ("run_id", "description", "run_link"))
    v = {"name": "rm", "version": "1"}
    yield get("model-versions/get", v)
    for n in ("99", "0", "-1", "x", "1.0", "", "1.5", "01", " 1", "9" * 20):
        yield get("model-versions/get", {"name": "rm", "version": n})
        yield get("model-versions/get-download-uri", {"name": "rm", "version": n})
        yield post("registered-models/alias", {"name": "rm", "alias": "x", "version": n})
        yield Call("DELETE", "model-versions/delete", {"name": "nope", "version": n})
    yield get("model-versions/get", {"name": "nope", "version": "1"})
    yield get("model-versions/get")
    for i in range(1, 8):
        yield get("model-versions/get-download-uri", {"name": "rm", "version": str(i)})
    yield Call("PATCH", "model-versions/update", {**v, "description": "new"})
    yield Call("PATCH", "model-versions/update", {"name": "rm", "version": 99, "description": "num"})
    yield from bent("PATCH", "model-versions/update", {"name": "rm", "version": "99", "description": "x"}, ("description",))
    for body in ({**v, "key": "b", "value": "2"}, {**v, "key": "b", "value": "3"}, {**v, "key": "bad!", "value": "3"}, {"name": "rm", "version": "99", "key": "b", "value": "3"},
                 {"name": "nope", "version": "1", "key": "b", "value": "3"}, {**v, "key": "k" * 251, "value": "3"}, {**v, "key": "big", "value": "v" * 100_001}, {**v, "key": "e", "value": ""}):
        yield post("model-versions/set-tag", body, name=f"version set-tag {str(body)[:60]}")
    yield from bent("POST", "model-versions/set-tag", {"name": "rm", "version": "1", "key": "b", "value": "2"})
    for body in ({**v, "key": "b"}, {**v, "key": "b"}, {"name": "nope", "version": "1", "key": "b"}, {"name": "rm", "version": "99", "key": "b"}):
        yield Call("DELETE", "model-versions/delete-tag", body)
    yield from bent("DELETE", "model-versions/delete-tag", {"name": "rm", "version": "1", "key": "b"})
    for stage in ("Staging", "production", "STAGING", "Archived", "none", "None", "bogus", "", None, 5):
        for archive in (True, False, None):
            body = {"name": "rm", "version": "2", "stage": stage, "archive_existing_versions": archive}
            yield post("model-versions/transition-stage", {k: x for k, x in body.items() if x is not None or k == "stage"})
    yield post("model-versions/transition-stage", {"name": "rm", "version": "1", "stage": "Production"})
    yield post("model-versions/transition-stage", {"name": "rm", "version": "2", "stage": "Production", "archive_existing_versions": True})
    yield post("model-versions/transition-stage", {"name": "rm", "version": "3", "stage": "Staging", "archive_existing_versions": "true"})
    yield post("model-versions/transition-stage", {"name": "rm", "version": "99", "stage": "Staging"})
    yield get("registered-models/get", {"name": "rm"})
    for stages in (["Production"], ["production", "None"], ["Staging", "Archived"], [], ["bogus"], "x"):
        yield post("registered-models/get-latest-versions", {"name": "rm", "stages": stages})
    yield get("registered-models/get-latest-versions", {"name": "rm", "stages": ["Production", "Staging"]})
    for alias in ("champ", "champ", "a-b_c", "LATEST", "latest", "v1", "V12", "v", "v1a", "a b", "a.b", "é", "n" * 255, "n" * 256, ""):
        yield post("registered-models/alias", {"name": "rm", "alias": alias, "version": "1"}, name=f"set alias {alias[:8]!r} {len(alias)}")
        yield get("registered-models/alias", {"name": "rm", "alias": alias}, name=f"get alias {alias[:8]!r} {len(alias)}")
    yield post("registered-models/alias", {"name": "rm", "alias": "champ", "version": "2"})
    yield post("registered-models/alias", {"name": "rm", "alias": "champ", "version": "99"})
    yield post("registered-models/alias", {"name": "nope", "alias": "champ", "version": "1"})
    yield get("registered-models/alias", {"name": "rm", "alias": "champ"})
    yield get("registered-models/alias", {"name": "rm", "alias": "none"})
    yield get("registered-models/alias", {"name": "nope", "alias": "champ"})
    yield get("registered-models/get", {"name": "rm"})
    yield get("model-versions/get", {"name": "rm", "version": "2"})
    yield from bent("POST", "registered-models/alias", {"name": "nope", "alias": "champ", "version": "1"})
    yield Call("DELETE", "registered-models/alias", {"name": "rm", "alias": "a-b_c"})
    yield Call("DELETE", "registered-models/alias", {"name": "rm", "alias": "a-b_c"})
    yield Call("DELETE", "registered-models/alias", {"name": "nope", "alias": "a"})
    yield from bent("DELETE", "registered-models/alias", {"name": "rm", "alias": "zz"})
    yield Call("DELETE", "model-versions/delete", {"name": "rm", "version": "2"})
    yield Call("DELETE", "model-versions/delete", {"name": "rm", "version": "2"})
    yield get("model-versions/get", {"name": "rm", "version": "2"})
    yield get("registered-models/alias", {"name": "rm", "alias": "champ"})
    yield get("registered-models/get", {"name": "rm"})
    yield Call("DELETE", "model-versions/delete", {"name": "rm", "version": "7"})
    yield post("model-versions/create", {"name": "rm", "source": "s3://b/again"})
    yield from bent("DELETE", "model-versions/delete", {"name": "rm", "version": "99"})
    yield post("registered-models/rename", {"name": "rm", "new_name": "rm new"})
    yield get("registered-models/get", {"name": "rm new"})
    yield get("model-versions/get", {"name": "rm new", "version": "1"})
    yield get("model-versions/search", {"filter": "name = 'rm new'"})
    yield post("registered-models/create", {"name": "prompt", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]})
    yield post("registered-models/create", {"name": "prompt", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]})
    yield post("model-versions/create", {"name": "prompt", "source": "dummy-source", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": "Hi {{x}}"}]})
    yield post("model-versions/create", {"name": "prompt", "source": "s3://x/y", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]})
    yield get("registered-models/get", {"name": "prompt"})
    yield get("model-versions/get", {"name": "prompt", "version": "1"})
    yield post("registered-models/alias", {"name": "prompt", "alias": "prod", "version": "1"})
    yield get("registered-models/alias", {"name": "prompt", "alias": "latest"})


def searches():
    for i, name in enumerate(("se a", "se b", "SE c", "se d%", "se_e")):
        yield post("experiments/create", {"name": name, "tags": [{"key": "kind", "value": "x" if i % 2 else "y"}, {"key": "s", "value": name}]})
    base = {"order_by": ["name ASC"], "max_results": 100}
    for f in ("name LIKE 'se%'", "name ILIKE 'se%'", "name = 'se a'", "name != 'se a' AND name LIKE 'se %'", "attribute.name = 'se a'", "attributes.name LIKE 'se%'", "tags.kind = 'x'", "tag.kind != 'x'",
              "tags.kind LIKE 'x'", "tags.kind ILIKE 'X'", "tags.nope = 'x'", "tags.`kind` = 'x'", 'tags."kind" = "x"', "tags.kind IS NULL AND name LIKE 'se%'", "tags.kind IS NOT NULL", "creation_time > 0 AND name LIKE 'se%'",
              "creation_time < 5", "last_update_time >= 0 AND name LIKE 'se%'", "name LIKE 'se_e'", "name LIKE 'se d!%'", "name = 'se a' OR name = 'se b'", "name = se", "name > 'a'", "bogus = 'x'", "params.a = 'x'", "metrics.m > 1",
              "name", "= 'x'", "name = 'a' AND", "name == 'a'", "name = \"se a\"", "creation_time = 'x'", "creation_time LIKE 'x'", "name IN ('se a')", "(name = 'se a')", "name = 'a'; name = 'b'", "NOT name = 'a'", "experiment_id = '1'", "name = 5", "'se a' = name",
              "name='se a'", " name  =  'se a' ", "NAME = 'se a'", "name = 'se''a'", "name = 'un", "tags.kind = x", "tags.kind > 'x'", "tags. = 'x'", "tags = 'x'", "lifecycle_stage = 'active'", "name like 'se%'"):
        yield post("experiments/search", {**base, "filter": f}, name=f"experiments filter {f}")
    for o in (["name"], ["name DESC"], ["name desc"], ["attribute.name"], ["creation_time", "name"], ["experiment_id DESC"], ["last_update_time"], ["bogus"], ["tags.kind"], ["name", "name"], ["name UP"], [""], ["name ASC, creation_time"], "name", [5], ["attributes.`name`"], ["`name`"]):
        yield post("experiments/search", {"filter": "name ILIKE 'se%'", "order_by": o, "max_results": 100}, name=f"experiments order {o}")
    for n in (0, -1, 1, 50000, 50001, "x", "3", 1.5, None, True):
        yield post("experiments/search", {"filter": "name = 'se a'", "max_results": n})
    yield post("experiments/search", {"filter": "name = 'se a'"})
    for v in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL", "BOGUS", 1, 2, 3, 9, ""):
        yield post("experiments/search", {"filter": "name = 'se a'", "max_results": 10, "view_type": v})
        yield post("runs/search", {"experiment_ids": ["{re}"], "filter": "run_name = 'first'", "run_view_type": v})
    yield get("experiments/search", {"max_results": "1", "filter": "name ILIKE 'se%'", "order_by": "name"})
    yield get("experiments/search", {"max_results": "2", "order_by": ["name", "creation_time"], "filter": "name ILIKE 'se%'"})
    yield get("experiments/search")
    yield get("experiments/search", {"max_results": "x"})
    yield post("experiments/search", {"max_results": 2, "filter": "name ILIKE 'se%'", "order_by": ["name"]}, keep={"et": "next_page_token"})
    yield post("experiments/search", {"max_results": 2, "filter": "name ILIKE 'se%'", "order_by": ["name"], "page_token": "{et}"}, keep={"et": "next_page_token"})
    yield post("experiments/search", {"max_results": 2, "filter": "name ILIKE 'se%'", "order_by": ["name"], "page_token": "{et}"})
    for t in ("garbage", "", "eyJ4IjogMX0=", 5):
        yield post("experiments/search", {"max_results": 2, "page_token": t, "filter": "name = 'se a'"})


def run_filters():
    yield post("experiments/create", {"name": "for filters"}, keep={"fe": "experiment_id"})
    for i in range(6):
        yield post("runs/create", {"experiment_id": "{fe}", "run_name": f"Run {i}", "user_id": "u%d" % (i % 2), "start_time": 1700000000000 + i,
                                   "tags": [{"key": "t", "value": f"v{i}"}, {"key": "dotted.key", "value": str(i % 2)}] + ([{"key": "odd", "value": "1"}] if i % 2 else [])},
                   keep={f"f{i}": "run.info.run_id"})
        yield post("runs/log-batch", {"run_id": "{f%d}" % i, "metrics": [{"key": "m", "value": [1, 2.5, "NaN", "Infinity", -1, 0][i], "timestamp": 1, "step": 1}, {"key": "sp ace", "value": i, "timestamp": 1}]
                                      + ([{"key": "some", "value": i, "timestamp": 1}] if i < 2 else []),
                                      "params": [{"key": "p", "value": f"V{i}"}, {"key": "n", "value": str(10 - i)}] + ([{"key": "some", "value": "s"}] if i < 3 else [])})
    yield post("runs/update", {"run_id": "{f0}", "status": "FINISHED", "end_time": 1700000005000})
    yield post("runs/log-inputs", {"run_id": "{f1}", "datasets": [{"tags": [{"key": "mlflow.data.context", "value": "train"}], "dataset": dataset(name="ds1", digest="dg1")}]})
    yield post("runs/log-inputs", {"run_id": "{f2}", "datasets": [{"tags": [{"key": "mlflow.data.context", "value": "test"}], "dataset": dataset(name="ds2", digest="dg2")}, {"dataset": dataset(name="ds1", digest="dg1")}]})
    s = {"experiment_ids": ["{fe}"]}
    for f in ("metrics.m > 1", "metric.m >= 1", "metrics.m < 0", "metrics.m = 2.5", "metrics.m != 2.5", "metrics.`sp ace` > 3", 'metrics."sp ace" <= 1', "metrics.m > '1'", "metrics.m = nan", "metrics.nope > 1", "metrics.m LIKE 'x'", "metrics.m IS NULL", "metrics.some IS NOT NULL", "metrics.m IN (1)",
              "params.p = 'V1'", "param.p != 'V1'", "parameter.p LIKE 'V%'", "params.p ILIKE 'v%'", "params.p LIKE 'v%'", "params.n = 10", "params.n > '5'", "params.some IS NULL", "params.some IS NOT NULL", "params.p IN ('V1','V2')", "params.some != 'x'", "params.p = V1",
              "tags.t = 'v1'", "tag.t LIKE 'v%'", "tags.odd IS NULL", "tags.odd != '2'", "tags.`dotted.key` = '1'", "tags.dotted.key = '1'", 'tags."dotted.key" = "0"', "tags.mlflow.runName = 'Run 1'", "tags.mlflow.user = 'x'",
              "run_name = 'Run 1'", "run_name LIKE 'run%'", "run_name ILIKE 'run%'", "attributes.run_name != 'Run 1'", "attributes.`Run name` = 'Run 1'", "attributes.`run name` = 'Run 1'", "attr.run_name = 'Run 2'", "attribute.run_name = 'Run 2'", "run.status = 'RUNNING'", "status = 'FINISHED'", "attributes.status != 'FINISHED'", "status = 'finished'", "status LIKE 'RUN%'",
              "user_id = 'u1'", "attributes.user_id = 'u1'", "artifact_uri LIKE '%artifacts'", "run_id = '{f1}'", "run_id IN ('{f1}','{f2}')", "run_id NOT IN ('{f1}','{f2}')", "run_id IN ()", "run_id IN ('{f1}',)", "run_id IN ({f1})", "run_id LIKE '%'", "run_id != '{f1}'", "attributes.run_id IN ('NOPE', '{f1}')",
              "start_time > 1700000000002", "attributes.start_time = 1700000000002", "start_time = 'x'", "start_time LIKE 'x'", "end_time > 0", "end_time IS NULL", "attributes.created > 1700000000003", "created > 5", "attributes.Created > 1700000000003", "start_time IN (1)",
              "dataset.name = 'ds1'", "datasets.digest = 'dg2'", "dataset.context = 'train'", "dataset.context LIKE 't%'", "dataset.name ILIKE 'DS%'", "dataset.name IN ('ds1')", "dataset.name NOT IN ('ds2')", "dataset.name != 'ds1'", "dataset.bogus = 'x'", "dataset.name > 'x'", "dataset.name = 'ds1' AND dataset.context = 'test'", "dataset.name = 5", "dataset.name = 'ds1' AND dataset.digest = 'dg2'", "dataset.context != 'train'",
              "metrics.m > 0 AND params.p = 'V1'", "metrics.m > 0 and params.p = 'V1' AND tags.t = 'v1'", "metrics.m > 0 OR params.p = 'V4'", "(metrics.m > 0)", "NOT metrics.m > 0", "metrics.m > 0 params.p = 'V1'", "metrics.m >", "> 5", "metrics.m", "AND", "metrics.m > 0 AND", "m > 0", "bogus.x = 'y'", "bogus = 'y'", "metrics. > 5", "metrics.`` > 5",
              "metrics.m > 1e-3", "metrics.m > -0.5", "metrics.m > +0.5", "metrics.m > .5", "metrics.m>0", "metrics.m <> 1", "metrics.m == 1", "metrics.m BETWEEN 0 AND 2", "metrics.m > 0;", "metrics.m > 0; DROP TABLE runs", "params.p = 'V1' -- x", "params.p = 'it''s'", "params.p = \"V1\"", "params.p = `V1`", "params.p = 'V1", "tags.t = ''",
              "attributes.lifecycle_stage = 'active'", "attributes.experiment_id = '1'", "lifecycle_stage = 'active'", "run_name IN ('Run 1')", "status IN ('RUNNING')", "attributes.status IN ('RUNNING')", "tags.t IN ('v1')", "1 = 1", "'a' = 'a'", "params.p = NULL", "params.p IS 'x'", "attributes.run_name IS NULL", "run_name = 5", "  ", "metrics.m > 0 AND AND metrics.m < 9"):
        yield post("runs/search", {**s, "filter": f}, name=f"runs filter {f}")
    for o in (["metrics.m"], ["metrics.m DESC"], ["metrics.m ASC", "start_time DESC"], ["metrics.some"], ["metrics.some DESC"], ["params.n"], ["params.some DESC"], ["params.n DESC"], ["tags.t"], ["tags.odd"], ["start_time"], ["start_time ASC"], ["end_time"], ["end_time DESC"], ["status"], ["run_name"], ["run_name DESC"], ["attributes.run_name"],
              ["attribute.start_time DESC"], ["user_id", "start_time"], ["metrics.`sp ace` DESC"], ["bogus"], ["metrics.m UP"], ["metrics.m", "metrics.m"], [""], ["metrics.m desc"], ["dataset.name"], ["attributes.bogus"], "start_time", [5], ["Created"], ["created DESC"], ["attributes.`Start Time`"], ["`Run name`"], ["params.`n` DESC"], ["metrics.m, params.n"], ["tags.mlflow.runName"], ["metrics.nope", "start_time ASC"], ["duration"], ["`Created`"], ["run name"], ["attributes.`User`"]):
        yield post("runs/search", {**s, "order_by": o}, name=f"runs order {o}")
    for n in (0, -1, 1, 3, 50000, 50001, "x", "2", 1.5, None):
        yield post("runs/search", {**s, "max_results": n})
    for kw in ({"experiment_ids": []}, {}, {"experiment_ids": ["424242"]}, {"experiment_ids": ["x"]}, {"experiment_ids": "5"}, {"experiment_ids": [5]}, {"experiment_ids": ["{fe}", "{fe}"]}, {"experiment_ids": ["{fe}"], "filter": 5}, {"experiment_ids": ["{fe}"], "order_by": [["a"]]}):
        yield post("runs/search", kw)
    yield post("runs/search", {**s, "max_results": 2, "order_by": ["metrics.m"]}, keep={"rt": "next_page_token"})
    yield post("runs/search", {**s, "max_results": 2, "order_by": ["metrics.m"], "page_token": "{rt}"}, keep={"rt": "next_page_token"})
    yield post("runs/search", {**s, "max_results": 2, "order_by": ["metrics.m"], "page_token": "{rt}"})
    for t in ("garbage", "", 5):
        yield post("runs/search", {**s, "page_token": t})
    yield post("runs/delete", {"run_id": "{f5}"})
    yield post("runs/search", {**s, "run_view_type": "DELETED_ONLY"})
    yield post("runs/search", {**s, "run_view_type": "ALL", "filter": "metrics.m >= 0"})


def registry_searches():
    for i, name in enumerate(("sm a", "sm b", "SM c", "sm_d")):
        yield post("registered-models/create", {"name": name, "tags": [{"key": "kind", "value": "x" if i % 2 else "y"}]})
        for k in range(2):
            yield post("model-versions/create", {"name": name, "source": f"s3://b/{i}/{k}", "run_id": "{vrun}" if k else "", "tags": [{"key": "vk", "value": str(k)}]})
    for f in (None, "", "name = 'sm a'", "name LIKE 'sm%'", "name ILIKE 'sm%'", "name != 'sm a' AND name LIKE 'sm%'", "name LIKE '%'", "tags.kind = 'x'", "tags.kind != 'x'", "tag.kind LIKE 'x'", "tags.`kind` ILIKE 'X'", "tags.nope != 'x'", "name LIKE 'sm%' AND tags.kind = 'y'", "name > 'a'", "name = sm", "bogus = 'x'", "name = 'a' OR name = 'b'",
              "name IN ('sm a')", "tags.kind IS NULL", "tags.kind IS NOT NULL", "tags.`mlflow.prompt.is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt` != 'true' AND name LIKE 'sm%'", "tags.`mlflow.prompt.is_prompt` = 'false' AND name LIKE 'sm%'", "name like 'sm%'", "name = \"sm a\"", "name = 5", "name", "attribute.name = 'sm a'", "aliases.x = 'y'", "run_id = 'x'", "name = 'a' AND", "creation_timestamp > 0", "last_updated_timestamp > 0", "timestamp > 0", "((", "name = 'sm''a'", "tags.kind > 'x'", "name LIKE 'sm\\_%'"):
        q = {"max_results": 100}
        if f is not None:
            q["filter"] = f
        yield get("registered-models/search", q, name=f"models filter {f}")
    for o in (["name"], ["name DESC"], ["timestamp"], ["last_updated_timestamp DESC"], ["name", "name"], ["bogus"], ["creation_timestamp"], ["name UP"], ["timestamp", "last_updated_timestamp"], ["timestamp ASC", "name DESC"], [""], ["tags.kind"], ["name asc"], ["`name`"], ["attribute.name"], ["name, timestamp"]):
        yield get("registered-models/search", {"filter": "name ILIKE 'sm%'", "order_by": o}, name=f"models order {o}")
    for n in ("0", "-1", "1", "1000", "1001", "x", "1.5", ""):
        yield get("registered-models/search", {"filter": "name = 'sm a'", "max_results": n})
        yield get("model-versions/search", {"filter": "name = 'sm a'", "max_results": n})
    yield get("model-versions/search", {"filter": "name = 'sm a'", "max_results": "200000"})
    yield get("model-versions/search", {"filter": "name = 'sm a'", "max_results": "200001"})
    yield get("registered-models/search", {"filter": "name ILIKE 'sm%'", "max_results": 2}, keep={"mt": "next_page_token"})
    yield get("registered-models/search", {"filter": "name ILIKE 'sm%'", "max_results": 2, "page_token": "{mt}"})
    yield get("registered-models/search", {"page_token": "garbage", "filter": "name = 'sm a'"})
    for f in (None, "", "name = 'sm a'", "name LIKE 'sm%'", "name ILIKE 'sm%'", "run_id = '{vrun}'", "run_id != '{vrun}'", "run_id IN ('{vrun}')", "run_id IN ('{vrun}', 'x')", "run_id IN ()", "run_id IN ('a',)", "run_id NOT IN ('x')", "run_id LIKE '%'", "source_path = 's3://b/0/0'", "source_path LIKE 's3://b/%'", "source_path ILIKE 'S3://b/0%'", "source = 's3://b/0/0'", "version_number = 1", "version_number > 1", "version_number != 1 AND name = 'sm a'",
              "version_number = '1'", "version_number LIKE '1'", "version = 1", "tags.vk = '1'", "tags.vk != '1'", "tag.vk LIKE '1'", "tags.vk = '1' AND name = 'sm a'", "name = 'sm a' AND run_id = '{vrun}'", "bogus = 'x'", "name > 'x'", "name IN ('sm a', 'sm b')", "aliases = 'x'", "current_stage = 'None'", "tags.`mlflow.prompt.is_prompt` = 'true'", "name = 'prompt'", "name = 'nope'", "name = 'sm a' OR name = 'sm b'", "name = sm", "creation_timestamp > 0", "attribute.name = 'sm a'", "tags.vk IS NULL", "tags.a = '1' AND tags.vk = '1'", "version_number = 1.5", "version_number IN (1)"):
        q = {"max_results": 100, "order_by": ["name", "version_number"]}
        if f is not None:
            q["filter"] = f
        yield get("model-versions/search", q, name=f"versions filter {f}")
    for o in (["name"], ["name DESC"], ["version_number DESC"], ["version_number"], ["creation_timestamp"], ["last_updated_timestamp DESC", "name"], ["bogus"], ["name", "name"], ["run_id"], ["source_path"], ["name UP"], ["timestamp"], [""], ["tags.vk"], ["last_updated_timestamp", "last_updated_timestamp"]):
        yield get("model-versions/search", {"filter": "name ILIKE 'sm%'", "order_by": o}, name=f"versions order {o}")
    yield get("model-versions/search", {"filter": "name ILIKE 'sm%'", "max_results": 3}, keep={"vt": "next_page_token"})
    yield get("model-versions/search", {"filter": "name ILIKE 'sm%'", "max_results": 3, "page_token": "{vt}"})
    yield get("model-versions/search", {"page_token": "garbage", "filter": "name = 'sm a'"})


def head(*names):
    return lambda r: {"text": r.text if r.status_code < 400 else "", **{n: r.headers.get(n) for n in names}}


def artifacts():
    yield post("runs/create", {"experiment_id": "{re}", "run_name": "files"}, keep={"files": "run.info.run_id"})
    root = "/api/2.0/mlflow-artifacts/artifacts/{re}/{files}/artifacts/"
    for name, text in (("a.txt", "hello"), ("dir/b.json", "{}"), ("dir/sub/c.bin", "\x00\x01"), ("naïve Ω.txt", "é"), ("page.html", "<b>"), ("sp ace.txt", "x"), ("MLmodel", "x: 1"), ("pic.png", "png"), ("noext", "n"), ("empty", ""),
                       ("d.csv", "a"), ("e.svg", "<svg>"), ("f.yaml", "a: 1"), ("g.md", "# x"), ("h.pdf", "x"), ("i.log", "x"), ("j.py", "x"), ("k.xml", "<a>"), ("l.zip", "z"), ("m.js", "x"), ("n.css", "x"), ("o.tar.gz", "x"), ("p.parquet", "x"), ("q.ipynb", "x"), ("r.pkl", "x"), ("s.TXT", "x")):
        yield Call("PUT", root + name, raw=text.encode(), headers={"Content-Type": "application/octet-stream"}, name=f"PUT {name}")
        yield get(root + name, read=head("Content-Type", "Content-Disposition", "X-Content-Type-Options"), name=f"GET {name}")
        yield get("/get-artifact", {"run_id": "{files}", "path": name}, read=head("Content-Type", "Content-Disposition", "X-Content-Type-Options"), name=f"get-artifact {name}")
    for q in ({}, {"path": "dir"}, {"path": "dir/"}, {"path": "dir/sub"}, {"path": "nope"}, {"path": "a.txt"}, {"path": "../"}, {"path": "/etc"}, {"path": "%2e%2e"}, {"path": "."}, {"path": ""}, {"path": "dir/../dir"}, {"path": "a\\b"}, {"path": "a?b"}, {"path": "C:/x"}):
        yield get("artifacts/list", {"run_id": "{files}", **q})
        yield get("artifacts/list", {"run_uuid": "{files}", **q})
    for q in ({"run_id": "0" * 32}, {}, {"run_id": ""}):
        yield get("artifacts/list", q)
    for p in ("nope", "../x", "/etc/passwd", "%2e%2e/x", "dir", "", "dir/../a.txt", "a.txt#x", "a\\b", "..\\x", "a.txt/x"):
        yield get("/get-artifact", {"run_id": "{files}", "path": p}, name=f"get-artifact bad {p}")
    yield get("/get-artifact", {"run_id": "0" * 32, "path": "a.txt"})
    yield get("/get-artifact", {"run_id": "{files}"})
    yield get("/get-artifact", {"path": "a.txt"})
    lst = "/api/2.0/mlflow-artifacts/artifacts"
    for p in ("{re}/{files}/artifacts", "{re}/{files}/artifacts/dir", "{re}/{files}/artifacts/nope", "../", "/etc", "{re}/{files}/artifacts/a.txt", "{re}/{files}/artifacts/", "..%2f", "C:/x"):
        yield get(lst, {"path": p}, name=f"list proxied {p}")
    for p in ("nope", "dir", "a.txt/x", "%2e%2e/x", "..%2fx", "%252e%252e/x", "x%00y"):
        yield get(root + p, name=f"GET proxied bad {p}")
        yield Call("DELETE", root + p if p != "dir" else root + "nodir", name=f"DELETE proxied bad {p}")
        yield Call("PUT", root + p + "/y", raw=b"x", headers={"Content-Type": "application/octet-stream"}, name=f"PUT proxied bad {p}")
    for rng in ("bytes=0-1", "bytes=1-", "bytes=-2", "bytes=99-", "bytes=x", "bytes=0-1,3-4"):
        yield get(root + "a.txt", headers={"Range": rng}, read=head("Content-Range"), name=f"range {rng}")
    up = "/ajax-api/2.0/mlflow/upload-artifact"
    for q in ({"run_uuid": "{files}", "path": "up.txt"}, {"run_uuid": "{files}", "path": "dir/up2.txt"}, {"run_uuid": "{files}"}, {"path": "x"}, {"run_uuid": "0" * 32, "path": "x"}, {"run_uuid": "{files}", "path": "../x"}):
        yield Call("POST", up, query=q, raw=b"up", headers={"Content-Type": "application/octet-stream"})
    yield Call("POST", up, query={"run_uuid": "{files}", "path": "empty"}, raw=b"", headers={"Content-Type": "application/octet-stream"})
    yield Call("POST", up, query={"run_uuid": "{files}", "path": "big"}, raw=b"x" * (10 * 1024 * 1024 + 1), headers={"Content-Type": "application/octet-stream"}, name="upload 10 MB")
    yield get("artifacts/list", {"run_id": "{files}"})
    yield Call("DELETE", root + "up.txt")
    yield Call("DELETE", root + "up.txt")
    yield Call("DELETE", root + "dir")
    yield get("artifacts/list", {"run_id": "{files}"})
    mpu = "/api/2.0/mlflow-artifacts/mpu/"
    yield post(mpu + "create/{re}/{files}/artifacts/big", {"path": "big.bin", "num_parts": 2})
    yield post(mpu + "complete/{re}/{files}/artifacts/big", {"path": "big.bin", "upload_id": "x", "parts": []})
    yield post(mpu + "abort/{re}/{files}/artifacts/big", {"path": "big.bin", "upload_id": "x"})
    yield get("/api/2.0/mlflow-artifacts/presigned/{re}/{files}/artifacts/a.txt")
    yield post("artifacts/presigned-upload-url", {"run_id": "{files}", "path": "x"})
    yield post("artifacts/presigned-download-url", {"run_id": "{files}", "path": "x"})
    yield post("artifacts/presigned-upload-url", {})
    yield post("model-versions/create", {"name": "sm a", "source": "mlflow-artifacts:/{re}/{files}/artifacts", "run_id": "{files}"}, keep={"fv": "model_version.version"})
    for q in ({"name": "sm a", "version": "{fv}", "path": "a.txt"}, {"name": "sm a", "version": "{fv}", "path": "nope"}, {"name": "sm a", "version": "99", "path": "a.txt"}, {"name": "nope", "version": "1", "path": "a"}, {"name": "sm a", "version": "{fv}"},
              {"name": "sm a", "version": "{fv}", "path": "../x"}, {"version": "1", "path": "a"}, {"name": "sm a", "path": "a"}):
        yield get("/model-versions/get-artifact", q)


def bodies():
    """Bodies that are odd as such."""
    for raw in (b"", b"{", b"[]", b"5", b"null", b'"text"', b'"{\\"name\\": \\"twice encoded\\"}"', b'{"name": "dup", "name": "dup2"}', b'{"name": "\xff"}', b'{"name": "x", "unknown": 1}', b"{'name': 'x'}", b"{" * 200, b'{"name": NaN}', b'\xef\xbb\xbf{"name": "bom"}', b'{"name": "\\ud800"}'):
        yield Call("POST", "experiments/create", raw=raw, name=f"body {raw[:40]!r}")
    for ct in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "APPLICATION/JSON", ""):
        yield Call("POST", "experiments/create", raw=b'{"name": "ct %d"}' % len(ct), headers={"Content-Type": ct}, name=f"type {ct}")
    yield Call("POST", "experiments/update", raw=b'{"experiment_id": "{re}", "experimentId": "1", "new_name": "x"}', name="both spellings")
    yield post("experiments/create", {"artifactLocation": "s3://b/c", "name": "camel"})
    yield get("experiments/get-by-name", {"experiment_name": "camel"})
    yield get("experiments/get", {"experimentId": "0"})
    yield Call("GET", "experiments/get", {"experiment_id": "0"}, name="GET with body")
    yield post("/ajax-api/2.0/mlflow/experiments/create", {"name": "by ajax"})


def absent():
    for m, p in (("GET", "/api/2.0/mlflow/nope"), ("POST", "/api/2.0/mlflow/nope"), ("GET", "/health"), ("GET", "/version"), ("DELETE", "/api/2.0/mlflow/experiments/get"), ("GET", "/api/3.0/mlflow/server-info"), ("PUT", "/api/2.0/mlflow/runs/create"), ("GET", "/api/2.0/mlflow/runs/create")):
        yield Call(m, p)
