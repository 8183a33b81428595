"""Who holds the key posts on a day, and who of them was trained: before taking office, after, or not."""

from __future__ import annotations

import pandas as pd

from analysis.errors import PlacementError, check_options
from analysis.estimate import Estimate
from analysis.placement.sent import NO_OFFICE, SAME_POST
from analysis.registry.contract import POSTGRADUATE, TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import PARTS, Row, entry, give
from analysis.standards import key_offices, offices
from analysis.words import Message

TRAINED = ("before", "after", "studying", "never")
NO_OFFICES = Message("No office of any post is on file: who holds a key post is not assessable.")


def key_holders(reg: Registry) -> pd.DataFrame:
    """Give who holds a key post on reg's day: `person_id`, `office`, and `since` when without a break."""
    posts = reg["posts"]
    posts = posts[~posts["concurrent"] & ~posts["decision"].isin(NO_OFFICE) & posts["office"].isin(key_offices())]
    posts = posts.sort_values(["person_id", "started"], kind="stable")
    same = posts["person_id"].eq(posts["person_id"].shift()) & posts["office"].eq(posts["office"].shift())
    goes_on = same & (posts["decision"].isin(SAME_POST) | (posts["started"] <= posts["ended"].shift()))
    since = posts.groupby(["person_id", (~goes_on).cumsum()])["started"].transform("min")
    held = posts.assign(since=since)[~(posts["ended"] <= reg.as_of) & (posts["started"] <= reg.as_of)]
    return held[["person_id", "office", "since"]].drop_duplicates("person_id").reset_index(drop=True)


def count_key_posts(reg: Registry, *, exposure: str = "postgraduate") -> Estimate:
    """Count the holders of key posts on the day of `reg`, and those trained in courses of kind `exposure`.

    Rows: `heads` `holders` and of them `before` (completed a course, or had its degree, before taking the office),
    `after` (since), `studying` (started, no result yet) and `never`, with `n` the holders; `population` is the office,
    the level of the unit (`unit_level[...]`) or ALL. A stock, not an effect: whoever was chosen may have been sent for
    it. Blocked where no office is known.

    >>> placement.count_key_posts(reg).table["population"].iloc[0]
    'ALL'
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    base, spec = {"method": "holders", "date": reg.as_of}, {"exposure": exposure, "as_of": reg.as_of}
    holders = key_holders(reg)
    if holders.empty:
        return give(base, [entry("heads", "holders")], spec, [NO_OFFICES], "blocked")
    done, begun = first_trained(reg, exposure)
    ended = done.reindex(holders["person_id"]).set_axis(holders.index)
    started = holders["person_id"].isin(begun)
    state = pd.Series("never", index=holders.index).mask(started, "studying").mask(ended.notna(), "after")
    state = state.mask(ended <= holders["since"], "before")
    level = holders["office"].astype("str").map({code: f"unit_level[{one.level}]" for code, one in offices().items()})
    rows = _rows(state, pd.Series("ALL", index=holders.index))
    return give(base, [*rows, *_rows(state, level), *_rows(state, holders["office"].astype("str"))], spec)


def first_trained(reg: Registry, exposure: str) -> tuple[pd.Series, pd.Series]:
    """Give the day on which each person first completed such a course or got its degree; and who has no result yet."""
    courses, awards = reg["training"], reg["qualifications"]
    courses = courses[courses["kind"].eq(exposure) & courses["started"].notna()]
    theory = awards["kind"].eq("political_theory") & (exposure == "political_theory")
    awards = awards[theory | awards["level"].isin(POSTGRADUATE) & (exposure == "postgraduate")]
    done = courses[courses["outcome"].eq("completed")].set_index("person_id")["ended"]
    both = pd.concat([done, awards.set_index("person_id")["awarded"]])
    return both.groupby(level=0).min(), courses.loc[courses["outcome"].isna(), "person_id"]


def _rows(state: pd.Series, group: pd.Series) -> list[Row]:
    rows = []
    for name, mine in state.groupby(group, sort=True):
        counts = {"holders": len(mine), **{one: int(mine.eq(one).sum()) for one in TRAINED}}
        rows += [
            entry("heads", term, float(count), n=len(mine), population=name, outcome=PARTS)
            for term, count in counts.items()
        ]
    return rows
