"""Do those who completed a course hold a post of the field they studied: against colleagues who took no course."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.careers.states import Clock, by_person, in_service, make_clock, month_numbers, rows_of
from analysis.careers.window import last_whole_month
from analysis.errors import Blocked, PlacementError, check_options
from analysis.estimate import Estimate
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import entry, give
from analysis.words import Message

LEVEL, LEAST = 0.95, 20
NO_FIELDS = Message("No field of posts or of courses is on file: whether posts fit what was studied is not assessable.")
NOT_ALL = Message(
    "Only those whose post has a field on file are compared. If fields are noted where they fit, the share is too high."
)


def match_fields(reg: Registry, *, exposure: str = "postgraduate", months: int = 24) -> Estimate:
    """Compare in `reg` the field of the post `months` after a course of kind `exposure` with the one studied.

    Rows: `risk` `completed` (share whose post asks for the field they studied; `n` those still in service with a field
    on file, `n_event` the matches), `risk` `colleagues` (the share expected by chance: of colleagues of the same kind
    of staff and level of unit who began no such course, those whose post, that month, asks for that field) and
    `risk_difference` `excess`, whose interval inverts the score test of a sum of unequal chances, uncertain too.
    Descriptive: completers who left are not in it. Blocked under `LEAST` completers, or without fields. Raises
    PlacementError for an unknown kind.

    >>> placement.match_fields(reg, months=12).spec["months"]
    12
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    spec, base = (
        {"exposure": exposure, "months": months, "as_of": reg.as_of},
        {"method": "standardised", "time": months},
    )
    empty = [entry("risk", "completed"), entry("risk", "colleagues"), entry("risk_difference", "excess")]
    try:
        done = _completers(reg, exposure, months)
        pairs = _compare(reg, exposure, done)
    except Blocked as stop:
        return give(base, empty, spec, stop.reasons, "blocked")
    match, chance, size = pairs["match"].sum(), pairs["chance"].to_numpy(), len(pairs)
    low, high = score_interval(match, chance, _of_colleagues(pairs))
    counts = {"n": size, "n_event": int(match)}
    gap = {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "score"}
    rows = [
        entry("risk", "completed", match / size, **counts),
        entry("risk", "colleagues", chance.mean(), **counts),
        entry("risk_difference", "excess", match / size - chance.mean(), **gap, **counts),
    ]
    return give(base, rows, spec, [NOT_ALL])


def score_interval(matches: float, chance: np.ndarray, more: float = 0.0) -> tuple[float, float]:
    """Give the excesses over unequal chances, the same for everybody, that a score test of the matches keeps.

    `more` is the variance that the sum of the chances has itself.
    """
    z = stats.norm.ppf(0.5 + LEVEL / 2)

    def off(excess: float, side: int) -> float:
        shares = np.clip(chance + excess, 0, 1)
        return matches - shares.sum() + side * z * np.sqrt((shares * (1 - shares)).sum() + more)

    ends = []
    for side in (-1, 1):
        least, most = off(-1, side), off(1, side)  # of none and of all
        excess = optimize.brentq(off, -1, 1, args=(side,)) if least > 0 > most else -1 if least <= 0 else 1
        ends.append(float(np.clip(chance + excess, 0, 1).mean() - chance.mean()))
    return ends[0], ends[1]


def _of_colleagues(pairs: pd.DataFrame) -> float:
    """Give the variance of the sum of chances: a share of colleagues serves all completers of a kind and field."""
    cells = pairs.groupby(["kind", "field"]).agg(size=("chance", "size"), chance=("chance", "mean"), of=("of", "mean"))
    return float((cells["size"] ** 2 * cells["chance"] * (1 - cells["chance"]) / cells["of"]).sum())


def _completers(reg: Registry, exposure: str, months: int) -> pd.DataFrame:
    """Give the first completed course of each person of which that many months have passed: row, field and month."""
    last = last_whole_month(reg.as_of)
    clock = make_clock(reg, last, 1)
    done = reg["training"]
    done = done[done["kind"].eq(exposure) & done["outcome"].eq("completed") & done["field"].notna()]
    done = by_person(clock, done, "ended").drop_duplicates("row")
    done = done.assign(month=month_numbers(done["ended"]) + months)
    done = done[done["month"] <= last][["row", "field", "month"]].reset_index(drop=True)
    if done.empty or not reg["posts"]["field"].notna().any():
        raise Blocked(NO_FIELDS)
    return done


def _compare(reg: Registry, exposure: str, done: pd.DataFrame) -> pd.DataFrame:
    """Give each completer with a known field of the post: whether it is the one studied, and the chance of that."""
    clock = make_clock(reg, int(done["month"].min()), int(np.ptp(done["month"]) + 1))
    posts = _posts(reg, clock)
    begun = reg["training"].loc[reg["training"]["kind"].eq(exposure), "person_id"]
    free = ~clock.people.isin(begun)
    serving = in_service(reg, clock)
    parts = []
    for month, mine in done.groupby("month"):
        here = posts[(posts["begins"] <= month) & (posts["ends"] > month)].drop_duplicates("row", keep="last")
        here = here[serving[here["row"], month - clock.first]]
        others = here[free[here["row"]]]
        sizes = others.groupby("kind").size()
        share = others.groupby(["kind", "field"]).size() / sizes
        held = mine.merge(here[here["kind"].isin(sizes.index)], on="row", suffixes=("", "_post"))
        chance = share.reindex(pd.MultiIndex.from_frame(held[["kind", "field"]]), fill_value=0.0).to_numpy()
        of = held["kind"].map(sizes)
        parts.append(held.assign(match=held["field"] == held["field_post"], chance=chance, of=of))
    pairs = pd.concat(parts, ignore_index=True)
    if len(pairs) < LEAST:
        raise Blocked("Under {least} completers have a post whose field is on file: no share is told.", least=LEAST)
    return pairs


def _posts(reg: Registry, clock: Clock) -> pd.DataFrame:
    """Give the posts whose field is on file, with the kind of staff and the level of the unit in one word."""
    posts = reg["posts"]
    posts = posts[~posts["concurrent"] & posts["field"].notna()].merge(reg["units"][["unit_id", "level"]], on="unit_id")
    posts = posts.assign(
        row=rows_of(clock, posts),
        begins=month_numbers(posts["started"]),
        ends=month_numbers(posts["ended"]),
        kind=posts["staff_kind"].astype("str") + " " + posts["level"].astype("str"),
    )
    return posts[posts["row"] >= 0].sort_values(["row", "begins"])[["row", "field", "begins", "ends", "kind"]]
