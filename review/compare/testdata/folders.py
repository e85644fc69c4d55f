"""Makes folders.json: what scikit-learn, scipy and statsmodels say to the same answers.

    python -m venv /tmp/stats && /tmp/stats/bin/pip install scikit-learn scipy statsmodels
    /tmp/stats/bin/python folders.py > folders.json

It writes nothing else, draws from fixed seeds, and rounds inputs so that every
reader sees the same numbers.
"""

import json
import sys

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

LEVEL = 0.95


def losses(name, y, pred, score):
    """The numbers per example whose mean the metric is."""
    if name == "accuracy":
        return (pred == y) * 1.0
    if name == "mae":
        return np.abs(pred - y)
    if name == "mse":
        return (pred - y) ** 2.0
    if name == "brier":
        return (score - y) ** 2
    p = np.clip(score, np.finfo(float).eps, 1 - np.finfo(float).eps)
    return -np.where(y == 1, np.log(p), np.log(1 - p))


def value(name, y, pred, score):
    return float({
        "accuracy": lambda: metrics.accuracy_score(y, pred),
        "f1": lambda: metrics.f1_score(y, pred),
        "f1_macro": lambda: metrics.f1_score(y, pred, average="macro"),
        "precision": lambda: metrics.precision_score(y, pred),
        "recall": lambda: metrics.recall_score(y, pred),
        "roc_auc": lambda: metrics.roc_auc_score(y, score),
        "log_loss": lambda: metrics.log_loss(y, score),
        "brier": lambda: metrics.brier_score_loss(y, score),
        "mae": lambda: metrics.mean_absolute_error(y, pred),
        "mse": lambda: metrics.mean_squared_error(y, pred),
        "rmse": lambda: metrics.root_mean_squared_error(y, pred),
    }[name]())


def delong(y, a, b):
    """DeLong by its definition: every positive against every negative."""
    parts = []
    for s in (a, b):
        kernel = (s[y == 1][:, None] > s[y == 0]) + 0.5 * (s[y == 1][:, None] == s[y == 0])
        parts.append((kernel.mean(axis=1), kernel.mean(axis=0)))
    (pa, na), (pb, nb) = parts
    d = pb.mean() - pa.mean()
    se = np.sqrt(np.var(pb - pa, ddof=1) / len(pa) + np.var(nb - na, ddof=1) / len(na))
    half = stats.norm.ppf(1 - (1 - LEVEL) / 2) * se
    return 2 * stats.norm.sf(abs(d / se)), d - half, d + half


def midp(y, a, b):
    lost, won = int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum())
    exact = mcnemar([[0, lost], [won, 0]], exact=True).pvalue
    return min(1.0, float(exact - stats.binom.pmf(min(lost, won), lost + won, 0.5))) if lost != won else 1.0


def tango(y, a, b):
    """The score interval as the roots of its statistic, by brentq."""
    lost, won, n = int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum()), len(y)
    z = stats.norm.ppf(1 - (1 - LEVEL) / 2)

    def score(delta):
        qa, qb, qc = 2 * n, -lost - won + (2 * n - won + lost) * delta, -lost * delta * (1 - delta)
        q = (np.sqrt(qb * qb - 4 * qa * qc) - qb) / (2 * qa)
        return (won - lost - n * delta) / np.sqrt(n * (2 * q + delta * (1 - delta)))

    d = (won - lost) / n
    find = scipy.optimize.brentq
    return find(lambda x: score(x) - z, -0.999, d - 1e-9, xtol=1e-14), find(lambda x: score(x) + z, d + 1e-9, 0.999, xtol=1e-14)


def boot(name, y, a, b, rng, draws=4000):
    out = []
    for _ in range(draws):
        i = rng.integers(0, len(y), len(y))
        out.append(value(name, y[i], b[i], None) - value(name, y[i], a[i], None))
    out = np.array(out)
    alpha = (1 - LEVEL) / 2
    low, high = np.quantile(out, [alpha, 1 - alpha])
    d = value(name, y, b, None) - value(name, y, a, None)
    return 2 * stats.norm.sf(abs(d / out.std())), low, high


def binary(seed, n, share, skill, clusters=0, slices=False):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    group = rng.integers(0, clusters, n) if clusters else None
    shared = rng.normal(size=clusters)[group] if clusters else 0
    sides = []
    for k in skill:
        s = np.round(1 / (1 + np.exp(-(k * (2 * y - 1) + 1.5 * rng.normal(size=n) + shared * rng.random()))), 3)
        sides.append((s, (s > 0.5).astype(int)))
    part = rng.choice(["a", "b", "c", "d"], n) if slices else None
    return y, sides, group, part


def metric(name, **expected):
    return {"name": name, **{k: (v if isinstance(v, str) else float(v)) for k, v in expected.items()}}


def examples(name, y, sides, group=None, part=None):
    (sa, a), (sb, b) = sides
    rows = []
    for i in range(len(y)):
        row = {"id": f"ex-{i:04d}", "label": str(y[i]), "a": str(a[i]), "b": str(b[i])}
        if sa is not None:
            row |= {"sa": repr(float(sa[i])), "sb": repr(float(sb[i]))}
        if group is not None:
            row["cluster"] = f"doc{group[i]}"
        if part is not None:
            row["slice"] = str(part[i])
        rows.append(row)
    return {"name": name, "level": LEVEL, "rows": rows, "metrics": [], "slices": []}


