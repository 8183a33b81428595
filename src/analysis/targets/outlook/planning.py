"""What it would take: further enrolments for a wanted certainty, and one joint plan for groups that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.groups import milestone, target_ids
from analysis.targets.groups import target as target_entry
from analysis.targets.outlook.ahead import look_ahead, settings, watch_past, why_not
from analysis.targets.outlook.allocation import Limits, plan_jointly
from analysis.targets.outlook.eligible import MARKS, Eligible, find_eligible
from analysis.targets.outlook.panel import course_times, month_of
from analysis.text import Text

SURE = 0.95  # the curve of a figure stops here
INTAKE_SHARE = 0.1  # a month of the year with so many of the starts is an intake


def plan_enrolments(
    reg: Registry,
    *,
    target: str | None = None,
    deadline: str | pd.Timestamp | None = None,
    certainty: Sequence[float] = (0.5, 0.8, 0.9),
    limits: Limits | None = None,
    beyond_age: bool = False,
    draws: int = 4000,
    seed: int = 20210910,
) -> Estimate:
    """Say how many more members must be sent now for each certainty of meeting a target by a deadline.

    Rows a target: `heads` `eligible` (members who do not count and may be sent), `expected_gap` and `extra[0.8]` (the
    least number whose simulated probability reaches it; empty where the eligible do not suffice), `probability`
    `met[expected_gap]` and `met_with_extra` (by `n_exposed` further enrolments). Outcome ALL, for each certainty: `heads` `plan[0.8]` and `probability` `met_all[0.8]` of one joint
    plan of the fewest people under `limits` (default: floors of planning_structure in rules.yml). `details`: `curve`
    (probability by extra enrolments), `plan` (people by class, never names), `intakes` (latest useful ones).
    `beyond_age` counts members past the age of sending too, who would study on their own account. Draws as in `project`. Assumes that those sent enrol now and are like others of their class.
    """
    day = milestone("last_comparable") if deadline is None else pd.Timestamp(deadline)
    if day <= reg.as_of or not all(0 < one < 1 for one in certainty):
        raise TargetsError(
            en=f"A plan needs a deadline after {reg.as_of:%Y-%m-%d} and certainties between 0 and 1; given {day:%Y-%m-%d} and "
            f"{list(certainty)}. Change them, or load the registry as of an earlier day.",
            vi=f"Kế hoạch cần hạn sau ngày {reg.as_of:%Y-%m-%d} và độ chắc chắn giữa 0 và 1; đã cho {day:%Y-%m-%d} và "
            f"{list(certainty)}. Hãy sửa lại, hoặc nạp dữ liệu ở ngày sớm hơn.",
        )
    wanted = target_ids() if target is None else (target,)
    for name in wanted:
        target_entry(name)
    panel = watch_past(reg)
    reasons = {name: why_not(reg, panel, name, day) for name in wanted}
    stopped = tuple(reason for reason in reasons.values() if reason)
    good = [name for name in wanted if not reasons[name]]
    spec = {"target": target, "deadline": f"{day:%Y-%m-%d}", "certainty": list(certainty), "draws": draws, "seed": seed}
    base = {"method": "planning", "population": "ALL", "date": day}
    empty = [{**base, "estimand": "heads", "outcome": name, "term": f"extra[{one}]"} for name in wanted if reasons[name]
             for one in certainty]  # fmt: skip
    if not good:
        return Estimate(table=empty, spec=spec, notes=stopped, status="blocked")
    ahead = look_ahead(panel, course_times(reg), day, draws=draws, seed=seed)
    eligible = find_eligible(reg, ahead, seed=seed, beyond_age=beyond_age)
    places = [panel.targets.index(name) for name in good]
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(4)[3])
    curves = {name: chance_by_extra(ahead.margin[place], eligible.adds[place][eligible.member[place]], rng)
              for name, place in zip(good, places, strict=True)}  # fmt: skip
    rows, notes = list(empty), [*stopped, *eligible.notes]
    for name, place in zip(good, places, strict=True):
        found, said = _one_target(name, curves[name], ahead.margin[place], certainty)
        rows += [{**base, "outcome": name, **row} for row in [*found, *_curve_rows(curves[name])]]
        notes += said
    joint = Eligible(people=eligible.people, member=eligible.member[places], adds=eligible.adds[places], notes=())
    plans, more, said = _joint_plans(joint, ahead.margin[places], certainty, limits or default_limits(), good, seed)
    rows += [{**base, "outcome": "ALL", **row} for row in more]
    details = {"curve": _curve_table(curves), "plan": plans, "intakes": latest_intakes(reg, day)}
    return Estimate(
        table=rows, spec=spec, notes=(*notes, *said), status="warned" if stopped or said else "ok", details=details
    )


def chance_by_extra(margin: np.ndarray, adds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Probability of meeting the need with 0, 1, 2, ... further enrolments of eligible people drawn at random.

    `margin[draw]` heads above the need without them; `adds[person, draw]` who would add a head.
    """
    shuffled = rng.permuted(adds, axis=0).astype(np.int16)
    gained = np.vstack([np.zeros((1, len(margin)), dtype=np.int16), np.cumsum(shuffled, axis=0, dtype=np.int16)])
    return ((margin + gained >= 0).sum(axis=1) + 0.5) / (len(margin) + 1)


