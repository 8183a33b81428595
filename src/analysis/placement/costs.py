"""What a course costs: by start, completion, head that counts, further promotion; never what a promotion is worth."""

from __future__ import annotations

import pandas as pd

from analysis.careers.window import months_since
from analysis.errors import PlacementError, check_options
from analysis.estimate import Estimate, pick
from analysis.reference import targets
from analysis.registry.contract import MODE, TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import Row, entry, give
from analysis.targets.groups import call_roster, state_on
from analysis.words import Message

MAIN = {"estimand": "risk_difference", "method": "pooled_logistic", "population": "eligible", "run": ""}  # the answer
LATER = 24  # months after which a head is looked at again
NO_COST = Message("No cost of a course is on file: what a course costs is not assessable.")
KNOWN = Message("Only courses whose cost is on file count; a cost that is not on file is not 0.")
NOT_DEFINED = Message(
    "Cost of a further promotion: not defined, since the interval of the effect does not lie above 0. No effect is "
    "shown that a sum could be divided by."
)
NO_EFFECT = Message("Cost of a further promotion: no answer on the effect is at hand.")


def price_training(
    reg: Registry,
    *,
    exposure: str = "postgraduate",
    since: str = "2021-09-10",
    effect: pd.DataFrame | Estimate | None = None,
    horizon: int = 36,
) -> Estimate:
    """Divide what courses in `reg` of kind `exposure` begun from the day `since` cost by what came of them.

    Rows: `amount` in VND: `per_start`; of courses with a result `per_completion` (all of them paid for, by
    `mode[...]` in `population` too); `per_head` (of those who completed and are in a target's group) and `per_head[24]`
    (who completed two years ago and are in one today); `per_promotion`, the cost of a start by the risk difference in
    `effect` (rows or a result) at `horizon`, empty where its interval holds 0. `n` courses whose cost is on file,
    `n_event` what of these it is divided by. Only costs on file count. Raises PlacementError for a wrong kind or day;
    blocked where no cost is on file.

    >>> placement.price_training(reg, since="2016-01-01").table["term"].tolist()[:3]
    ['per_start', 'per_completion', 'per_completion']
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    months_since(reg, since, PlacementError)
    spec, base = {"exposure": exposure, "since": since, "as_of": reg.as_of}, {"method": "cost", "date": reg.as_of}
    rows = reg["training"]
    rows = rows[rows["kind"].eq(exposure) & rows["started"].ge(pd.Timestamp(since))]
    paid = rows[rows["cost"].notna()]
    if paid.empty:
        return give(base, [entry("amount", "per_start")], spec, [NO_COST], "blocked")
    counted = _counted(reg)
    told = [
        entry("amount", "per_start", paid["cost"].mean(), n=len(paid)),
        *_completions(paid),
        *_heads(paid, counted, reg.as_of),
    ]
    per_start = paid["cost"].mean()
    promotion, why = _promotion(per_start, len(paid), effect, horizon)
    notes = [KNOWN, *why]
    return give(base, [*told, promotion], spec, notes)


def _per(term: str, paid: pd.DataFrame, count: int, population: str = "ALL") -> Row:
    value = paid["cost"].sum() / count if count else None
    return entry("amount", term, value, n=len(paid), n_event=float(count), population=population)


def _completions(paid: pd.DataFrame) -> list[Row]:
    """Divide what courses with a result cost by the completions, in all and by mode."""
    over = paid[paid["outcome"].notna()]
    parts = [(mode, over[over["mode"].eq(mode)]) for mode in MODE]
    rows = [_per("per_completion", over, int(over["outcome"].eq("completed").sum()))]
    return rows + [
        _per("per_completion", part, int(part["outcome"].eq("completed").sum()), f"mode[{mode}]")
        for mode, part in parts if len(part)
    ]  # fmt: skip


def _counted(reg: Registry) -> set[str]:
    """Collect who is in the group of a target on the day of `reg` with a degree that counts."""
    states = [state_on(call_roster(reg, target.group), reg.as_of) for target in targets().values()]
    return {person for state in states for person in state.index[state["has"]]}


def _heads(paid: pd.DataFrame, counted: set[str], day: pd.Timestamp) -> list[Row]:
    over = paid[paid["outcome"].notna()]
    early = over[over["ended"] <= day - pd.DateOffset(months=LATER)]
    return [
        _per(
            term,
            part,
            part.loc[part["outcome"].eq("completed") & part["person_id"].isin(counted), "person_id"].nunique(),
        )
        for term, part in (("per_head", over), (f"per_head[{LATER}]", early))
    ]


def _promotion(
    cost: float, size: int, effect: pd.DataFrame | Estimate | None, horizon: int
) -> tuple[Row, list[Message]]:
    """Divide the cost of a start by the effect on promotion, where its interval lies above 0."""
    rows = effect.table if isinstance(effect, Estimate) else effect
    found = pd.DataFrame() if rows is None else pick(rows, **MAIN, time=horizon).dropna(subset="estimate")
    if found.empty:
        return entry("amount", "per_promotion"), [NO_EFFECT]
    gap = found.iloc[0]
    if not gap["conf_low"] > 0:
        return entry("amount", "per_promotion", n=size, time=horizon), [NOT_DEFINED]
    ends = {"conf_low": cost / gap["conf_high"], "conf_high": cost / gap["conf_low"], "interval": "of the effect"}
    told = {**ends, "conf_level": gap["conf_level"], "n": size, "time": horizon}
    return entry("amount", "per_promotion", cost / gap["estimate"], **told), []
