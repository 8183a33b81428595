"""The effect by units that sent people earlier: differences in differences where units begin at different times."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from analysis.careers.outcomes import events_of, rises_of
from analysis.careers.spells import check_asked
from analysis.careers.states import courses, degree_months, in_service, latest, main_posts
from analysis.effects.arms.matrix import check_columns
from analysis.effects.rows import wald
from analysis.errors import Blocked, EffectsError, check_options
from analysis.estimate import Estimate, blocked
from analysis.registry.store import Registry
from analysis.words import Message

Controls = Literal["not_yet_treated", "never_treated"]
Shown = Literal["promoted", "degree"]
HALF = 6
CLUSTERS = 40  # fewer units make intervals too narrow (Cameron and Miller 2015, J. Hum. Resour. 50:317-372)
ALPHA = 0.05
PER_CELL = 5  # treated units a cell of the wider test of what came before: with fewer it finds too much


def build_unit_panel(
    reg: Registry,
    *,
    outcome: Shown = "promoted",
    sent: int = 2,
    leaders: int = 3,
    exposure: str = "postgraduate",
    start: str = "2015-01-01",
    end: str = "2024-12-31",
) -> pd.DataFrame:
    """Lay out units of `reg` by half-years for `fit_event_study`.

    From `start` to `end`: columns `unit_id`, `period` (half-years since January 1970), `share` (of those in a leading
    post of the unit as the half-year begins: by `outcome`, `promoted` in it, or with a postgraduate `degree` by its
    end), `leaders`, `first_treated` (the half-year by which `sent` people of the unit have started a course of
    `exposure`, 0 for never). A unit with fewer than `leaders` of them in any half-year is left out. The estimand is of
    units, not of people: what having sent so many does to the share among those who lead the unit then, whoever they
    are, every unit counting the same; `degree` says how sending shows in the share of a target, not an effect on
    careers.

    >>> effects.build_unit_panel(reg).columns.tolist()
    ['unit_id', 'period', 'share', 'leaders', 'first_treated']
    """
    check_options(EffectsError, outcome=(outcome, Shown))
    clock = check_asked(reg, "higher_post", exposure, start, end)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    begins = clock.columns[(clock.months % HALF == 0) & (clock.columns + HALF <= clock.count)]
    grade, until = np.append(posts["grade"], 0), np.append(posts["ended"], 0)
    leads = (grade[post] > 0) & (until[post] >= clock.months) & in_service(reg, clock)
    rows, halves = np.nonzero(leads[:, begins])
    at = begins[halves]
    if outcome == "promoted":
        rises = events_of(reg, clock, rises_of(reg, clock, posts, post, "higher_post")) == 1
        shown = np.logical_or.reduce([rises[rows, at + month] for month in range(HALF)])
    else:
        shown = degree_months(reg, clock)[rows] < clock.first + at + HALF
    unit = np.array([*posts["unit_id"], None], dtype="object")
    panel = pd.DataFrame({"unit_id": unit[post[rows, at]], "period": (clock.first + at) // HALF, "share": shown})
    panel = panel.groupby(["unit_id", "period"], as_index=False)["share"].agg(share="mean", leaders="size")
    enough = panel[panel["leaders"] >= leaders].groupby("unit_id")["period"].transform("size") == len(begins)
    panel = panel.loc[enough.index[enough]]
    taken = courses(reg, clock, exposure).sort_values("month")
    taken = taken[taken["month"].between(clock.first, clock.months[-1])]
    home = pd.Series(unit[post[taken["row"], taken["month"] - clock.first]], index=taken.index).dropna()
    reached = home[home.groupby(home).cumcount() == sent - 1]
    first = panel["unit_id"].map(pd.Series(taken["month"][reached.index].to_numpy() // HALF, index=reached))
    return panel.assign(first_treated=first.fillna(0).astype("int64")).reset_index(drop=True)


def fit_event_study(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    first_treated: str,
    controls: Controls = "not_yet_treated",
    before: int = 8,
    units: int = 10,
) -> Estimate:
    """Estimate what treatment did to the treated units: `frame` has one row a `unit` and `period` (whole numbers).

    `first_treated`: a unit's first treated period, 0 for never; none is treated before it, and without treatment the
    `outcome` of all would have moved alike. `controls`: `not_yet_treated` or `never_treated`. Rows `mean_difference` of
    `callaway_santanna`: `event_time` by `time` (periods since the start, where `units` treated units carry it),
    `overall[dynamic]` (their mean from 0 on), `overall[group]` (each unit its own mean), `overall[simple]`;
    `overall` of `sun_abraham`, `imputation` and plain `two_way`. Rows `test`: `pre_trend`, the `before` last event
    times below 0 are 0, and with five treated units a cell `pre_trend[group_time]`. `details`: `group_time`,
    `bacon` (what two_way weighs). Blocked: fewer than `units` treated or comparison units, half of those treated with
    fewer than `before` periods before, no comparison. Bad columns raise EffectsError. Library diff-diff.
    Source: Callaway and Sant'Anna (2021), J. Econom. 225:200-230; Goodman-Bacon (2021), J. Econom. 225:254-277.

    >>> panel, columns = effects.build_unit_panel(reg), {"outcome": "share", "unit": "unit_id", "period": "period"}
    >>> effects.fit_event_study(panel, **columns, first_treated="first_treated", units=10_000).status
    'blocked'
    """
    check_options(EffectsError, controls=(controls, Controls))
    panel = _read(frame, outcome, unit, period, first_treated)
    spec = {"outcome": outcome, "unit": unit, "period": period, "first_treated": first_treated, "controls": controls}
    kept = {"outcome": outcome, "population": "treated_units"}
    try:
        panel, notes = _usable(panel, controls, before, units)
    except Blocked as one:
        return blocked([{"estimand": "mean_difference", "term": "overall", **kept}], spec, *one.reasons)
    begins = panel.groupby("unit")["first"].first()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cells without comparison, which stay out of every mean
        rows, details, drift = _fit(panel, controls, before, units)
    if drift < ALPHA:
        notes += (
            Message("Before they began the treated units did not move as the others (p = {p:number.3}).", p=drift),
        )
    return Estimate(
        table=pd.DataFrame(rows).assign(n=len(begins), n_exposed=(begins > 0).sum(), **kept),
        spec=spec,
        notes=notes,
        status="warned" if notes else "ok",
        details=details,
    )


def _read(frame: pd.DataFrame, outcome: str, unit: str, period: str, first_treated: str) -> pd.DataFrame:
    check_columns(frame, [outcome, unit, period, first_treated])
    panel = pd.DataFrame(
        {
            "unit": pd.factorize(frame[unit])[0],
            "period": frame[period].to_numpy("int64"),
            "y": frame[outcome].to_numpy("float64"),
            "first": frame[first_treated].to_numpy("int64"),
        }
    )
    twice = panel.duplicated(["unit", "period"]).sum()
    changes = panel.drop_duplicates(["unit", "first"])["unit"].duplicated().sum()
    if twice or changes:
        raise EffectsError(
            "{unit}: {twice} rows repeat a unit and period, and {first_treated} changes in {changes} units. Keep one.",
            unit=unit,
            twice=int(twice),
            first_treated=first_treated,
            changes=int(changes),
        )
    return panel


def _usable(panel: pd.DataFrame, controls: str, before: int, least: int) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """Keep the units seen in every period and not treated from the first on; raises Blocked where they are too few."""
    periods = np.unique(panel["period"])
    whole = panel.groupby("unit")["period"].transform("size") == len(periods)
    late = panel["first"].where(panel["first"] <= periods[-1], 0)  # treated after all is seen: not yet
    early = (late > 0) & (late <= periods[0])
    kept = panel.assign(first=late)[whole & ~early]
    begins = kept.groupby("unit")["first"].first()
    treated, never = begins[begins > 0], (begins == 0).sum()
    others = never + ((treated > treated.min()).sum() if controls == "not_yet_treated" else 0)
    if not others:
        raise Blocked("No unit is never or not yet treated: there is nothing to compare with.")
    if len(treated) < least or others < least:
        raise Blocked("Fewer than {least} units are treated, or can be compared with: too few.", least=least)
    if (np.searchsorted(periods, treated) < before).mean() > 0.5:
        raise Blocked(
            "More than half of the treated units are seen for fewer than {before} periods before they begin: whether "
            "they moved as the others cannot be told.",
            before=before,
        )
    if np.ptp(kept["y"]) == 0:
        raise Blocked("The outcome has the same value everywhere: there is nothing to estimate.")
    notes = []
    if not whole.all() or early.any():
        notes.append(Message("Units not seen in every period, or treated from the first, are left out."))
    if len(begins) < CLUSTERS or len(treated) < CLUSTERS / 2:
        notes.append(Message("There are few units: the intervals are narrower than they should be."))
    return kept, tuple(notes)


def _fit(
    panel: pd.DataFrame, controls: str, before: int, least: int
) -> tuple[list[dict[str, Any]], dict[str, pd.DataFrame], float]:
    """Fit all ways by the library; give rows, tables, and how likely the leads are if nothing moved before."""
    import diff_diff  # two seconds that only these models need

    asked = {"outcome": "y", "unit": "unit", "time": "period", "first_treat": "first"}
    main = diff_diff.CallawaySantAnna(control_group=controls).fit(panel, **asked)
    events = main.aggregate("event_study")
    cells = pd.DataFrame(
        [{"first": group, "period": at, **one} for (group, at), one in main.group_time_effects.items()]
    )[["first", "period", "effect", "se", "n_treated"]].dropna(ignore_index=True)
    covariance, since = _covariance(panel, cells, controls), cells["period"] >= cells["first"]
    times = np.asarray(events.event_time)
    carried = cells.groupby(cells["period"] - cells["first"])["n_treated"].sum().reindex(times, fill_value=0) >= least
    known = np.isfinite(events.se) & ~np.asarray(events.is_reference) & carried.to_numpy()
    lags, leads = np.flatnonzero(known & (times >= 0)), np.flatnonzero(known & (times < 0) & (times >= -before))
    weights = np.where(since, cells["n_treated"] / since.groupby(cells["first"]).transform("sum"), 0)
    rows = [_row("event_time", events.att[at], events.se[at], time=times[at]) for at in np.flatnonzero(known)]
    rows += [
        _row("overall[dynamic]", *_mean(events.att[lags], events.vcov[np.ix_(lags, lags)], np.ones(len(lags)))),
        _row("overall[group]", *_mean(cells["effect"].to_numpy(), covariance, weights)),
        _row("overall[simple]", main.overall_att, main.overall_se),
    ]
    bacon = diff_diff.BaconDecomposition().fit(panel, **asked)
    beside = {"sun_abraham": diff_diff.SunAbraham(control_group=controls), "imputation": diff_diff.ImputationDiD()}
    if not (panel["first"] == 0).any():
        del beside["sun_abraham"]  # the library's knows no comparison but the never treated
    for name, way in beside.items():
        found = way.fit(panel, **asked)
        rows.append(_row("overall", found.overall_att, found.overall_se, method=name))
    rows.append(_row("overall", bacon.twfe_estimate, np.nan, method="two_way"))
    treated = (panel.groupby("unit")["first"].first() > 0).sum()
    drift = _joint(events.att[leads], events.vcov[np.ix_(leads, leads)], treated)
    rows.append({"term": "pre_trend", **drift})
    if (~since).sum() * PER_CELL <= treated:
        early = np.flatnonzero(~since)
        wider = _joint(cells["effect"][early], covariance[np.ix_(early, early)], np.inf)
        rows.append({"term": "pre_trend[group_time]", **wider})
    return rows, {"group_time": cells, "bacon": bacon.to_dataframe()}, drift["p_value"]


def _covariance(panel: pd.DataFrame, cells: pd.DataFrame, controls: str) -> np.ndarray:
    """Give the covariance of the effects by group and period, which the library keeps to itself, from each unit's part.

    An effect is the mean change of the group less that of its controls: since the period before it began, and before
    that from one period to the next.
    """
    wide = panel.set_index(["unit", "period"])["y"].unstack()  # noqa: PD010 - no mean is taken
    first, y, periods = panel.groupby("unit")["first"].first().to_numpy(), wide.to_numpy(), wide.columns.to_numpy()
    parts = []
    for group, at in zip(cells["first"], cells["period"], strict=True):
        now, base = np.searchsorted(periods, [at, min(group, at)]) - [0, 1]
        later = first > max(at, periods[base]) if controls == "not_yet_treated" else False
        change, part = y[:, now] - y[:, base], np.zeros(len(first))
        for sign, one in ((1, first == group), (-1, ((first == 0) | later) & (first != group))):
            part[one] = sign * (change[one] - change[one].mean()) / one.sum()
        parts.append(part)
    return np.array(parts) @ np.array(parts).T


def _joint(values: Any, covariance: np.ndarray, treated: float) -> dict[str, Any]:
    """Test that several effects are all 0: F of so many treated units (Hotelling), chi-square of infinitely many."""
    values, many = np.asarray(values), len(values)
    statistic = values @ np.linalg.pinv(covariance) @ values if many else np.nan
    if np.isfinite(treated):
        statistic *= (treated - many) / (treated - 1) / max(many, 1)
        chance = fdtrc(many, treated - many, statistic)
    else:
        chance = chdtrc(many, statistic)
    return {"estimand": "test", "method": "callaway_santanna", "statistic": statistic, "p_value": float(chance)}


def _mean(values: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    weights = weights / weights.sum()
    return weights @ values, np.sqrt(weights @ covariance @ weights)


def _row(term: str, value: float, error: float, method: str = "callaway_santanna", **more: Any) -> dict[str, Any]:
    return {"estimand": "mean_difference", "term": term, "method": method} | wald(value, error) | more