def _one_target(
    name: str, curve: np.ndarray, margin: np.ndarray, certainty: Sequence[float]
) -> tuple[list[dict[str, Any]], list[Text]]:
    stock, gap = len(curve) - 1, int(max(np.ceil(-margin.mean()), 0))
    rows = [{"estimand": "heads", "term": "eligible", "estimate": stock}, {"estimand": "heads", "term": "expected_gap", "estimate": gap},
            {"estimand": "probability", "term": "met[expected_gap]", "estimate": curve[gap] if gap <= stock else None}]  # fmt: skip
    notes = []
    for one in certainty:
        enough = np.flatnonzero(curve >= one)
        rows.append({"estimand": "heads", "term": f"extra[{one}]", "estimate": int(enough[0]) if len(enough) else None})
        if not len(enough):
            notes.append(Text(
                f"{name}: {one:.0%} certainty cannot be reached by training alone: too few members may be sent.",
                f"{name}: không thể đạt độ chắc chắn {100 * one:.0f} % chỉ bằng đào tạo: quá ít thành viên đủ điều kiện.",
            ))  # fmt: skip
    return rows, notes


def _joint_plans(
    eligible: Eligible, margin: np.ndarray, certainty: Sequence[float], limits: Limits, names: list[str], seed: int
) -> tuple[pd.DataFrame, list[dict[str, Any]], list[Text]]:
    tables, rows, notes = [], [], []
    for one in certainty:
        plan = plan_jointly(eligible, margin, one, limits, np.random.default_rng(seed))
        heads, chance = None, None
        if plan is None:
            notes.append(Text(
                f"No joint plan reaches {one:.0%} for all of {', '.join(names)} under the limits given.",
                f"Không có kế hoạch chung nào đạt {100 * one:.0f} % cho tất cả {', '.join(names)} trong các giới hạn đã cho.",
            ))  # fmt: skip
        else:
            sent, after = plan
            heads, chance = len(sent), float(((after >= 0).all(axis=0).sum() + 0.5) / (after.shape[1] + 1))
            groups = [f"group_{place}" for place in range(len(names))]
            table = sent.groupby([*groups, *MARKS]).size().rename("people").reset_index()
            tables.append(table.rename(columns=dict(zip(groups, names, strict=True))).assign(certainty=one))
        rows += [{"estimand": "heads", "term": f"plan[{one}]", "estimate": heads},
                 {"estimand": "probability", "term": f"met_all[{one}]", "estimate": chance}]  # fmt: skip
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(), rows, notes


def default_limits() -> Limits:
    """Floors that planning lists must keep, by rules.yml: women and young; the minority share has no number there."""
    structure = reference("rules.yml")["planning_structure"]
    return Limits(
        floors={"women": structure["women_share"][-1]["value"], "young": structure["young_share"][-1]["value"]}
    )


def _curve_rows(curve: np.ndarray) -> list[dict[str, Any]]:
    """Rows of the curve up to near certainty: `n_exposed` further enrolments."""
    last = int(np.argmax(curve >= SURE)) if (curve >= SURE).any() else len(curve) - 1
    return [{"estimand": "probability", "term": "met_with_extra", "estimate": curve[extra], "n_exposed": extra}
            for extra in range(last + 1)]  # fmt: skip


def _curve_table(curves: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.concat([pd.DataFrame({"target": name, "extra": np.arange(len(curve)), "probability": curve})
                      for name, curve in curves.items()], ignore_index=True)  # fmt: skip


def latest_intakes(reg: Registry, deadline: pd.Timestamp) -> pd.DataFrame:
    """Find the last intake that still counts: by the official reading, and for a degree in hand (has only).

    Intakes are the months of the year with a tenth of the starts or more; a degree takes the course, and what is
    usual past its end. `open` says whether the intake is still ahead of the registry's day. Empty where none is known.
    """
    courses = reg["training"]
    starts = month_of(courses.loc[courses["kind"].eq("postgraduate") & courses["started"].notna(), "started"])
    share = np.bincount(starts % 12, minlength=12) / max(len(starts), 1)
    late, wait = course_times(reg)
    last, rows = int(month_of(pd.Series([deadline]))[0]), []
    for reading, lead in (
        ("has_or_studying", 0),
        ("has", settings()["course_months"] + int(np.median(late) + np.median(wait))),
    ):
        fits = [month for month in range(last - lead - 11, last - lead + 1) if share[month % 12] >= INTAKE_SHARE]
        if fits:
            day = pd.Timestamp("1970-01-01") + pd.DateOffset(months=fits[-1])
            rows.append(
                {"reading": reading, "intake": day, "open": bool(day + pd.tseries.offsets.MonthEnd(0) > reg.as_of)}
            )
    return pd.DataFrame(rows, columns=["reading", "intake", "open"])
