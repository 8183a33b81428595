"""What units do beside what their people lead one to expect: how far they differ, and whether any may be named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.careers.covariates import left_out
from analysis.careers.spells import LEAVERS
from analysis.errors import Blocked, VariationError, check_options
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.results import Row, entry, give
from analysis.shrinkage import LEVEL, SHAPES, Spread, draw_ratios, fit_spread, posterior
from analysis.variation.cells import MEASURES, lay_clock
from analysis.words import Message

NAMED_BELOW = 0.01  # p-value of the test that all are alike under which units are named
DRAWS, SEED, ROUNDS = 4000, 60, 8
FIFTH = 0.2
LEAST = 10  # events that chance must be able to move
DIGITS = 2  # of ratios of a unit: more would give its count back
FEW = Message(
    "{measure:label.variation}: not assessable, it happened too seldom or in one unit only for units to be compared."
)
UNRANKED = Message(
    "{measure:label.variation}: the units cannot be ranked, and none is named: differences as large come about by "
    "chance in {p_value:percent.0} of cases without any."
)
MIX = Message(
    "Units are compared by the mix of their people alone: sector, level of post, age, planning list, rating, Party. "
    "What else they differ in, wishes and workloads for example, is not seen, nor that one plans or rates otherwise."
)


def compare_units(reg: Registry, *, measure: str = "sending", start: str = "2017-01-01") -> Estimate:
    """Compare the units right below the province in `reg` by a `measure`: seen beside expected by their people's mix.

    Measures: `sending` (nominations to postgraduate courses) and `promotion`, per month from `start` on in which the
    rules allow it; `not_in_time` (such courses begun since, not completed six months past the expected end); `owed`
    (of what offices asked) and `with_degree` (leaders) on the day of `reg`. Expected: the whole province's rates by
    stratum (indirect standardisation). Rows: `rate` `spread`, the standard deviation of true ratios (gamma-Poisson,
    profile likelihood); `test` `alike`, and the `verdict` `differ` (p under 0.01) or `unranked`. By unit only where
    they differ: `ratio` (posterior) and `crude`, `heads` `observed` and `expected`, `probability` of the lowest and
    highest fifth. `details["units"]` has every count. Blocked where nothing happened or leavers are missing; raises
    VariationError for an unknown measure.
    Source: Clayton and Kaldor (1987), Biometrics 43:671-681; Spiegelhalter (2005), Stat. Med. 24:1185-1202.

    >>> variation.compare_units(reg).pick(term="alike").table["p_value"].lt(0.01).tolist()
    [True]
    """
    check_options(VariationError, measure=(measure, MEASURES))
    spec, base = {"measure": measure, "start": start}, {"method": "units", "outcome": measure, "date": reg.as_of}
    try:
        if not reg.meta.get("leavers_included"):
            raise Blocked(LEAVERS)
        cells, over = MEASURES[measure](reg, lay_clock(reg, start))
        some = cells["events"].any() and len(set(cells["unit"])) > 1
        units = count_units(cells, over).query("due > 0") if some else cells.iloc[:0]
        if units.empty or units["variance"].sum() < LEAST:
            raise Blocked(FEW.template, measure=measure)
    except Blocked as stop:
        return give(base, [entry("rate", "spread")], spec, stop.reasons, "blocked")
    fit, people = fit_spread(*_scaled(units)), int(cells["person"].nunique())
    statistic, p_value = _test_alike(units)
    told = {"conf_low": fit.low, "conf_high": fit.high, "conf_level": LEVEL, "interval": "profile"}
    rows = [
        entry("rate", "spread", fit.value, **told, n=people),
        entry("test", "alike", statistic=statistic, p_value=p_value, n=people),
    ]
    units, notes, differ = units.join(_posterior(units, fit)), [MIX, *left_out(reg)], p_value < NAMED_BELOW
    rows.append(entry("verdict", "differ" if differ else "unranked", n=people))
    if differ:
        rows += [row for one in units.assign(name=_names(reg, units)).itertuples() for row in _unit_rows(one)]
    else:
        notes.insert(0, Message(UNRANKED.template, measure=measure, p_value=p_value))
    return give(base, rows, spec, notes, details={"units": units.reset_index()})


def count_units(cells: pd.DataFrame, over: Sequence[str]) -> pd.DataFrame:
    """Count by unit the `people`, those with an event (`hit`), their `time`, events `seen`, and those `due`.

    `due` is at the rates of the strata of `over`.
    The rates are those of a unit like all: what is particular to units, drawn towards all, is taken out of them in
    turns, so that a large unit is not held against itself. `crude` are those due at one rate for everybody;
    `variance` is that of what is due, with people who can do it once only, and `unsure` that of its logarithm, since
    rates of strata rest on few events themselves.
    """
    names = [name for name in over if name in cells]
    stratum = cells.groupby(names, observed=True, dropna=False).ngroup().to_numpy()
    unit, known = pd.factorize(cells["unit"], sort=True)
    time, events = cells["time"].to_numpy(float), cells["events"].to_numpy(float)
    happened, seen, ratio = np.bincount(stratum, events), np.bincount(unit, events), np.ones(len(known))
    for _ in range(ROUNDS):
        rate = (happened / np.bincount(stratum, time * ratio[unit]))[stratum]
        due = np.bincount(unit, rate * time)
        fit = fit_spread(seen, due)
        ratio = posterior(seen, due, float(SHAPES[fit.best, 0]), float(fit.centres[fit.best, 0]))[0]
    spread = np.bincount(unit, rate * time * np.clip(1 - rate, 0, 1))
    whole = np.bincount(unit, time)
    people = cells.groupby("unit")["person"].nunique().reindex(known).to_numpy()
    shares = np.zeros((len(known), len(happened)))
    np.add.at(shares, (unit, stratum), rate * time)
    unsure = (shares**2 / np.maximum(happened, 1)).sum(axis=1) / np.maximum(due, 1e-9) ** 2
    hit = cells[events > 0].groupby("unit")["person"].nunique().reindex(known, fill_value=0).to_numpy()
    columns = {
        "people": people,
        "hit": hit,
        "time": whole,
        "seen": seen,
        "due": due,
        "crude": whole * seen.sum() / whole.sum(),
    }
    return pd.DataFrame({**columns, "variance": spread, "unsure": unsure}, index=pd.Index(known, name="unit"))


def _scaled(units: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give what was seen and due, scaled so that chance moves it as it moves counts without a bound."""
    likeness = units["variance"].sum() / units["due"].sum()
    return units["seen"].to_numpy() / likeness, units["due"].to_numpy() / likeness


