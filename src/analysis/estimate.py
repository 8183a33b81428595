"""The one result: tidy rows, what was asked, and the sentences that must travel with the numbers."""

from __future__ import annotations

import html
import tempfile
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import EffectsError
from analysis.words import Message, label

COLUMNS = (
    "run", "method", "estimand", "population", "outcome", "term", "time", "date",
    "estimate", "std_error", "se_scale", "conf_low", "conf_high", "conf_level", "interval",
    "statistic", "p_value", "n", "n_exposed", "n_event", "n_effective",
)  # fmt: skip
TEXT = (*COLUMNS[:6], "se_scale", "interval")
ESTIMANDS = (
    "risk", "risk_difference", "risk_ratio", "hazard_ratio", "odds_ratio", "restricted_mean",
    "attainment", "heads", "points", "pace", "probability", "test", "contrast",
    "mean", "mean_difference", "standardised_difference", "proportion_difference", "variance_ratio", "effective_size",
    "amount", "months", "rate", "reproduction", "check", "verdict",
)  # fmt: skip
STATUSES = ("ok", "warned", "blocked")
SHOWN = ["estimand", "outcome", "term", "time", "date", "estimate", "conf_low", "conf_high", "n", "n_event"]
RESULTS = ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]


def tidy(rows: list[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """Lay rows out in the one schema: missing columns empty, unknown ones refused."""
    given = pd.DataFrame(rows)
    unknown = sorted(set(given.columns) - set(COLUMNS))
    if unknown:
        raise EffectsError(
            "Estimate rows have unknown columns {unknown}; allowed: {columns}.", unknown=unknown, columns=list(COLUMNS)
        )
    table = given.reindex(columns=list(COLUMNS))
    for name in COLUMNS:
        if name in TEXT:
            table[name] = table[name].astype("str").where(table[name].notna(), "")
        elif name != "date":
            table[name] = pd.to_numeric(table[name]).astype("float64")
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[ms]")
    return table.reset_index(drop=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """Rows of one analysis.

    `table` has one row an estimand, term and time (`COLUMNS`); `spec` is what was asked; `notes` are sentences
    that must be read with the numbers; `status` is `ok`, `warned` or `blocked`; `details` holds tidy tables that
    are not results. A blocked estimate keeps its rows with empty numbers and says why in `notes`.

    >>> effect.status, effect.table.shape
    ('ok', (12, 21))
    """

    table: pd.DataFrame
    spec: Mapping[str, Any]
    notes: tuple[Message, ...] = ()
    status: str = "ok"
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self):
        table = tidy(self.table)
        check_rows(table, self.status, self.notes)
        object.__setattr__(self, "table", table)

    def named(self, run: str) -> Estimate:
        """Give the same result with its rows marked as those of `run`, to tell them apart beside others.

        >>> set(effect.named("main").table["run"])
        {'main'}
        """
        return replace(self, table=self.table.assign(run=run))

    def pick(self, **wanted: Any) -> Estimate:
        """Give the same result with the rows that have the values `wanted`, as the function `pick` says.

        >>> effect.pick(estimand="risk_difference", time=36).table["estimate"].round(2).tolist()
        [0.12]
        """
        return replace(self, table=pick(self.table, **wanted))

    def to_frame(self) -> pd.DataFrame:
        """Give the rows with the status beside them, to save or to join with others.

        >>> effect.to_frame().columns[-1]
        'status'
        """
        return self.table.assign(status=self.status)

    def export(self, path: str | Path) -> Path:
        """Write the rows to one table that needs nothing beside it, and give where it is.

        `path` ends in `.csv` (UTF-8) or `.xlsx`; a file there is replaced whole. After `COLUMNS` come `status`, `unit`
        (what `estimate` is counted in) and `notes` (all of them), in the language spoken. A result without rows gives
        one, empty, to carry its notes. Raises EffectsError for another ending or a folder that is not there. Rows are
        as computed: limits of disclosure hold on pages only.

        >>> effect.export(folder / "effect.csv").name
        'effect.csv'
        """
        path = Path(path)
        if path.suffix not in (".csv", ".xlsx"):
            raise EffectsError("A result is exported to .csv or .xlsx; {name!r} is neither.", name=path.name)
        if not path.parent.is_dir():
            raise EffectsError("There is no folder {folder!r} to export to. Make it first.", folder=str(path.parent))
        rows = self.table if len(self.table) else tidy([{}])
        monthly = rows["term"].str.endswith("_a_month").map({True: "_a_month", False: ""})
        units = [label(f"unit[{one}]", "measures") for one in rows["estimand"] + monthly]
        rows = rows.assign(status=self.status, unit=units, notes=" ".join(note.say() for note in self.notes))
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as work:
            place = Path(work) / path.name
            if path.suffix == ".csv":
                rows.to_csv(place, index=False)
            else:
                with pd.ExcelWriter(place, engine="openpyxl", datetime_format="YYYY-MM-DD") as book:
                    rows.to_excel(book, index=False)
            place.replace(path)
        return path

    def _repr_html_(self) -> str:
        shown = self.table[SHOWN].dropna(axis="columns", how="all")
        notes = "".join(f"<li>{html.escape(note.say())}</li>" for note in self.notes)
        head = "" if self.status == "ok" else f"<p>{self.status}</p>"
        rows = shown.to_html(index=False, float_format="%.4g", na_rep="", max_rows=40)
        return head + rows + (f"<ul>{notes}</ul>" if notes else "")


def check_rows(table: pd.DataFrame, status: str, notes: tuple[Message, ...]) -> None:
    """Refuse rows that contradict themselves: the invariants every estimator must keep."""
    kind, value = table["estimand"], table["estimate"]
    share = kind.isin(["risk", "attainment", "probability"])
    parts = kind.isin(["risk_difference", "proportion_difference"])
    strange = sorted(set(kind) - set(ESTIMANDS))
    rules = {
        f"status {status!r}": status not in STATUSES,
        f"estimand {strange}": bool(strange),
        "conf_low > conf_high": (table["conf_low"] > table["conf_high"] + 1e-12).any(),
        "a share outside 0..1": (share & ((value < -1e-9) | (value > 1 + 1e-9))).any(),
        "a negative ratio or size": (kind.str.endswith(("_ratio", "_size")) & (value < 0)).any(),
        "a difference of shares outside -1..1": (parts & (value.abs() > 1 + 1e-9)).any(),
        "a blocked estimate with numbers or without a reason": status == "blocked"
        and (not notes or table[RESULTS].notna().any(axis=None)),
    }
    broken = [rule for rule, is_broken in rules.items() if is_broken]
    if broken:
        raise EffectsError("Estimate rows contradict themselves: {broken}.", broken="; ".join(broken))


def pick(rows: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Give the `rows` in which each column named in `wanted` has the value given, or any of a list of them.

    A term brings its levels along: `training` also picks `training[0-11]`. Days may be written as text.
    Raises EffectsError where there is no such column.

    >>> pick(effect.table, estimand="risk", term=["trained[0]", "trained[1]"], time=[12, 24]).shape
    (4, 21)
    """
    chosen = pd.Series(True, index=rows.index)
    for name, given in wanted.items():
        if name not in rows:
            raise EffectsError("There is no column {name!r}; there are {columns}.", name=name, columns=list(rows))
        values = [given] if pd.api.types.is_scalar(given) else list(given)
        found = rows[name].isin(pd.to_datetime(values) if name == "date" else values)
        if name == "term":
            found |= rows[name].str.partition("[")[0].isin(values)
        chosen &= found
    return rows[chosen]


def combine(*estimates: Estimate) -> Estimate:
    """Join `estimates` for one figure or table: rows in the order given, each note once, and the status of the worst.

    Where some results are blocked and others are not, what is joined is `warned`: its numbers stand. What was asked
    and `details` are those of the first that has them; mark rows with `named` where they must be told apart.

    >>> both = combine(effect.named("one"), effect.named("two"))
    >>> both.status, len(both.table)
    ('ok', 24)
    """
    worst = max((one.status for one in estimates), key=STATUSES.index)
    if worst == "blocked" and any(one.status != "blocked" for one in estimates):
        worst = "warned"
    return Estimate(
        table=pd.concat([one.table for one in estimates], ignore_index=True),
        spec=dict(ChainMap(*(dict(one.spec) for one in estimates))),
        notes=tuple(dict.fromkeys(note for one in estimates for note in one.notes)),
        status=worst,
        details=dict(ChainMap(*(dict(one.details) for one in estimates))),
    )


def blocked(rows: list[dict[str, Any]] | pd.DataFrame, spec: Mapping[str, Any], *reasons: Message) -> Estimate:
    """Build a result that carries its reasons and no numbers."""
    table = tidy(rows)
    table[RESULTS] = float("nan")
    return Estimate(table=table, spec=spec, notes=tuple(reasons), status="blocked")
