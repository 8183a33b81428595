"""Certificates of political theory in the synthetic registry: who holds which level, who owes one, and what is lost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.registry.contract import POLITICAL_THEORY
from analysis.standards import standards
from analysis.synthetic.paper.clerk import Clerk, date

STEPS = {level: step for step, level in enumerate(POLITICAL_THEORY)}  # elementary is 0
PAUSE = pd.Timedelta(days=30)
FAR = pd.Timestamp("2200-01-01").as_unit("ms")


def certify(tables: Mapping[str, pd.DataFrame], clerk: Clerk) -> pd.DataFrame:
    """Give `qualifications` with the theory certificates of founders, of completers, and of those in posts that ask.

    Whoever was ever in an office that asks for a level has at least the elementary one on file. Of the holders of an
    office the share planted owes; the others who lack the level are given it, by a course that the registry does not
    know. The file states which row is its person's highest.
    """
    paper, rng = clerk.settings.paper, clerk.later
    people, courses = _people(clerk), _courses(tables["training"])
    people["before"] = (courses.groupby("person_id")["step"].min() - 1).reindex(people.index).fillna(people["theory"])
    done = courses[courses["outcome"].eq("completed")]
    early = pd.Timestamp(clerk.covers) - people["recruited"]
    people["awarded"] = (people["recruited"] + rng.random(len(people)) * early.clip(lower=PAUSE)).dt.normalize()
    extract = pd.Timestamp(clerk.settings.extracted) + pd.offsets.MonthEnd()
    given = _given(_asked(clerk, tables["posts"], people, courses), rng, paper.owed, extract)
    before = people.rename(columns={"before": "step"}).query("step > 0")
    filed = given.index.isin(before.index) | given.index.isin(done["person_id"])
    parts = [
        before.reset_index(),
        done.assign(awarded=done["ended"]),
        given[(given["step"] > 0) | ~filed].reset_index(),
    ]
    rows = pd.concat(parts)[["person_id", "step", "awarded"]].sort_values(["person_id", "step"], ignore_index=True)
    rows = rows[~(rows["awarded"] >= rows["person_id"].map(people["left"]))].reset_index(drop=True)
    verified = rng.random(len(rows)) >= clerk.settings.degree_unverified
    made = clerk.table(
        "qualifications",
        person_id=rows["person_id"],
        kind="political_theory",
        level=pd.Series(np.array(POLITICAL_THEORY)[rows["step"].astype(int)], dtype="str"),
        awarded=rows["awarded"].astype("datetime64[ms]"),
        verified=verified,
        highest=~rows["person_id"].duplicated(keep="last"),
    )
    made = made[rng.random(len(made)) >= paper.certificates_lost]
    joined = pd.concat([tables["qualifications"].assign(highest=False), made])
    return joined.sort_values(["person_id", "awarded"], kind="stable", ignore_index=True)


def _people(clerk: Clerk) -> pd.DataFrame:
    who = np.flatnonzero(clerk.known)
    columns = {"recruited": date(clerk.state.recruited[who]), "left": clerk.exited[who]}
    index = pd.Index(clerk.person(who), name="person_id")
    return pd.DataFrame(columns | {"theory": clerk.state.theory[who]}, index=index)


def _courses(training: pd.DataFrame) -> pd.DataFrame:
    rows = training[training["kind"].eq("political_theory") & training["started"].notna()]
    return rows.assign(step=rows["level"].map(STEPS))


def _asked(clerk: Clerk, posts: pd.DataFrame, people: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """Give, by person, the last office that asks for a level: `asks`, `level` held by what is on file, since when."""
    day = pd.Timestamp(clerk.settings.extracted)
    ours = [one for one in standards() if one.kind == "political_theory" and one.since <= day]
    asks = pd.DataFrame([(office, STEPS[one.level]) for one in ours for office in one.offices]).groupby(0)[1].max()
    held = posts[~posts["concurrent"] & posts["office"].isin(asks.index)].sort_values("started", kind="stable")
    by = held.groupby("person_id")
    done = courses[courses["outcome"].eq("completed")].groupby("person_id")["step"].max()
    frame = pd.DataFrame({"office": by["office"].last(), "first": by["started"].first()}).join(people)
    frame["asks"] = frame["office"].map(asks)
    frame["last"] = courses.assign(ends=courses["ended"].fillna(FAR)).groupby("person_id")["ends"].max()
    frame["level"] = np.fmax(frame["before"], done.reindex(frame.index))
    return frame


def _given(asked: pd.DataFrame, rng: np.random.Generator, owed: float, extract: pd.Timestamp) -> pd.DataFrame:
    """Give those asked the level, but for the planted share and those still studying; or the elementary one."""
    lacks = asked["level"] < asked["asks"]
    share = lacks.groupby(asked["office"]).transform("mean")
    owes = rng.random(len(asked)) < owed / share.clip(lower=owed + 1e-9)
    early = asked["recruited"] + rng.random(len(asked)) * (asked["first"] - asked["recruited"]).clip(lower=PAUSE)
    late = (asked["last"].where(asked["last"] < FAR) + PAUSE).fillna(early)
    day = np.maximum(np.maximum(early, late), asked["awarded"] + PAUSE).dt.normalize().clip(upper=extract)
    gets = lacks & ~owes & ~asked["last"].eq(FAR) & (day < asked["left"].fillna(FAR))
    day = day.where(gets, asked["recruited"])
    return pd.DataFrame({"step": asked["asks"].where(gets, 0), "awarded": day})[gets | (asked["level"] == 0)]
