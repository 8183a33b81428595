"""Protected rows of many kinds for the views, several targets, one, hidden, none; and what all views keep to."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import afterwards
import pandas as pd
import sent_rows
import unequal
import varied
from build import build_registry
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text as Label

from analysis import careers, effects, placement, registry
from analysis.estimate import Estimate, blocked, tidy
from analysis.publishing.drawing.style import WIDTHS, Style
from analysis.publishing.drawing.svg import picture
from analysis.publishing.drawing.view import View
from analysis.publishing.gate.disclosure import protect, protect_counts
from analysis.publishing.gate.page import OPEN
from analysis.publishing.views.plot import VIEWS
from analysis.registry import Registry
from analysis.synthetic import make_registry
from analysis.targets.groups import heads_needed
from analysis.words import Message, speaking

DAY = pd.Timestamp("2025-06-30")
SHARE = {"T1": 0.7, "T2": 0.5, "T3": 0.4, "T4": 0.3}
GROUPS = {"T1": (52, 35, 4, 3), "T2": (300, 121, 21, 31), "T3": (280, 66, 12, 5), "T4": (900, 190, 44, 22)}
HEADS = ("members", "has", "studying", "unverified", "counted", "need", "short")
LETTERS = "[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]"
ENGLISH = r"\b(the|of|and|people|with|target|targets|share|shares|short|needed|studying|degree|few|not|group|groups|from|is)\b"
WHY = Message("The group has no members on {day:day}.", day=pd.Timestamp("2025-06-30"))
NEEDS_NOTE = Message("Not assessable: no row of {table:label.tables} names its office.", table="posts")
NOT_TOLD = Message(
    "{target}: not assessable, {count} months of history, {least} needed.", target="T1", count=7, least=24
)


def shown(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the gate lets them through."""
    return tidy(rows).assign(why="", suppressed=False, computed=True)


