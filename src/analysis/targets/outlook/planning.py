"""What it would take: further enrolments for a wanted certainty, and one joint plan for groups that overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import Blocked, TargetsError
from analysis.estimate import Estimate
from analysis.reference import projection
from analysis.registry import Registry
from analysis.results import Row, entry, give
from analysis.targets.events import DAY, month, month_of
from analysis.targets.groups import Day, target_ids
from analysis.targets.outlook.ahead import look_ahead, look_out
from analysis.targets.outlook.allocation import MARKS, Limits, find_eligible, plan_jointly
from analysis.targets.outlook.panel import Panel, course_starts
from analysis.words import Message

SURE = 0.95  # the curve of a figure stops here
INTAKES = ["reading", "intake", "state"]
INTAKE_SHARE = 0.1  # a month of the year with so many of the starts is an intake


def plan_enrolments(
    reg: Registry,
    *,
    target: str | None = None,
    deadline: Day | None = None,
    certainty: Sequence[float] = (0.5, 0.8, 0.9),
    limits: Limits | None = None,
    beyond_age: bool = False,
    draws: int = 4000,
    seed: int = 20210910,
) -> Estimate:
    """Say how many more members in `reg` must be sent now for each `certainty` of meeting a `target` by a `deadline`.

    Rows a target: `heads` `eligible` (members who do not count and may be sent), `expected_gap` and `extra[0.8]` (the
    least number whose simulated probability reaches it; empty where the eligible do not suffice), `probability`
    `met[expected_gap]` and `met_with_extra` (by `n_exposed` further enrolments). Outcome ALL, for each certainty, where
    no target is stopped: `heads` `plan[0.8]` and `probability` `met_all[0.8]` of one joint plan of the fewest people
    under `limits` (default: none), empty where none was found. `details`: `plan` (people by class, never names; see
    `plan_classes`), `intakes` (latest useful ones; see `list_intakes`). `beyond_age` counts members past the age of
    sending too, who would study on their own account. `draws` and `seed` as in `project`. Assumes that those sent enrol
    now and are like others of their class.

    >>> targets.plan_enrolments(early, target="T4", draws=100).pick(term="eligible").table["estimate"].tolist()
    [116.0]
    """
    if not all(0 < one < 1 for one in certainty):
        raise TargetsError("Certainties lie between 0 and 1; given {certainty}.", certainty=list(certainty))
    day, panel, asked, good, stopped = look_out(reg, target, deadline)
    spec = {"target": target, "deadline": day, "certainty": list(certainty), "draws": draws, "seed": seed}
    base = {"method": "planning", "date": day}
    notes, limits = list(stopped), limits or Limits()
    rows = [entry("heads", f"extra[{one}]", outcome=name) for name in asked if name not in good for one in certainty]
    if not good:
        return give(base, rows, spec, notes, "blocked")
    ahead = look_ahead(panel, day, draws=draws, seed=seed)
    eligible = find_eligible(reg, ahead, seed=seed, beyond_age=beyond_age)
    notes += eligible.notes
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(4)[3])
    for name in good:
        place = panel.place(name)
        margin = ahead.margin[place]
        curve = ahead.chance(met_by_extra(margin, eligible.adds[place][eligible.member[place]], rng))
        rows += [{"outcome": name, **row} for row in _one_target(curve, margin, certainty)]
        notes += [
            Message(
                "{name}: {certainty:percent.0} certainty cannot be reached by training alone: too few members may be "
                "sent.",
                name=name,
                certainty=one,
            )
            for one in certainty
            if curve.max() < one
        ]
    joint, margin, plans = eligible.of(good), ahead.margin[list(map(panel.place, good))], []
    for one in () if stopped else certainty:
        heads, together = None, None
        try:
            sent, after = plan_jointly(joint, margin, one, limits, np.random.default_rng(seed))
            heads, together = len(sent), ahead.chance(np.all(after >= 0, axis=0))
            plans.append(sent.groupby([*good, *MARKS]).size().rename("people").reset_index().assign(certainty=one))
        except Blocked as stop:
            notes += stop.reasons
        rows += [
            entry("heads", f"plan[{one}]", heads, outcome="ALL"),
            entry("probability", f"met_all[{one}]", together, outcome="ALL"),
        ]
    details = {
        "plan": pd.concat(plans, ignore_index=True) if plans else pd.DataFrame(),
        "intakes": latest_intakes(reg, panel, day),
    }
    warned = stopped or len(plans) < len(certainty)
    return give(base, rows, spec, notes, "warned" if warned else "ok", details)


def met_by_extra(margin: np.ndarray, adds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Say of each draw whether it meets the need with 0, 1, 2, ... further enrolments of eligible people at random.

    `margin[draw]` heads above the need without them; `adds[person, draw]` who would add a head.
    """
    gained = np.vstack([np.zeros(len(margin), dtype=bool), rng.permuted(adds, axis=0)])
    return margin + np.cumsum(gained, axis=0, dtype=np.int16) >= 0


