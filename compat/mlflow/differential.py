"""Sends the same calls to MLflow's own server and to ours, and compares.

    python differential.py MLFLOW_URL OUR_URL

Both servers are fresh. Every call goes to both, one after the other; ids that
a reply gives are kept a side under a name, and stand in later calls as
{name}. Of the replies are compared: status, error_code, message, and the JSON
with ids replaced by their names and times by <time>. What differs on purpose
is in differences.py, each with its reason; anything else ends in status 1.
"""

import json
import math
import re
import sys

import requests

from differences import ON_PURPOSE

TIMES = {
    "creation_time", "last_update_time", "start_time", "end_time", "creation_timestamp", "last_updated_timestamp",
    "creation_timestamp_ms", "last_updated_timestamp_ms",
}
API = "/api/2.0/mlflow/"
NO_RETRY = requests.Session()


class Side:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.names = {}

    def fill(self, v):
        if isinstance(v, str):
            for name, value in self.names.items():
                v = v.replace("{" + name + "}", value)
            return v
        if isinstance(v, dict):
            return {self.fill(k): self.fill(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.fill(x) for x in v]
        return v

    def hide(self, text):
        for name, value in sorted(self.names.items(), key=lambda kv: -len(kv[1])):
            if len(value) > 4:
                text = text.replace(value, "{" + name + "}")
        text = text.replace(self.url, "<server>")
        text = re.sub(r"mlflow-artifacts:/\d+", "mlflow-artifacts:/<experiment>", text)
        text = re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)
        return re.sub(r"^[a-z]+-[a-z]+-\d{1,3}$", "<made up>", text)

    def plain(self, v, key=None):
        """The reply without what differs between any two servers."""
        if isinstance(v, dict):
            # The latest metrics of a run are a set; those of a history have an order.
            latest = "tags" in v or "params" in v
            return {self.hide(k): self.plain(x, "data metrics" if k == "metrics" and latest else k) for k, x in v.items()}
        if isinstance(v, list):
            v = [self.plain(x, key) for x in v]
            if key in ("tags", "params", "aliases", "dataset_summaries", "dataset_inputs", "data metrics"):
                v.sort(key=lambda x: json.dumps(x, sort_keys=True))  # sets, in whatever order
            if key == "latest_versions":
                v.sort(key=lambda x: x["version"])
            return v
        if key == "experiment_id":
            return "<experiment>"
        if key in TIMES and isinstance(v, int) and v > 1_600_000_000_000:
            return "<time>"
        if key == "next_page_token":
            return "<token>"
        if isinstance(v, float) and v == int(v if math.isfinite(v) else 0):
            return int(v)  # 1.0 and 1 are the same JSON number to every client
        return self.hide(v) if isinstance(v, str) else v


class Call:
    def __init__(self, method, path, body=None, query=None, keep=None, raw=None, name=None, headers=None, read=None):
        self.method, self.path, self.body, self.query = method, path, body, query
        self.keep, self.raw, self.headers, self.read = keep or {}, raw, headers, read
        self.name = name or f"{method} {path} {json.dumps(query if query is not None else body, ensure_ascii=True)[:160]}"

    def send(self, side):
        path = side.fill(self.path)
        url = side.url + (path if path.startswith("/") else API + path)
        kw = {"timeout": 60, "headers": dict(self.headers or {})}
        if self.raw is not None:
            kw["data"] = self.raw
            kw["headers"].setdefault("Content-Type", "application/json")
        elif self.body is not None:
            kw["data"] = json.dumps(side.fill(self.body))
            kw["headers"].setdefault("Content-Type", "application/json")
        if self.query is not None:
            kw["params"] = side.fill(self.query)
        try:
            r = NO_RETRY.request(self.method, url, **kw)
        except requests.ConnectionError:
            return {"status": "<cut off>"}
        if self.read:
            return {"status": r.status_code, "body": side.plain(self.read(r))}
        try:
            data = r.json()
        except ValueError:
            return {"status": r.status_code, "body": "<not JSON>" if r.status_code >= 400 else side.plain(r.text)}
        if r.ok:
            for name, where in self.keep.items():
                v = data
                for step in where.split("."):
                    try:
                        v = v[int(step)] if isinstance(v, list) else v.get(step)
                    except (IndexError, AttributeError):
                        v = None
                    if v is None:
                        break
                if v is not None:
                    side.names[name] = str(v)
        if not r.ok and isinstance(data, dict):
            return {"status": r.status_code, "code": data.get("error_code"), "message": side.hide(str(data.get("message")))}
        return {"status": r.status_code, "body": side.plain(data)}


def differences(path, a, b):
    """The places at which two values differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in sorted(a.keys() | b.keys()):
            if k not in a or k not in b:
                yield f"{path}.{k}", a.get(k, "<unset>"), b.get(k, "<unset>")
            else:
                yield from differences(f"{path}.{k}", a[k], b[k])
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(f"{path}[{i}]", x, y)
    elif a != b:
        yield path, a, b


def reason(call, place, theirs, ours):
    line = f"{call.name} | {place} | {theirs!r} | {ours!r}"
    for pattern, why in ON_PURPOSE:
        if re.search(pattern, line, re.S):
            return why
    return None


def main():
    from scenarios import calls

    theirs, ours = Side(sys.argv[1]), Side(sys.argv[2])
    verbose = "-v" in sys.argv
    n, bad, meant = 0, 0, {}
    for call in calls():
        n += 1
        a, b = call.send(theirs), call.send(ours)
        for place, x, y in differences("", a, b):
            why = reason(call, place, x, y)
            if why:
                meant[why] = meant.get(why, 0) + 1
                if not verbose:
                    continue
            else:
                bad += 1
            print(f"{'meant' if why else 'DIFFERS'} {call.name}\n   {place}\n   mlflow: {str(x)[:400]!r}\n   ours:   {str(y)[:400]!r}")
    print(f"{n} calls compared, {bad} differences")
    for why, count in sorted(meant.items(), key=lambda kv: -kv[1]):
        print(f"on purpose, {count}x: {why}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
