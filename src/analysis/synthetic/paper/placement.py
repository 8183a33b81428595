"""What the synthetic registry says of posts after a course, of classes and their schools, and of what was paid back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.synthetic.paper.clerk import EMPTY, Clerk

SCHOOLS = 5
LINKED = 0.2  # share of postgraduate classes that are joint programmes; assumed
TUITION = 0.7  # share of a course's cost that is fees; assumed
TIMES = 2  # service owed, as multiples of the time of study (rules.yml)


def place(tables: Mapping[str, pd.DataFrame], clerk: Clerk) -> dict[str, pd.DataFrame]:
    """Give `posts` and `training` with what hangs on each other: fields of posts, classes, sums paid back."""
    training = _classes(tables["training"], clerk)
    return {"posts": _fit(tables["posts"], training, clerk), "training": _repay(training, tables["exits"], clerk)}


def _classes(training: pd.DataFrame, clerk: Clerk) -> pd.DataFrame:
    """Put the postgraduate courses begun into classes of a school, a level and an intake; split their cost."""
    begun = training["kind"].eq("postgraduate") & training["started"].notna()
    school = clerk.later.integers(1, SCHOOLS + 1, len(training))
    intake = training["started"].dt.strftime("%Y%m")
    name = pd.Series(school, index=training.index).astype("str") + "-" + intake + "-" + training["level"].astype("str")
    place, classes = pd.factorize(name)
    linked = np.where(clerk.later.random(len(classes))[place] < LINKED, "yes", "no")
    return training.assign(
        class_id=name.where(begun),
        provider=("Trường đại học số " + pd.Series(school, index=training.index).astype("str")).where(begun),
        linked=pd.Series(linked, index=training.index, dtype="str").where(begun),
        cost_tuition=(TUITION * training["cost"]).round(-5),
        commitment_until=np.full(len(training), EMPTY),
        cost_allowance=training["cost"] - (TUITION * training["cost"]).round(-5),
    )


def _fit(posts: pd.DataFrame, training: pd.DataFrame, clerk: Clerk) -> pd.DataFrame:
    """Let the posts that completers hold from then on ask for the field they studied, for the share planted."""
    done = training[training["kind"].eq("postgraduate") & training["outcome"].eq("completed")]
    done = done.drop_duplicates("person_id")
    fits = done[clerk.later.random(len(done)) < clerk.settings.paper.field_match].set_index("person_id")
    studied, since = (fits[name].reindex(posts["person_id"]).set_axis(posts.index) for name in ("field", "ended"))
    later = posts["field"].notna() & studied.notna() & ~(posts["ended"] <= since)
    return posts.assign(field=posts["field"].mask(later, studied))


def _repay(training: pd.DataFrame, exits: pd.DataFrame, clerk: Clerk) -> pd.DataFrame:
    """Let some of those who resigned before they had served twice the time of study pay the rest back."""
    quit_on = training["person_id"].map(exits[exits["reason"].eq("resignation")].groupby("person_id")["exited"].max())
    owed = TIMES * (training["ended"] - training["started"])
    left = 1 - (quit_on - training["ended"]) / owed
    broke = training["outcome"].eq("completed") & left.between(0, 1, inclusive="neither") & training["cost"].notna()
    pays = clerk.later.random(len(training)) < clerk.settings.paper.repaid
    return training.assign(repaid=(training["cost"] * left).round(-3).where(broke & pays))