def means(case, y, sides, names, group=None):
    (sa, a), (sb, b) = sides
    for name in names:
        x, z = losses(name, y, a, sa), losses(name, y, b, sb)
        if group is not None:
            fit = sm.OLS(z - x, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": group}, use_t=True)
            (low, high), p, method = fit.conf_int(1 - LEVEL)[0], fit.pvalues[0], "cluster-robust-t"
        elif name == "accuracy":
            (low, high), p, method = tango(y, a, b), midp(y, a, b), "mcnemar-mid-p+tango"
        else:
            test = stats.ttest_rel(z, x)
            (low, high), p, method = test.confidence_interval(LEVEL), test.pvalue, "paired-t"
        case["metrics"].append(metric(name, baseline=value(name, y, a, sa), candidate=value(name, y, b, sb),
                                      p=p, low=low, high=high, method=method, within=1e-9))


def ratios(case, y, sides, names, seed):
    (sa, a), (sb, b) = sides
    for name in names:
        p, low, high = boot(name, y, a, b, np.random.default_rng(seed))
        case["metrics"].append(metric(name, baseline=value(name, y, a, sa), candidate=value(name, y, b, sb),
                                      p=p, low=low, high=high, method="", within=0.06))


def seeds():
    """Matched and unmatched seeds: the two sources of noise added, by numpy."""
    rng = np.random.default_rng(5)
    n, y = 120, np.random.default_rng(6).integers(0, 2, 120)
    out = []
    for name, ka, kb in (("matched seeds", "12345", "12345"), ("other seeds", "1234", "678")):
        right = [[rng.random(n) < p for _ in k] for p, k in ((0.72, ka), (0.84, kb))]
        rows = {"a": [], "b": []}
        for side, keys, runs in (("a", ka, right[0]), ("b", kb, right[1])):
            for key, ok in zip(keys, runs):
                rows[side] += [{"id": f"{i}", "label": str(y[i]), "pred": str(y[i] if ok[i] else 1 - y[i]), "seed": key} for i in range(n)]
        ra, rb = np.array(right[0], float), np.array(right[1], float)
        delta = rb.mean(axis=0) - ra.mean(axis=0)
        parts = [(np.var(delta, ddof=1) / n, n - 1)]
        if ka == kb:
            parts.append((np.var(rb.mean(axis=1) - ra.mean(axis=1), ddof=1) / len(ka), len(ka) - 1))
        else:
            welch = stats.ttest_ind(rb.mean(axis=1), ra.mean(axis=1), equal_var=False)
            parts.append(((delta.mean() / welch.statistic) ** 2, welch.df))
        v = sum(k for k, _ in parts)
        df = v * v / sum(k * k / f for k, f in parts)
        half = stats.t.ppf(1 - (1 - LEVEL) / 2, df) * np.sqrt(v)
        out.append({"name": name, "level": LEVEL, "seeds": rows, "metrics": [metric(
            "accuracy", baseline=ra.mean(), candidate=rb.mean(), p=2 * stats.t.sf(abs(delta.mean()) / np.sqrt(v), df),
            low=delta.mean() - half, high=delta.mean() + half, method="examples+seeds-t", within=1e-9)]})
    return out


def main():
    cases = []
    y, sides, _, part = binary(1, 300, 0.3, (0.9, 1.3), slices=True)
    case = examples("binary", y, sides, part=part)
    means(case, y, sides, ["accuracy", "log_loss", "brier", "mae", "mse"])
    ratios(case, y, sides, ["f1", "f1_macro", "precision", "recall", "rmse"], 11)
    p, low, high = delong(y, sides[0][0], sides[1][0])
    case["metrics"].append(metric("roc_auc", baseline=value("roc_auc", y, None, sides[0][0]), candidate=value("roc_auc", y, None, sides[1][0]),
                                  p=p, low=low, high=high, method="delong", within=1e-9))
    names = sorted(set(part))
    raw = [midp(y[part == k], sides[0][1][part == k], sides[1][1][part == k]) for k in names]
    case["slices"] = [{"value": k, "n": int((part == k).sum()), "p": float(p), "holm": float(h), "bh": float(b)} for k, p, h, b in zip(
        names, raw, multipletests(raw, method="holm")[1], multipletests(raw, method="fdr_bh")[1])]
    cases.append(case)

    y, sides, group, _ = binary(2, 240, 0.4, (0.8, 1.2), clusters=24)
    case = examples("clusters", y, sides, group=group)
    means(case, y, sides, ["accuracy", "log_loss", "brier"], group=group)
    cases.append(case)

    rng = np.random.default_rng(3)
    y = np.round(rng.normal(20, 5, 150), 2)
    sides = [(None, np.round(y + rng.normal(0.2, s, 150), 2)) for s in (1.5, 1.3)]
    case = examples("regression", y, sides)
    means(case, y, sides, ["mae", "mse"])
    ratios(case, y, sides, ["rmse"], 12)
    cases.append(case)

    rng = np.random.default_rng(4)
    y = rng.integers(0, 4, 250)
    sides = [(None, np.where(rng.random(250) < p, y, rng.integers(0, 5, 250))) for p in (0.6, 0.75)]
    case = examples("five classes", y, sides)
    means(case, y, sides, ["accuracy"])
    ratios(case, y, sides, ["f1_macro"], 13)
    cases.append(case)
    cases += seeds()

    tails = [{"t": t, "df": df, "p": float(2 * stats.t.sf(t, df)), "quantile": float(stats.t.ppf((1 + lv) / 2, df)), "level": lv}
             for t, df, lv in ((0.1, 1, 0.95), (2.776445, 4, 0.99), (1.5, 2.7, 0.9), (12.7, 1, 0.95), (3.3, 29, 0.999), (1.96, 1e5, 0.95), (8, 999, 0.95), (30, 12.5, 0.5))]
    json.dump({"made_by": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, statsmodels {statsmodels.__version__}",
               "tails": tails, "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