def _one_target(curve: np.ndarray, margin: np.ndarray, certainty: Sequence[float]) -> list[Row]:
    """Rows of one target: what is there and what is missing, what each certainty asks, the curve up to near
    certainty."""
    stock, gap = len(curve) - 1, int(max(np.ceil(-margin.mean()), 0))
    met = entry("probability", "met[expected_gap]", curve[gap] if gap <= stock else None)
    rows = [entry("heads", "eligible", stock), entry("heads", "expected_gap", gap), met]
    rows += [entry("heads", f"extra[{one}]", _first(curve, one)) for one in certainty]
    last = _first(curve, SURE)
    return rows + [
        entry("probability", "met_with_extra", curve[extra], n_exposed=extra)
        for extra in range((stock if last is None else last) + 1)
    ]


def _first(curve: np.ndarray, level: float) -> int | None:
    """Give the least number whose chance reaches a level; None where none does."""
    return int(np.argmax(curve >= level)) if curve.max() >= level else None


def latest_intakes(reg: Registry, panel: Panel, deadline: pd.Timestamp) -> pd.DataFrame:
    """Find the last intake that still counts: by the official reading, and for a degree in hand (has only).

    Intakes are the months of the year with a tenth of the starts or more; a degree takes the course, and what is
    usual past its end. Columns as of `list_intakes`. Empty where no intake is known.
    """
    starts, rows = month_of(course_starts(reg)), []
    share = np.bincount(starts % 12, minlength=12) / max(len(starts), 1)
    course = projection().course_months + int(np.median(panel.late) + np.median(panel.wait))
    for reading, lead in (("has_or_studying", 0), ("has", course)):
        last = month(deadline) - lead
        fits = [one for one in range(last - 11, last + 1) if share[one % 12] >= INTAKE_SHARE]
        if fits:
            year, place = divmod(fits[-1], 12)
            rows.append(
                (reading, f"{place + 1:02d}/{1970 + year}", "ahead" if fits[-1] >= month(reg.as_of + DAY) else "gone")
            )
    return pd.DataFrame(rows, columns=INTAKES)


def plan_classes(plan: Estimate, certainty: float) -> pd.DataFrame:
    """Count the people of a joint `plan` for one `certainty` by target served and by mark: nobody is named.

    Columns: `class` (`serve_` and the target, `women`, `young`, `minority`, or `several` targets) and `people`; counts
    overlap. Empty where there is no such plan.

    >>> plan = targets.plan_enrolments(early, draws=100)
    >>> targets.plan_classes(plan, 0.8).columns.tolist()
    ['class', 'people']
    """
    plans = plan.details.get("plan", pd.DataFrame())
    table = plans[plans["certainty"] == certainty] if len(plans) else plans
    if not len(table) or not table["people"].sum():
        return pd.DataFrame(columns=["class", "people"])
    served = [name for name in target_ids() if name in table]
    flags = table[served].add_prefix("serve_").join(table[MARKS]).assign(several=table[served].sum(axis=1) > 1)
    people = flags.mul(table["people"], axis=0).sum().astype(float)
    return people.rename_axis("class").reset_index(name="people")


def list_intakes(plan: Estimate) -> pd.DataFrame:
    """List the last intakes that still count, as text.

    `plan` is what `plan_enrolments` gave. Columns: `reading`, `intake` (MM/YYYY), `state` (`ahead` or `gone`).

    >>> plan = targets.plan_enrolments(early, target="T4", draws=100)
    >>> targets.list_intakes(plan).columns.tolist()
    ['reading', 'intake', 'state']
    """
    return plan.details.get("intakes", pd.DataFrame(columns=INTAKES))