def _test_alike(units: pd.DataFrame) -> tuple[float, float]:
    """Give the statistic of all alike, and how often chance alone gives as much."""
    seen, due = _scaled(units)
    share, total = due / due.sum(), seen.sum()

    def apart(counts: np.ndarray) -> np.ndarray:
        return ((counts - total * share) ** 2 / (total * share)).sum(axis=-1)

    chance = stats.multinomial(round(total), share).rvs(DRAWS, random_state=SEED)
    statistic = float(apart(seen))
    return statistic, float((1 + (apart(chance) >= statistic).sum()) / (1 + DRAWS))


def _posterior(units: pd.DataFrame, fit: Spread) -> pd.DataFrame:
    """Give each unit's ratio with its interval, and how probable it is that it is of the lowest and highest fifth."""
    drawn = draw_ratios(*_scaled(units), fit, DRAWS, SEED, units["unsure"].to_numpy())
    place, size = drawn.argsort(axis=1).argsort(axis=1), len(units)
    last = int(np.ceil(FIFTH * size))
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    fifths = {"lowest": (place < last).mean(axis=0), "highest": (place >= size - last).mean(axis=0)}
    return pd.DataFrame(
        {"estimate": drawn.mean(axis=0), "conf_low": low, "conf_high": high, **fifths}, index=units.index
    )


def _names(reg: Registry, units: pd.DataFrame) -> list[str]:
    """Name units in both languages, where they have a name in both."""
    known = reg["units"].drop_duplicates("unit_id").set_index("unit_id").loc[units.index]
    return [
        f"{vi} / {en}" if pd.notna(en) else str(vi) for vi, en in zip(known["name_vi"], known["name_en"], strict=True)
    ]


def _unit_rows(one) -> list[Row]:
    counts = {"population": one.name, "n": one.people, "n_event": one.hit}
    ends = {f"conf_{end}": round(getattr(one, f"conf_{end}"), DIGITS) for end in ("low", "high")}
    ratio = {"conf_level": LEVEL, "interval": "posterior", **ends}
    return [
        entry("rate", "ratio", round(one.estimate, DIGITS), **ratio, **counts),
        entry("rate", "crude", round(one.seen / one.crude, DIGITS), **counts),
        entry("heads", "observed", one.seen, **counts),
        entry("heads", "expected", one.due, **counts),
        entry("probability", "lowest_fifth", round(one.lowest, DIGITS), **counts),
        entry("probability", "highest_fifth", round(one.highest, DIGITS), **counts),
    ]
