"""The main difference under other defensible choices: other data, methods, covariates, populations and terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.careers.flow import EVENTS
from analysis.careers.spells import Spells
from analysis.careers.trialspells import build_trial_spells
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, POPULATIONS, WEIGHTED, fit_models, risks_by_method
from analysis.errors import Blocked, EffectsError, check_options
from analysis.reference import verdict_rule
from analysis.registry.store import Registry

VARIANTS = ("lag", "unrelated", "lag_12", "same_month", "month_off", "transfer_out", "settled", "later_end")
UNRELATED_COURSE = "professional"
KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "full_time": {"mode": ("full_time",)},
    "in_service": {"mode": ("in_service",)},
    "project_02": {"funder": ("project_02",)},
    "other_budget": {"funder": ("other_budget",)},
    "master": {"level": ("master",)},
}


def build_asked(
    reg: Registry,
    *,
    exposure: str = "postgraduate",
    level: str = "",
    only: Mapping[str, Sequence[str]] | None = None,
    among: str = "",
    **asked: Any,
) -> Spells:
    """Build trial spells of a course among those whom it is for, from a registry `reg`.

    `exposure` is the kind of course, `level` one level of it ("": any); `only` and `asked` go to
    `careers.build_trial_spells`. Whom it is for is said by the rule's `among`, for this course (`whom`) or as `among`
    names it.

    >>> effects.build_asked(reg, level="master", end="2023-12-31").spec["only"]
    {'level': ['master']}
    """
    kept = {**({"level": (level,)} if level else {}), **(only or {})}
    spells = build_trial_spells(reg, exposure=exposure, only=kept, **asked)
    frame, levels = spells.frame, verdict_rule().among.get(among or whom(exposure, level))
    if not levels:
        return spells
    inside = frame[[*levels]].astype("str").isin(levels).all(axis=1)
    return replace(spells, frame=frame.assign(eligible=frame["eligible"] & inside))


def whom(exposure: str, level: str = "") -> str:
    """Name those whom a course is for: an entry of the rule's `among`, or `sendable`, all who may be sent.

    `exposure` is the kind of course and `level` one level of it ("": any).

    >>> effects.whom("postgraduate"), effects.whom("political_theory", "advanced")
    ('sendable', 'political_theory_advanced')
    """
    name = f"{exposure}_{level}"
    return name if name in verdict_rule().among else "sendable"


def adjust_for(exposure: str, level: str = "") -> dict[str, list[str]]:
    """Give what the comparison of a course is adjusted for: the rule's covariates in which those it is for differ.

    `exposure` is the kind of course and `level` one level of it ("": any). Keys: `covariates`, `confounders`, as
    `emulate_trials` takes them.

    >>> effects.adjust_for("postgraduate")["confounders"]
    ['planned', 'rating']
    """
    rule = verdict_rule()
    alike = {name for name, levels in rule.among.get(whom(exposure, level), {}).items() if len(levels) == 1}
    named = {"covariates": rule.covariates, "confounders": rule.confounders}
    return {field: [name for name in names if name not in alike] for field, names in named.items()}


def build_kinds(reg: Registry, *, level: str = "", **asked: Any) -> dict[str, Spells]:
    """Build spells of the same people in which only one kind of course counts, for `compare_gains`.

    `reg`, `level` and `asked` as for `build_asked`. Gives spells by the name of the kind (its mode, funder or level).

    >>> list(effects.build_kinds(reg))
    ['full_time', 'in_service', 'project_02', 'other_budget']
    """
    return {
        name: build_asked(reg, level=level, only=only, **asked)
        for name, only in KINDS.items()
        if "level" not in only or (asked.get("exposure") == "postgraduate" and not level)
    }


def build_variants(reg: Registry, names: Sequence[str] = VARIANTS, **asked: Any) -> dict[str, Spells]:
    """Build spells of the same people by other defensible choices, for `check_effect`.

    `reg` and `asked` as for `build_asked`; `names` are among these:

    `lag`, `lag_12`, `month_off`: a start counts so many months on (the rule's, 12, 1); `unrelated`: starts of a course
    that should do nothing; `same_month`: a promotion in the month of a start comes before it; `transfer_out`: leaving
    for another province counts as the outcome; `settled`: who is new in the post may not start; `later_end`: followed
    to the registry's own day. The rule needs the first two. No course is unrelated to itself: asked about short
    professional courses, that control is not built. Raises EffectsError for another name.

    >>> list(effects.build_variants(reg, ["lag", "unrelated"]))
    ['lag', 'unrelated']
    """
    check_options(EffectsError, **{name: (name, VARIANTS) for name in names})
    own = whom(asked.get("exposure", "postgraduate"), asked.get("level", ""))
    settings: dict[str, dict[str, Any]] = {
        "lag": {"lag": verdict_rule().lag},
        "lag_12": {"lag": 12},
        "month_off": {"lag": 1},
        "unrelated": {"exposure": UNRELATED_COURSE, "level": "", "among": own},
        "same_month": {"same_month": "before"},
        "later_end": {"end": str(reg.as_of.date())},
    }
    found = {}
    for name in names:
        if name == "unrelated" and asked.get("exposure") == UNRELATED_COURSE:
            continue
        spells = build_asked(reg, **(asked | settings.get(name, {})))
        frame = spells.frame
        if name == "settled":
            frame = frame.assign(eligible=frame["eligible"] & (frame["tenure_band"] != "<24"))
        elif name == "transfer_out":
            frame = frame.replace({"event": {EVENTS.index("transfer_out"): 1}})
        found[name] = replace(spells, frame=frame)
    return found


def vary_specifications(run: Run) -> pd.DataFrame:
    """Estimate the difference with each covariate left out in turn, with and without terms by arm, by three methods.

    The hazard of exits is kept as in the main answer.
    One row a specification: `left_out` ("" for none), `by_arm`, `method`, `population`, `risk_difference`.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4:1208-1214.
    """
    rows, covariates = [], run.question.covariates
    for gone in ("", *covariates):
        for by_arm in (True, False) if not gone else (True,):
            question = replace(
                run.question,
                covariates=[name for name in covariates if name != gone],
                confounders=run.question.confounders if by_arm else (),
            )
            try:
                fit = fit_models(run.cells, run.fit.parts, question, exits=run.fit.hazards.get(2))
            except Blocked:
                continue
            methods = (MODELLED, WEIGHTED, JOINED) if by_arm else (MODELLED,)
            rows += [
                (gone, by_arm, *key, risks[1, -1] - risks[0, -1])
                for key, risks in risks_by_method(run.cells, fit, methods, POPULATIONS).items()
            ]
    return pd.DataFrame(rows, columns=["left_out", "by_arm", "method", "population", "risk_difference"])