def attained(name: str, days=(DAY,)) -> Estimate:
    """Build the rows of one target, as measure_attainment gives them; a degree more every eight days given."""
    rows = [row for place, day in enumerate(days) for row in day_rows(name, day, place // 8)]
    return Estimate(table=rows, spec={"reading": None})


def day_rows(name: str, day: pd.Timestamp, more: int, group: tuple[int, ...] = ()) -> list[dict]:
    members, has, studying, unverified = group or GROUPS[name]
    has, need = has + more, heads_needed(SHARE[name], members)
    base = {"method": "census", "population": "ALL", "outcome": name, "date": day, "interval": "none", "n": members}
    readings = {
        "has_or_studying": has + studying,
        "has": has,
        "has_and_studying": 2,
        "has_or_on_schedule": has + studying // 2,
    }
    counts = (members, has, studying, unverified, has + studying, need, max(need - has - studying, 0))
    rows = [
        {**base, "estimand": "attainment", "term": term, "estimate": one / members, "n_event": one}
        for term, one in readings.items()
    ]
    return rows + [
        {**base, "estimand": "heads", "term": term, "estimate": one} for term, one in zip(HEADS, counts, strict=True)
    ]


def shrank(name: str = "T1", then=(47, 28, 1, 0), now=(42, 27, 3, 3)) -> pd.DataFrame:
    """Rows of two days: by default 29 of 47 count, then 30 of 42, three of them by a degree not yet verified."""
    days = {pd.Timestamp("2024-12-31"): then, DAY: now}
    rows = [row for day, group in days.items() for row in day_rows(name, day, 0, group)]
    return protect(Estimate(table=rows, spec={"reading": None}))


def courses(*numbers: int) -> pd.DataFrame:
    """Rows as count_courses gives them, beside the heads of their group."""
    base = {"method": "census", "population": "ALL", "outcome": "T4", "date": DAY, "estimand": "heads", "n": 900}
    rows = [
        {**base, "term": f"ends[{when}]", "estimate": one}
        for when, one in zip(("overdue", "12", "later"), numbers, strict=True)
    ]
    return pd.concat([attainment(["T4"]), protect(Estimate(table=rows, spec={}))], ignore_index=True)


def chain(name: str = "T2") -> pd.DataFrame:
    """Rows of two bridges one after the other: up by training, then a wave in which heads fall and the share rises."""
    periods = (("2021-09-10", "2024-12-31", 246, 85, {"enrolled[self]": 28, "entered[promoted]": 38, "left[retirement]": -22}, 269),
               ("2024-12-31", "2025-06-30", 269, 129, {"enrolled[self]": 4, "freeze": 7, "dropped": -3, "wave": -40}, 196))  # fmt: skip
    tables = []
    for start, end, size, opening, moved, after in periods:
        base = {
            "method": "ledger",
            "population": "ALL",
            "outcome": name,
            "estimand": "heads",
            "date": pd.Timestamp(end),
        }
        flow = [
            {**base, "term": term, "estimate": heads, "n": abs(heads), "n_event": abs(heads)}
            for term, heads in moved.items()
        ]
        first = {**base, "term": "opening", "estimate": opening, "n": size, "date": pd.Timestamp(start)}
        last = {**base, "term": "closing", "estimate": opening + sum(moved.values()), "n": after}
        tables.append(protect(Estimate(table=[first, *flow, last], spec={"reading": "has_or_studying"})))
    return pd.concat(tables, ignore_index=True)


def empty(name: str) -> Estimate:
    rows = attained(name).table.assign(n=0, n_event=float("nan"))
    return blocked(rows, {"reading": None}, WHY)


def attainment(names=tuple(GROUPS), nobody=()) -> pd.DataFrame:
    rows = [protect(attained(name)) for name in names] + [protect(empty(name)) for name in nobody]
    return pd.concat(rows, ignore_index=True)


def grid(names=tuple(GROUPS)) -> pd.DataFrame:
    """Rows as grid_definitions gives them: two days, every reading, the whole group and a part of it."""
    days = [pd.Timestamp("2024-12-31"), DAY]
    tables = [
        attained(name, days).pick(estimand="attainment").table.assign(population=part)
        for name in names
        for part in ("ALL", "not_seconded")
    ]
    return protect(Estimate(table=pd.concat(tables), spec={"reading": None}))


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
        rows = [
            {
                "method": "ledger",
                "population": "ALL",
                "outcome": name,
                "date": DAY,
                "estimand": "heads",
                "term": term,
                "estimate": one,
                "n": 300,
                "n_event": abs(one),
            }
            for term, one in terms.items()
        ]
        estimate = Estimate(table=rows, spec={"reading": "has_or_studying"})
        if status == "blocked":
            estimate = blocked(estimate.table, estimate.spec, WHY)
        tables.append(protect(estimate))
    return pd.concat(tables, ignore_index=True)


def of_targets(method: str, **terms: tuple[str, dict[str, float]]) -> pd.DataFrame:
    """Rows of any terms by target: `term=(estimand, {target: value})`."""
    return shown(
        [
            {
                "method": method,
                "population": "ALL",
                "outcome": name,
                "date": DAY,
                "estimand": estimand,
                "term": term,
                "estimate": value,
            }
            for term, (estimand, by) in terms.items()
            for name, value in by.items()
        ]
    )


def pace() -> pd.DataFrame:
    return of_targets(
        "pace",
        linear=("pace", {"T1": 0.9, "T2": 0.97, "T3": None}),
        gap_closed=("pace", {"T1": 0.4, "T2": 0.8, "T3": None}),
        growth=("pace", {"T1": 1.1, "T2": 0.98, "T3": None}),
        gained_a_month=("heads", {"T1": 0.5, "T2": -1.25, "T3": None}),
    )


def units() -> pd.DataFrame:
    rows = of_targets(
        "kitagawa",
        within=("points", {"T1": 0.031, "T2": None, "T3": None}),
        between=("points", {"T1": -0.012, "T2": None, "T3": None}),
    )
    return rows.assign(computed=rows["outcome"] != "T3")


def attribution() -> pd.DataFrame:
    rows = of_targets(
        "attribution", accounting=("heads", {"T1": 10, "T2": 20}), counterfactual=("heads", {"T1": None, "T2": 15})
    )
    rows.loc[rows["term"].eq("counterfactual") & rows["outcome"].eq("T2"), ["conf_low", "conf_high"]] = [5, 25]
    rows.loc[rows["estimate"].isna(), ["suppressed", "why"]] = [True, "few"]
    return rows


def monitor() -> pd.DataFrame:
    return of_targets(
        "census",
        members=("heads", {"lecturers": 250}),
        has=("attainment", {"lecturers": 0.4}),
        has_or_studying=("attainment", {"lecturers": None}),
    )


def ratios(hidden=(), naive: float = 1.8, first: float = 1.31) -> pd.DataFrame:
    values = {
        "ever_trained": naive,
        "training[studying]": 0.62,
        "training[0-11]": first,
        "training[12-23]": 1.44,
        "training[24+]": 1.2,
    }
    rows = [
        {
            "method": "cox_efron",
            "estimand": "hazard_ratio",
            "term": term,
            "estimate": one,
            "conf_low": one * 0.7,
            "conf_high": one * 1.4,
            "std_error": 0.18,
            "se_scale": "log",
            "n": 4321,
            "n_exposed": 210,
            "n_event": 4 if term in hidden else 41,
            "run": "unadjusted" if term == "ever_trained" else "",
        }
        for term, one in values.items()
    ]
    return protect(Estimate(table=rows, spec={}))


def planted(estimand: str = "risk_difference", term: str = "planted", value: float = 0.02) -> pd.DataFrame:
    """The truth of a synthetic province."""
    return shown([{"method": "planted", "estimand": estimand, "term": term, "time": 36, "estimate": value}])


def balance(weighted: bool = True) -> pd.DataFrame:
    """Rows of a love plot: women and those with a good rating start more often."""
    apart = {"sex[female]": (0.41, 0.03), "rating[good]": (-0.2, -0.04), "planned": (0.66, 0.06)}
    return shown(
        [
            {
                **TRIAL,
                "run": "balance",
                "method": method,
                "estimand": "standardised_difference",
                "term": term,
                "estimate": value,
            }
            for term, values in apart.items()
            for method, value in list(zip(("unweighted", "weighted"), values, strict=True))[: 1 + weighted]
        ]
    )


def people(
    column: str = "staff_kind", numbers=(1200, 340, 4), codes=("public_employee", "civil_servant", "cadre")
) -> pd.DataFrame:
    frame = pd.DataFrame({column: codes[: len(numbers)], "people": numbers})
    return protect_counts(frame, ["people"])


def steps(*more: str) -> pd.DataFrame:
    said = [Message("people in the registry"), Message("people at risk")]
    frame = pd.DataFrame(
        {"step": ["registry", "at_risk"], "said": said, "people": [6000, 3], **{name: [0, 5997] for name in more}}
    )
    return protect_counts(frame, ["people", *more], flow=True)


def arms_by_level(*starters: int) -> pd.DataFrame:
    """People of both arms, on the planning list and not."""
    said = [Message("{terms:labels}", terms=[f"planned[{flag}]"]) for flag in (False, True)[: len(starters)]]
    frame = pd.DataFrame({"said": said, "starters": starters, "others": [9000, 700][: len(starters)]})
    return protect_counts(frame, ["starters", "others"])


def followed_arms() -> pd.DataFrame:
    """What became of both arms, nobody lost."""
    said = [Message("those who start"), Message("those who do not start")]
    frame = pd.DataFrame({"said": said, "people": [455, 9000], "risen": [60, 900], "left": [7, 300], "lost": [0, 0]})
    return protect_counts(frame, ["people", "risen", "left", "lost"], flow=True)


def as_sent() -> pd.DataFrame:
    """Rows of the trials averaged over those who started."""
    return trial_rows("").assign(population="starters")


def mean_gaps(*terms: str) -> pd.DataFrame:
    """Differences of means, a year after the start."""
    gap = {"estimand": "mean_difference", "time": 12, "estimate": 0.1, "conf_low": -0.1, "conf_high": 0.3, "n": 500}
    return shown([{**gap, "term": term} for term in terms])


def findings(*severities: str) -> pd.DataFrame:
    kept = [(severity, "people", "birth_date", WHY, Message("No errors and no warnings.")) for severity in severities]
    return pd.DataFrame(kept, columns=["severity", "table", "column", "what", "fix"])


TRIAL = {"population": "eligible", "outcome": "event_1", "n": 1000, "conf_level": 0.95, "se_scale": "identity"}


def as_compared() -> pd.DataFrame:
    """Rows of the trials and of the ever-trained as the comparison of methods names them."""
    return trial_rows("", "ever_trained").replace({"run": {"": "pooled_logistic"}})


def trial_rows(*runs: str) -> pd.DataFrame:
    """Rows of trials, of the ever-trained comparison and of their checks; of some runs only, if asked."""
    table = []
    gap = {**TRIAL, "term": "trained", "n_exposed": 200, "n_event": 40, "estimand": "risk_difference"}
    for time, none, some in ((12, 0.03, 0.02), (24, 0.05, 0.05), (36, 0.07, 0.10)):
        main = {**gap, "method": "pooled_logistic", "time": time}
        table += [
            {
                **TRIAL,
                "method": "pooled_logistic",
                "estimand": "risk",
                "term": f"trained[{arm}]",
                "time": time,
                "estimate": risk,
                "std_error": 0.01,
                "conf_low": risk - 0.02,
                "conf_high": risk + 0.02,
                "n_event": 60,
            }
            for arm, risk in ((0, none), (1, some))
        ]
        table += [
            {
                **main,
                "estimate": some - none,
                "std_error": 0.01,
                "conf_low": some - none - 0.02,
                "conf_high": some - none + 0.02,
            },
            {
                **main,
                "run": "band",
                "estimate": some - none,
                "conf_low": some - none - 0.024,
                "conf_high": some - none + 0.024,
            },
            {**main, "estimand": "risk_ratio", "estimate": some / none, "conf_low": 0.6, "conf_high": 2.0},
            {
                **main,
                "run": "ever_trained",
                "method": "ever_trained",
                "estimate": 0.1,
                "conf_low": 0.08,
                "conf_high": 0.12,
            },
        ]
    gap["time"] = 36
    table += [{**gap, "run": "placebo", "method": "placebo", "estimate": 0.001 * k} for k in range(-20, 20)]
    table += [
        {**gap, "run": "observed", "method": "placebo", "estimate": 0.03},
        {
            **gap,
            "run": "main",
            "method": "pooled_logistic",
            "estimate": 0.03,
            "std_error": 0.01,
            "conf_low": 0.01,
            "conf_high": 0.05,
        },
        {**gap, "run": "lag", "method": "pooled_logistic", "estimate": 0.02},
    ]
    methods = ("pooled_logistic", "weighting", "doubly_robust")
    table += [{**gap, "run": "specification", "method": methods[k % 3], "estimate": 0.002 * k} for k in range(-3, 20)]
    rows = protect(Estimate(table=table, spec={}))
    return rows[rows["run"].isin(runs)] if runs else rows


def no_trials() -> pd.DataFrame:
    """Rows of a result that could not be had."""
    row = {**TRIAL, "method": "pooled_logistic", "estimand": "risk_difference", "term": "trained", "time": 36}
    return protect(blocked([row, {**row, "estimand": "risk_ratio"}], {}, WHY))


def verdict(word: str) -> pd.DataFrame:
    return shown([{"estimand": "verdict", "term": word}])


def checked(word: str = "suggestive") -> pd.DataFrame:
    made = {"interval": 1, "placebo": 0, "balance": None, "benchmark": 1}
    checks = shown([{"estimand": "check", "term": name, "estimate": held} for name, held in made.items()])
    return pd.concat([checks, verdict(word)], ignore_index=True)


def gains() -> pd.DataFrame:
    gap = {**TRIAL, "method": "pooled_logistic", "estimand": "risk_difference", "time": 36, "n_exposed": 200}
    rows = [
        {
            **gap,
            "term": "sex[female]",
            "estimate": 0.02,
            "std_error": 0.01,
            "conf_low": 0,
            "conf_high": 0.04,
            "n_event": 40,
        },
        {
            **gap,
            "term": "sex[male]",
            "estimate": 0.05,
            "std_error": 0.01,
            "conf_low": 0.03,
            "conf_high": 0.07,
            "n_event": 4,
        },
        {**TRIAL, "method": "cochran_q", "estimand": "test", "term": "sex", "p_value": 0.04},
    ]
    return protect(Estimate(table=rows, spec={}))


def fixed_posts(*hidden: str) -> pd.DataFrame:
    base = {**TRIAL, "run": "fixed_posts", "n_exposed": 200}
    return protect(
        Estimate(
            table=[
                {
                    **base,
                    "estimand": name,
                    "estimate": value,
                    "conf_low": 0.9,
                    "conf_high": 2.2,
                    "n_event": 3 if name in hidden else 50,
                }
                for name, value in (("risk_ratio", 1.73), ("hazard_ratio", 1.01))
            ],
            spec={},
        )
    )


SIMULATED = {"method": "stock_flow", "population": "ALL", "n": 900}


def projection(names=("T4",), told=True) -> pd.DataFrame:
    """Rows as project gives them; T3 cannot be carried forward."""
    rows = [{**SIMULATED, "outcome": "T3", "estimand": "probability", "term": "met", "date": DAY}]
    for name in names * told:
        days = pd.date_range(end=DAY, periods=13, freq="ME")
        rows += [
            {
                **SIMULATED,
                "outcome": name,
                "estimand": "heads",
                "term": "counted",
                "date": day,
                "estimate": 200 + month,
                "conf_low": 200 + month - wide * month,
                "conf_high": 200 + month + wide * month,
                "conf_level": level,
            }
            for month, day in enumerate(days)
            for level, wide in ((0.8, 2), (0.5, 1))
        ]
        last = {**SIMULATED, "outcome": name, "date": DAY}
        rows += [{**last, "estimand": "heads", "term": "margin", "estimate": one - 15} for one in range(20)]
        rows += [
            {**last, "estimand": kind, "term": term, "estimate": value}
            for kind, term, value in (
                ("heads", "need", 215),
                ("probability", "met", 0.97),
            )
        ]
    if told:
        rows.append(
            {**SIMULATED, "outcome": "ALL", "estimand": "probability", "term": "met_all", "date": DAY, "estimate": 0.3}
        )
    return protect(Estimate(table=rows, spec={}))


def came(*heads: tuple[str, int, int], day: pd.Timestamp = DAY) -> pd.DataFrame:
    """The owner's rows of a forecast's first and last day: on the first 300 members, of whom 200 count."""
    rows = []
    for name, members, counted in heads:
        for when, n, one in ((pd.Timestamp("2024-06-30"), 300, 200), (day, members, counted)):
            base = {"method": "census", "population": "ALL", "outcome": name, "date": when, "n": n}
            rows.append(
                {**base, "estimand": "attainment", "term": "has_or_studying", "estimate": one / n, "n_event": one}
            )
            rows.append({**base, "estimand": "heads", "term": "need", "estimate": heads_needed(SHARE[name], n)})
    return shown(rows)


def followed(names=("T1", "T4"), members: int = 60) -> pd.DataFrame:
    """Rows as follow_cohort gives them, and the owner's count of those followed."""
    rows = [
        {
            **SIMULATED,
            "outcome": name,
            "estimand": "heads",
            "term": "holding",
            "date": pd.Timestamp(f"{2025 + year}-{'06-30' if not year else '12-31'}"),
            "estimate": 40 - 3 * year,
            "conf_low": 40 - 5 * year,
            "conf_high": 40 - year,
            "conf_level": 0.8,
            "n": members,
        }
        for name in names
        for year in range(6)
    ]
    census = {"method": "census", "population": "ALL", "date": DAY, "estimand": "heads", "term": "counted", "n": 80}
    owner = shown([{**census, "outcome": name, "estimate": 61} for name in names])
    return pd.concat([protect(Estimate(table=rows, spec={})), owner], ignore_index=True)


def record(names=("T1", "T4")) -> pd.DataFrame:
    base = {"method": "backtest", "population": "ALL", "date": DAY, "n": 7}
    rows = [
        {**base, "outcome": name, "estimand": "heads", "term": f"error[{rule}]", "estimate": value}
        for name in names
        for rule, value in (("model", 1.3), ("no_change", 2.6), ("straight_line", 1.9))
    ]
    rows += [{**base, "outcome": "ALL", "estimand": "probability", "term": "coverage", "estimate": 0.84}] * bool(names)
    rows += [{**base, "outcome": "T4", "estimand": "points", "term": "skill[no_change]", "estimate": 0.05}] * bool(
        names
    )
    return protect(
        Estimate(table=rows or [{**base, "outcome": "T1", "estimand": "heads", "term": "error[model]"}], spec={})
    )


def enrolments(names=("T1", "T4"), eligible: int = 40) -> pd.DataFrame:
    """Rows as plan_enrolments gives them: of T4 no number of those eligible suffices for nine in ten."""
    base = {"method": "planning", "population": "ALL", "date": DAY, "n": 900}
    rows = [
        {**base, "outcome": "ALL", "estimand": "heads", "term": "plan[0.5]", "estimate": 12},
        {**base, "outcome": "ALL", "estimand": "probability", "term": "met_all[0.5]", "estimate": 0.56},
        {**base, "outcome": "ALL", "estimand": "heads", "term": "plan[0.8]"},
    ]
    for name in names:
        one = {**base, "outcome": name, "estimand": "heads"}
        rows += [{**one, "term": "eligible", "estimate": eligible}, {**one, "term": "expected_gap", "estimate": 3}]
        rows += [
            {**one, "term": f"extra[{level}]", "estimate": heads} for level, heads in ((0.5, 6), (0.8, 10), (0.9, None))
        ]
        rows += [
            {
                **one,
                "estimand": "probability",
                "term": "met_with_extra",
                "estimate": k / (12 if name == "T4" else 30),
                "n_exposed": k,
            }
            for k in range(11)
        ]
    return protect(Estimate(table=rows, spec={}))


def scenarios(names=("T1", "T4"), told=True) -> pd.DataFrame:
    chances = {"as_now": 0.5, "half_dropouts": 0.62, "congress": 0.31, "no_project": None}
    return protect(
        Estimate(
            table=[
                {
                    **SIMULATED,
                    "run": run,
                    "outcome": name,
                    "estimand": "probability",
                    "term": "met",
                    "date": DAY,
                    "estimate": value if told else None,
                }
                for run, value in chances.items()
                for name in names
            ],
            spec={},
        )
    )


def classes(*rows: tuple[str, int]) -> pd.DataFrame:
    return protect_counts(pd.DataFrame(rows, columns=["class", "people"]).astype({"people": "float64"}), ["people"])


def intakes(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["reading", "intake", "state"])


@functools.cache
def published(*cases: str) -> pd.DataFrame:
    return pd.concat([effects.reproduce(case).table for case in cases]).assign(**OPEN)


def missed() -> pd.DataFrame:
    """As if one answer of a case had not come out."""
    rows = published("promotion").copy()
    rows.loc[rows["method"].eq("reproduced") & rows["term"].eq("flexible"), "estimate"] = 9.0
    return rows


class Case(NamedTuple):
    """A view, the rows that it is shown with, and its choices; `notes` where it takes them."""

    view: str
    rows: Callable[[], pd.DataFrame]
    choices: dict[str, Any] = {}


def also(*tables: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    return lambda: pd.concat([table() for table in tables], ignore_index=True)


def of(call: Callable[..., pd.DataFrame], *given: Any, **named: Any) -> Callable[[], pd.DataFrame]:
    return functools.partial(call, *given, **named)


NOBODY = of(attainment, [], nobody=["T1"])
HALF = of(attainment, ["T2"], nobody=["T1"])
ALL_HIDDEN = of(ratios, ("ever_trained", "training[studying]", "training[0-11]", "training[12-23]", "training[24+]"))
NOTED = {"notes": [NOT_TOLD, NOT_TOLD, WHY]}
MADE = {"made": "2023-12-31"}


def needed(call: str, *, bare: bool = False, **given: Any) -> Callable[[], pd.DataFrame]:
    """Rows of a public call of `placement`: of a province of 6,000, or of a registry that has nothing it asks for."""
    return lambda: protect(getattr(placement, call)(_bare() if bare else _province(), **given))


@functools.cache
def _province() -> Registry:
    return make_registry(6_000, 3)


@functools.cache
def _bare() -> Registry:
    return build_registry({"posts": [{}]}, absent=("training_plan", "needs", "planning", "establishments"))


CASES = {
    "bullets": Case("attainment.bullets", attainment),
    "bullets one": Case("attainment.bullets", of(attainment, ["T1"])),
    "bullets nobody in one": Case("attainment.bullets", HALF),
    "bullets nobody": Case("attainment.bullets", NOBODY),
    "readings": Case("attainment.readings", attainment),
    "readings one": Case("attainment.readings", of(attainment, ["T3"])),
    "readings nobody": Case("attainment.readings", NOBODY),
    "heads": Case("attainment.heads", attainment),
    "heads nobody in one": Case("attainment.heads", HALF),
    "readings table": Case("attainment.readings_table", attainment),
    "readings table nobody": Case("attainment.readings_table", NOBODY),
    "definitions": Case("attainment.definitions", grid),
    "definitions one": Case("attainment.definitions", of(grid, ["T2"])),
    "target answer": Case("attainment.answer", attainment, {"final": True}),
    "target answer open": Case("attainment.answer", attainment, {"final": False}),
    "target answer nobody in one": Case("attainment.answer", HALF, {"final": False}),
    "target answer nobody": Case("attainment.answer", NOBODY, {"final": True}),
    "target answer shrank": Case("attainment.answer", shrank, {"final": True}),
    "bullets shrank": Case("attainment.bullets", shrank),
    "steps": Case("attainment.steps", of(courses, 12, 20, 26)),
    "steps few": Case("attainment.steps", of(courses, 3, 1, 0)),
    "steps elected": Case("attainment.steps", shrank),
    "steps nobody": Case("attainment.steps", NOBODY),
    "history": Case("change.history", history),
    "history one": Case("change.history", of(history, ["T4"])),
    "history nobody": Case("change.history", NOBODY),
    "bridge": Case("change.bridge", flows),
    "bridge chain": Case("change.bridge", chain),
    "causes": Case("change.causes", chain),
    "opposite": Case("change.opposite", chain),
    "opposite none": Case("change.opposite", flows),
    "bridge one": Case("change.bridge", of(flows, ["T1"])),
    "bridge merged": Case("change.bridge", of(flows, ["T1"], (3, 2, -1, -4))),
    "bridge nobody": Case("change.bridge", of(flows, ["T1"], status="blocked")),
    "pace": Case("change.pace", pace),
    "units": Case("change.units", units),
    "attribution": Case("change.attribution", attribution),
    "fan": Case("outlook.fan", projection),
    "fan two": Case("outlook.fan", of(projection, ("T2", "T4"))),
    "fan came": Case("outlook.fan", also(of(projection, ("T2", "T4")), of(came, ("T2", 150, 110), ("T4", 290, 190)))),
    "fan nobody": Case("outlook.fan", of(projection, told=False)),
    "outlook answer": Case("outlook.answer", projection, NOTED),
    "outlook answer came": Case(
        "outlook.answer", also(of(projection, ("T2", "T4")), of(came, ("T2", 150, 110))), NOTED
    ),
    "reasons": Case(
        "outlook.reasons", also(of(projection, ("T2", "T4")), of(came, ("T2", 150, 110), ("T4", 290, 110)))
    ),
    "reasons unknown": Case("outlook.reasons", projection),
    "outlook answer nobody": Case("outlook.answer", of(projection, told=False), NOTED),
    "outlook table": Case("outlook.table", projection),
    "outlook table came": Case("outlook.table", also(of(projection, ("T2", "T4")), of(came, ("T2", 150, 110)))),
    "record": Case("outlook.record", record),
    "record nobody": Case("outlook.record", of(record, ())),
    "skill": Case("outlook.skill", record),
    "skill nobody": Case("outlook.skill", of(record, ())),
    "example": Case("planner.example", of(came, ("T2", 150, 110)), {**MADE, "by": "2025-06-30"}),
    "example to come": Case("planner.example", of(came), {**MADE, "by": "2030-12-31"}),
    "extra": Case("planner.extra", enrolments, MADE),
    "extra one": Case("planner.extra", of(enrolments, ("T4",)), MADE),
    "extra few": Case("planner.extra", of(enrolments, ("T1",), 4), MADE),
    "extra nobody": Case("planner.extra", of(enrolments, ()), MADE),
    "intakes": Case(
        "planner.intakes", of(intakes, ("has", "09/2022", "gone"), ("has_or_studying", "05/2025", "ahead")), MADE
    ),
    "intakes none": Case("planner.intakes", intakes, MADE),
    "scenarios": Case("planner.scenarios", scenarios, MADE),
    "scenarios one": Case("planner.scenarios", of(scenarios, ("T4",)), MADE),
    "scenarios nobody": Case("planner.scenarios", of(scenarios, told=False), MADE),
    "cohort": Case("planner.cohort", followed),
    "cohort nobody": Case("planner.cohort", of(followed, ("T1",), 4)),
    "cohort answer": Case("planner.cohort_answer", followed, NOTED),
    "cohort answer nobody": Case("planner.cohort_answer", of(followed, ("T1",), 4), NOTED),
    "plan": Case("planner.plan", enrolments, {"certainty": [0.5, 0.8]}),
    "plan none sought": Case("planner.plan", of(came), {"certainty": [0.8]}),
    "classes": Case(
        "planner.classes", of(classes, ("serve_T1", 30), ("women", 12), ("young", 2), ("minority", 15), ("several", 11))
    ),
    "classes none": Case("planner.classes", classes),
    "lecturers": Case("planner.lecturers", monitor),
    "ratios": Case("forest.ratios", also(ratios, of(planted, "hazard_ratio", "training[0-11]", 1.5))),
    "risks": Case("forest.risks", of(trial_rows, "")),
    "means": Case("forest.means", of(mean_gaps, "sex[female]", "sex[male]")),
    "ratios some hidden": Case("forest.ratios", of(ratios, ["training[24+]", "ever_trained"])),
    "ratios hidden": Case("forest.ratios", ALL_HIDDEN),
    "curves": Case("trials.curves", also(trial_rows, planted), {"primary": 36}),
    "curves unplanted": Case("trials.curves", of(trial_rows, "", "ever_trained")),
    "curves nothing": Case("trials.curves", no_trials),
    "methods": Case("trials.methods", also(of(trial_rows, "", "ever_trained", "lag"), planted)),
    "methods nothing": Case("trials.methods", no_trials),
    "reading": Case("trials.reading", trial_rows),
    "places": Case("trials.places", as_sent),
    "places nothing": Case("trials.places", no_trials),
    "reading nothing": Case("trials.reading", no_trials),
    "trial answer": Case("trials.answer", also(trial_rows, of(verdict, "suggestive"))),
    "trial answer nothing": Case("trials.answer", also(no_trials, of(verdict, "not_assessable")), NOTED),
    "protocol": Case(
        "trials.protocol",
        of(shown, []),
        {"exposure": "postgraduate", "outcome": "higher_post", "horizon": 36, "end": "2024-12-31"},
    ),
    "confounders": Case("trials.confounders", of(shown, [])),
    "trial flow": Case("trials.flow", steps),
    "baseline": Case("trials.baseline", of(arms_by_level, 400, 31)),
    "baseline nobody": Case("trials.baseline", arms_by_level),
    "followed": Case("trials.followed", followed_arms),
    "checks": Case("checks.table", checked),
    "checks seen": Case("checks.table", also(checked, of(trial_rows, "main", "lag"))),
    "checks unmade": Case("checks.table", no_trials),
    "checks answer": Case("checks.answer", checked, NOTED),
    "checks answer nothing": Case("checks.answer", also(no_trials, of(verdict, "not_assessable")), NOTED),
    "variants": Case("checks.variants", of(trial_rows, "main", "lag")),
    "love": Case("checks.love", balance),
    "love before": Case("checks.love", of(balance, weighted=False)),
    "love nothing": Case("checks.love", no_trials),
    "placebos": Case("checks.placebos", of(trial_rows, "placebo", "observed")),
    "placebos nothing": Case("checks.placebos", no_trials),
    "specifications": Case("checks.specifications", of(trial_rows, "main", "specification")),
    "specifications nothing": Case("checks.specifications", no_trials),
    "hidden cause": Case("checks.hidden", trial_rows),
    "hidden cause nothing": Case("checks.hidden", no_trials),
    "gains": Case("checks.gains", gains),
    "against": Case("published.against", of(published, "promotion", "salespeople")),
    "against missed": Case("published.against", missed),
    "published": Case("published.table", of(published, "promotion")),
    "validated": Case(
        "validation.answer",
        also(as_compared, also(planted, of(published, "promotion"))),
    ),
    "validated unplanted": Case("validation.answer", of(published, "promotion", "salespeople")),
    "validated missed": Case("validation.answer", missed),
    "recovered": Case("validation.recovered", also(of(trial_rows, "", "ever_trained"), planted)),
    "fixed posts": Case("validation.fixed_posts", fixed_posts),
    "fixed posts hidden": Case("validation.fixed_posts", of(fixed_posts, "hazard_ratio")),
    "tables": Case(
        "registry.tables",
        lambda: protect_counts(
            pd.DataFrame({"table": ["people", "posts"], "rows": [6000, 9000], "people": [6000, 5800]}),
            ["rows", "people"],
        ),
    ),
    "staff": Case("registry.staff", people),
    "staff hidden": Case("registry.staff", of(people, numbers=(3, 4))),
    "ethnicity": Case("registry.ethnicity", of(people, "ethnicity", codes=("kinh", "khmer", "hoa"))),
    "courses": Case("registry.courses", of(people, "kind", codes=("postgraduate", "language", "digital"))),
    "registry flow": Case("registry.flow", of(steps, "removed")),
    "findings": Case("registry.findings", of(findings, "warning", "error")),
    "findings none": Case("registry.findings", findings),
    "registry answer": Case("registry.answer", of(findings, "warning"), {"synthetic": True}),
    **{
        f"{view} {bare}": Case(view, needed(call, bare=bare, **given), choices)
        for bare in (False, True)
        for view, call, given, choices in (
            *(
                (f"needs.{name}", "compare_plan", {"year": 2024}, {})
                for name in ("rates", "plan", "money", "levels", "staff", "groups", "empty")
            ),
            ("needs.answer", "compare_plan", {"year": 2024}, {"year": 2024, "notes": [NEEDS_NOTE]}),
            ("needs.form", "count_trained", {"year": 2024}, {}),
            ("needs.classes", "count_trained", {"year": 2024}, {}),
            ("needs.online", "compare_online", {}, {}),
            ("owed.owed", "count_owed", {}, {}),
            ("owed.requirements", "count_owed", {}, {}),
            ("owed.appointed", "count_appointed_owing", {"year": 2024}, {"year": 2024, "notes": [NEEDS_NOTE]}),
            ("owed.queue", "count_queue", {}, {}),
            *(
                (f"owed.{name}", "describe_lecturers", {}, choices)
                for name, choices in (
                    ("holdings", {}),
                    ("lecturers", {}),
                    ("lecturers_answer", {"notes": [NEEDS_NOTE]}),
                )
            ),
        )
    },
    "registry answer bad": Case("registry.answer", of(findings, "warning", "error"), {"synthetic": False}),
    "readiness": Case(
        "registry.readiness", lambda: protect_counts(registry.assess_readiness(afterwards.province()), ())
    ),
    "readiness bare": Case(
        "registry.readiness", lambda: protect_counts(registry.assess_readiness(afterwards.bare()), ())
    ),
    "coverage": Case("registry.coverage", lambda: protect(registry.measure_coverage(afterwards.province()))),
    "coverage bare": Case("registry.coverage", lambda: protect(registry.measure_coverage(afterwards.bare()))),
    "volatility": Case("registry.volatility", lambda: protect(registry.measure_volatility(afterwards.province()))),
    "volatility of few": Case(
        "registry.volatility", lambda: protect(registry.measure_volatility(afterwards.province(100)))
    ),
    "gates": Case(
        "registry.gates",
        lambda: protect_counts(careers.count_passing(afterwards.province()), ("people", "barred"), flow=True),
    ),
    "notes": Case("tables.notes", trial_rows, NOTED),
    "notes none": Case("tables.notes", trial_rows, {"notes": []}),
}


LATER = (afterwards, sent_rows, unequal, varied)
CASES |= {name: Case(*case) for module in LATER for name, case in module.cases().items()}


@functools.cache
def kept(name: str) -> tuple[View, pd.DataFrame, dict[str, Any]]:
    """The view of a case, the rows that it keeps, as a page would find them again, and its choices."""
    case = CASES[name]
    view = VIEWS[case.view]
    return view, view.keep(case.rows()).reset_index(drop=True), case.choices


def said(name: str, lang: str) -> dict[str, str]:
    """What the view of a case says in a language, with the table of its own behind a figure."""
    view, rows, choices = kept(name)
    with speaking(lang):
        return view.say(rows, **choices) | ({"table_html": view.data(rows)} if view.data else {})


def cases_of(module: str, *roles: str) -> list[str]:
    """The cases of the views of a module, of some roles if given."""
    return [
        name
        for name, case in CASES.items()
        if case.view.startswith(f"{module}.") and (not roles or VIEWS[case.view].role in roles)
    ]


FIELDS = {
    "figure": {"title", "alt", "caption"},
    "table": {"title", "html", "note"},
    "text": {"html"},
    "answer": {"html", "status"},
}


def check_words(name: str) -> None:
    """Every word is there in both languages, in that language only, and nothing is `nan` or `None`."""
    role = kept(name)[0].role
    for lang, foreign in (("vi", ENGLISH), ("en", LETTERS)):
        words = said(name, lang)
        assert set(words) - {"table_html"} == FIELDS[role]
        if CASES[name].view.startswith("published."):
            words.pop("note", None)  # names the source as it is printed
        for field, text in words.items():
            plain = re.sub(r"<[^>]+>", " ", text)
            assert field in ("note", "status") or len(plain.strip()) > 3
            assert not {"nan", "None", "NaN"} & set(plain.split()), plain
            assert field == "status" or not re.search(foreign, plain, re.IGNORECASE), plain


def check_drawing(name: str) -> None:
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    view, rows, choices = kept(name)
    for lang in ("vi", "en"):
        for width in WIDTHS:
            with speaking(lang):
                figure = picture(view, rows, Style(width), **choices)
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            boxes, edge = label_boxes(figure, canvas.get_renderer()), figure.bbox
            for words, box in boxes:
                assert box.x0 >= edge.x0 - 2 and box.x1 <= edge.x1 + 2, f"{words!r} is cut off"
            for place, (words, box) in enumerate(boxes):
                for others, other in boxes[place + 1 :]:
                    assert common(box, other) < 0.25, f"{words!r} lies on {others!r} ({lang}, {width})"


def label_boxes(figure, renderer):
    """Text that is drawn, with its box; tick labels outside the limits exist but are not drawn."""
    axes = [one for one in figure.axes if one.get_visible()]
    ticks = [
        (tick, axis._update_ticks())
        for one in axes
        for axis in (one.xaxis, one.yaxis)
        for tick in axis.get_major_ticks()
    ]
    left_out = {
        label
        for tick, drawn in ticks
        if tick not in drawn or not tick.axes.axison
        for label in (tick.label1, tick.label2)
    }
    labels = [label for part in (*axes, *figure.legends, *figure.texts) for label in part.findobj(Label)]
    labels = [label for label in labels if label.get_text().strip() and label.get_visible() and label not in left_out]
    return [(label.get_text(), label.get_window_extent(renderer)) for label in labels]


def common(one, two):
    """Part of the smaller box that lies in the other."""
    width, height = min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / min(one.width * one.height, two.width * two.height)
