"""Online courses beside the same in class: who completed within the expected time and half a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.placement.cells import give, refuse
from analysis.registry import Registry
from analysis.words import Message

GRACE = pd.DateOffset(months=6)
WEEK = pd.Timedelta(days=7)
LEVEL, Z = 0.95, 1.959963984540054


def compare_online(reg: Registry) -> Estimate:
    """Compare the share of courses completed within the expected end and six months, online against class.

    Only courses of `reg` that are begun, whose six months are over, and of a kind and length (up to a week, longer)
    that is held both ways. Rows: `risk` `online`, and `class` weighted to the kinds and lengths of online;
    `risk_difference` `online_less_class` with a 95% interval (binomial in each kind and length). `n` turns. Who is sent
    to which mode is chosen, not drawn: a difference is no effect. Blocked where nothing is held both ways.

    >>> placement.compare_online(reg).pick(estimand="risk_difference").table["conf_high"].lt(0).tolist()
    [True]
    """
    rows = reg["training"]
    rows = rows[rows["started"].notna() & (rows["expected_end"] + GRACE <= reg.as_of)]
    done = rows["outcome"].eq("completed") & (rows["ended"] <= rows["expected_end"] + GRACE)
    brief = rows["expected_end"] - rows["started"] <= WEEK
    way = rows["mode"].eq("online").map({True: "online", False: "class"})
    frame = pd.DataFrame(
        {"kind": rows["kind"].astype("str"), "brief": brief, "way": way, "done": done.astype("float64")}
    )
    cells = frame.pivot_table("done", ["kind", "brief"], "way", aggfunc=["count", "sum"])
    cells = cells.dropna() if frame["way"].nunique() == 2 else cells.iloc[:0]
    if cells.empty:
        reason = Message("Not assessable: no kind of course is held both online and in class.")
        return refuse(["online", "class", "online_less_class"], {}, [reason])
    n, count = cells["count"], cells["sum"]
    share = count / n
    weight = n["online"] / n["online"].sum()
    means = share.mul(weight, axis="index").sum()
    error = np.sqrt((share * (1 - share) / n).mul(weight**2, axis="index").sum().sum())
    base = {"outcome": "completed", "population": "ALL"}
    parts = [
        {
            **base,
            "estimand": "risk",
            "term": one,
            "estimate": means[one],
            "n": n[one].sum(),
            "n_event": count[one].sum(),
        }
        for one in ("online", "class")
    ]
    gap = means["online"] - means["class"]
    ends = {"conf_low": gap - Z * error, "conf_high": gap + Z * error, "conf_level": LEVEL, "std_error": error}
    between = {"estimand": "risk_difference", "term": "online_less_class", "estimate": gap, "n": n.sum().sum()}
    return give("online", [*parts, {**base, **between, **ends}], {})
