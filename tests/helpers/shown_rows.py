"""Protected rows of many kinds, for figures and sentences: several targets, a single one, hidden rows, nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.effects import measure_balance, weigh_arms
from analysis.estimate import Estimate, blocked
from analysis.publishing.gate.disclosure import protect, protect_counts
from analysis.targets.attainment import HEADS
from analysis.targets.groups import heads_needed
from analysis.text import Text

DAY = pd.Timestamp("2025-06-30")
SHARE = {"T1": 0.7, "T2": 0.5, "T3": 0.4, "T4": 0.3}
GROUPS = {"T1": (52, 35, 4, 3), "T2": (300, 121, 21, 31), "T3": (280, 66, 12, 5), "T4": (900, 190, 44, 22)}
LETTERS = r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]"
ENGLISH = r"\b(the|of|and|people|with|target|targets|share|shares|short|needed|studying|degree|few|not|group|groups)\b"


def attained(name: str, days=(DAY,)) -> Estimate:
    """Build the rows of one target, as measure_attainment gives them; a degree more every eight days given."""
    rows = [row for place, day in enumerate(days) for row in day_rows(name, day, place // 8)]
    return Estimate(table=rows, spec={"reading": None})


def day_rows(name: str, day: pd.Timestamp, more: int) -> list[dict]:
    members, has, studying, unverified = GROUPS[name]
    has, need = has + more, heads_needed(SHARE[name], members)
    base = {"method": "census", "population": "ALL", "outcome": name, "date": day, "interval": "none", "n": members}
    readings = {
        "has_or_studying": has + studying,
        "has": has,
        "has_and_studying": 2,
        "has_or_on_schedule": has + studying // 2,
    }
    counts = (members, has, studying, unverified, has + studying, need, max(need - has - studying, 0))
    rows = [{**base, "estimand": "attainment", "term": term, "estimate": one / members, "n_event": one}
            for term, one in readings.items()]  # fmt: skip
    return rows + [
        {**base, "estimand": "heads", "term": term, "estimate": one} for term, one in zip(HEADS, counts, strict=True)
    ]


def empty(name: str) -> Estimate:
    rows = attained(name).table.assign(n=0, n_event=float("nan"))
    return blocked(rows, {"reading": None}, Text("No members.", "Không có thành viên."))


def attainment(names=tuple(GROUPS), nobody=()) -> pd.DataFrame:
    rows = [protect(attained(name)) for name in names] + [protect(empty(name)) for name in nobody]
    return pd.concat(rows, ignore_index=True)


def history(names=tuple(GROUPS)) -> pd.DataFrame:
    days = pd.date_range("2020-01-31", DAY, freq="ME")
    return pd.concat([protect(attained(name, days)) for name in names], ignore_index=True)


def flows(names=tuple(GROUPS), moved=(31, 3, -2, -24), status="ok") -> pd.DataFrame:
    tables = []
    for name in names:
        terms = {
            "opening": 120,
            **dict(zip(("enrolled", "entered", "dropped", "left"), moved, strict=True)),
            "closing": 120 + sum(moved),
        }
        rows = [{"method": "ledger", "population": "ALL", "outcome": name, "date": DAY, "estimand": "heads", "term": term,
                 "estimate": one, "n": 300, "n_event": abs(one)} for term, one in terms.items()]  # fmt: skip
        estimate = Estimate(table=rows, spec={"reading": "has_or_studying"})
        if status == "blocked":
            estimate = blocked(estimate.table, estimate.spec, Text("No members.", "Không có thành viên."))
        tables.append(protect(estimate))
    return pd.concat(tables, ignore_index=True)


def ratios(hidden=(), naive: float = 1.8, first: float = 1.31) -> pd.DataFrame:
    values = {
        "ever_trained": naive,
        "training[studying]": 0.62,
        "training[0-11]": first,
        "training[12-23]": 1.44,
        "training[24+]": 1.2,
    }
    rows = [{"method": "cox_efron", "estimand": "hazard_ratio", "term": term, "estimate": one, "conf_low": one * 0.7,
             "conf_high": one * 1.4, "std_error": 0.18, "se_scale": "log", "n": 4321, "n_exposed": 210,
             "n_event": 4 if term in hidden else 41, "run": "unadjusted" if term == "ever_trained" else ""}
            for term, one in values.items()]  # fmt: skip
    return protect(Estimate(table=rows, spec={}))


def balance(weights="w") -> pd.DataFrame:
    """Rows of a love plot: women and the young are trained more often."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"sex": rng.choice(["female", "male"], 600), "score": rng.normal(size=600)})
    p = 1 / (1 + np.exp(-(frame["score"] + 0.8 * (frame["sex"] == "female"))))
    frame["trained"] = (rng.random(600) < p).astype(int)
    frame["w"] = weigh_arms(p, frame["trained"])
    return protect(measure_balance(frame, "trained", ["sex", "score"], weights=weights))


def people(numbers=(1200, 340, 4)) -> pd.DataFrame:
    frame = pd.DataFrame({"kind": [f"K{place}" for place in range(len(numbers))], "people": numbers})
    return protect_counts(frame, ["people"])


TRIAL = {"population": "eligible", "outcome": "event_1", "n": 1000, "conf_level": 0.95, "se_scale": "identity"}


def trial_rows() -> pd.DataFrame:
    table = []
    for time, none, some in ((12, 0.03, 0.02), (24, 0.05, 0.05), (36, 0.07, 0.10)):
        for arm, risk in ((0, none), (1, some)):
            table.append({**TRIAL, "method": "pooled_logistic", "estimand": "risk", "term": f"trained[{arm}]", "time": time, "estimate": risk,
                          "std_error": 0.01, "conf_low": risk - 0.02, "conf_high": risk + 0.02, "n_event": 60})  # fmt: skip
        gap = {**TRIAL, "term": "trained", "time": time, "n_exposed": 200, "n_event": 40}
        table.append({**gap, "method": "pooled_logistic", "estimand": "risk_difference", "estimate": some - none, "std_error": 0.01,
                      "conf_low": some - none - 0.02, "conf_high": some - none + 0.02})  # fmt: skip
        table.append(
            {
                **gap,
                "method": "pooled_logistic",
                "estimand": "risk_ratio",
                "estimate": some / none,
                "conf_low": 0.8,
                "conf_high": 2.0,
            }
        )
        table.append(
            {
                **gap,
                "run": "ever_trained",
                "method": "ever_trained",
                "estimand": "risk_difference",
                "estimate": 0.1,
                "conf_low": 0.08,
                "conf_high": 0.12,
            }
        )
    gap = {**TRIAL, "term": "trained", "time": 36, "n_exposed": 200, "n_event": 40, "estimand": "risk_difference"}
    table += [{**gap, "run": "placebo", "method": "placebo", "estimate": 0.001 * k} for k in range(-20, 20)]
    table += [
        {**gap, "run": "observed", "method": "placebo", "estimate": 0.03},
        {**gap, "run": "main", "method": "pooled_logistic", "estimate": 0.03},
    ]
    table += [{**gap, "run": "specification", "method": "weighting", "estimate": 0.002 * k} for k in range(-3, 20)]
    for method, value in (("unweighted", 0.4), ("weighted", 0.02)):
        table.append({**TRIAL, "run": "balance", "method": method, "estimand": "standardised_difference", "term": "sex[male]", "estimate": value,
                      "n_exposed": 200, "n_event": 40})  # fmt: skip
    return protect(Estimate(table=table, spec={}))
