"""Online courses beside the same in class: who completed within the expected time and half a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.placement.cells import refuse, told
from analysis.registry import Registry
from analysis.results import entry
from analysis.words import Message

GRACE = pd.DateOffset(months=6)
WEEK = pd.Timedelta(days=7)
LEVEL, Z = 0.95, 1.959963984540054


def compare_online(reg: Registry) -> Estimate:
    """Compare the share of courses completed within the expected end and six months, online against class.

    Only courses of `reg` that are begun, whose six months are over, and of a kind and length (up to a week, longer)
    that is held both ways. Rows: `risk` `online`, and `class` weighted to the kinds and lengths of online;
    `risk_difference` `online_less_class` with a 95% interval whose errors go by person, who may attend often. `n` are
    people, `n_event` those who completed one in time. Who is sent to which mode is chosen, not drawn: a difference is
    no effect. Blocked where nothing is held both ways.

    >>> placement.compare_online(reg).pick(estimand="risk_difference").table["conf_high"].lt(0).tolist()
    [True]
    """
    rows = reg["training"]
    rows = rows[rows["started"].notna() & (rows["expected_end"] + GRACE <= reg.as_of)]
    done = rows["outcome"].eq("completed") & (rows["ended"] <= rows["expected_end"] + GRACE)
    brief = rows["expected_end"] - rows["started"] <= WEEK
    way = rows["mode"].eq("online").map({True: "online", False: "class"})
    frame = pd.DataFrame(
        {"person": rows["person_id"], "kind": rows["kind"].astype("str"), "brief": brief, "way": way, "done": done}
    )
    cells = frame.pivot_table("done", ["kind", "brief"], "way", aggfunc=["count", "mean"])
    cells = cells.dropna() if frame["way"].nunique() == 2 else cells.iloc[:0]
    if cells.empty:
        reason = Message("Not assessable: no kind of course is held both online and in class.")
        return refuse(["online", "class", "online_less_class"], {}, [reason])
    size, share = cells["count"], cells["mean"]
    weight = size["online"] / size["online"].sum()
    means = share.mul(weight, axis="index").sum()
    ours = frame.join(weight.rename("weight"), on=["kind", "brief"]).dropna(subset="weight")
    cell = ours.groupby(["kind", "brief", "way"])["done"]
    ours = ours.assign(size=cell.transform("size"), share=cell.transform("mean"))
    sign = ours["way"].map({"online": 1, "class": -1})
    pulls = sign * ours["weight"] * (ours["done"].astype("float64") - ours["share"]) / ours["size"]
    error = float(np.sqrt(pulls.groupby(ours["person"]).sum().pow(2).sum()))
    base = {"outcome": "completed", "interval": "none"}
    parts = []
    for one, mine in ours.groupby("way"):
        counts = {"n": mine["person"].nunique(), "n_event": mine.loc[mine["done"], "person"].nunique()}
        parts.append(entry("risk", str(one), means[one], **base, **counts))
    gap = means["online"] - means["class"]
    ends = {"conf_low": gap - Z * error, "conf_high": gap + Z * error, "conf_level": LEVEL, "std_error": error,
            "interval": "by person"}  # fmt: skip
    parts.append(entry("risk_difference", "online_less_class", gap, **base | ends, n=ours["person"].nunique()))
    return told("online", pd.DataFrame(parts), {})
