"""The one result: tidy rows, what was asked, and the sentences that must travel with the numbers."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from analysis.errors import EffectsError
from analysis.text import Text

TEXT = ("run", "method", "estimand", "population", "outcome", "term", "se_scale", "interval")
NUMBERS = (
    "time", "estimate", "std_error", "conf_low", "conf_high", "conf_level", "statistic", "p_value",
    "n", "n_exposed", "n_event", "n_effective",
)  # fmt: skip
COLUMNS = (
    "run", "method", "estimand", "population", "outcome", "term", "time", "date",
    "estimate", "std_error", "se_scale", "conf_low", "conf_high", "conf_level", "interval",
    "statistic", "p_value", "n", "n_exposed", "n_event", "n_effective",
)  # fmt: skip
ESTIMANDS = (
    "risk", "risk_difference", "risk_ratio", "hazard_ratio", "odds_ratio", "restricted_mean",
    "attainment", "heads", "points", "pace", "probability", "test",
    "mean", "mean_difference", "standardised_difference", "proportion_difference", "variance_ratio", "effective_size",
    "reproduction",
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
            en=f"Estimate rows have unknown columns {unknown}; allowed: {list(COLUMNS)}.",
            vi=f"Các dòng kết quả có cột lạ {unknown}; được phép: {list(COLUMNS)}.",
        )
    table = given.reindex(columns=list(COLUMNS))
    for name in TEXT:
        table[name] = table[name].astype("str").where(table[name].notna(), "")
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name]).astype("float64")
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[ms]")
    return table.reset_index(drop=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """Rows of one analysis.

    `table` has one row an estimand, term and time (`COLUMNS`); `spec` is what was asked; `notes` are sentences
    that must be read with the numbers; `status` is `ok`, `warned` or `blocked`; `details` holds tidy tables that
    are not results. A blocked estimate keeps its rows with empty numbers and says why in `notes`.
    """

    table: pd.DataFrame
    spec: Mapping[str, Any]
    notes: tuple[Text, ...] = ()
    status: str = "ok"
    details: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self):
        table = tidy(self.table)
        check_rows(table, self.status, self.notes)
        object.__setattr__(self, "table", table)

    def named(self, run: str) -> Estimate:
        """Give the same result with its rows marked as those of `run`, to tell them apart beside others."""
        return replace(self, table=self.table.assign(run=run))

    def of_run(self, *runs: str) -> Estimate:
        """Give the same result with the rows of some runs."""
        return replace(self, table=self.table[self.table["run"].isin(runs)])

    def of(self, estimand: str) -> Estimate:
        """Give the same result with the rows of one estimand."""
        return replace(self, table=self.table[self.table["estimand"] == estimand])

    def only(self, covariate: str) -> Estimate:
        """Give the same result with the rows of one covariate and its levels."""
        term = self.table["term"]
        return replace(self, table=self.table[(term == covariate) | term.str.startswith(f"{covariate}[")])

    def to_frame(self) -> pd.DataFrame:
        """Give the rows with the status beside them, to save or to join with others."""
        return self.table.assign(status=self.status)

    def _repr_html_(self) -> str:
        shown = self.table[SHOWN].dropna(axis="columns", how="all")
        notes = "".join(f"<li>{html.escape(note.say())}</li>" for note in self.notes)
        head = "" if self.status == "ok" else f"<p>{self.status}</p>"
        rows = shown.to_html(index=False, float_format="%.4g", na_rep="", max_rows=40)
        return head + rows + (f"<ul>{notes}</ul>" if notes else "")


def check_rows(table: pd.DataFrame, status: str, notes: tuple[Text, ...]) -> None:
    """Refuse rows that contradict themselves: the invariants every estimator must keep."""
    broken = []
    if status not in STATUSES:
        broken.append(f"status {status!r}")
    strange = sorted(set(table["estimand"]) - set(ESTIMANDS))
    if strange:
        broken.append(f"estimand {strange}")
    if (table["conf_low"] > table["conf_high"] + 1e-12).any():
        broken.append("conf_low > conf_high")
    risks = table.loc[table["estimand"].isin(["risk", "attainment", "probability"]), "estimate"]
    if ((risks < -1e-9) | (risks > 1 + 1e-9)).any():
        broken.append("a share outside 0..1")
    ratios = table.loc[table["estimand"].str.endswith(("_ratio", "_size")), "estimate"]
    if (ratios < 0).any():
        broken.append("a negative ratio or size")
    parts = table.loc[table["estimand"].isin(["risk_difference", "proportion_difference"]), "estimate"]
    if (parts.abs() > 1 + 1e-9).any():
        broken.append("a difference of shares outside -1..1")
    if status == "blocked" and (not notes or table[RESULTS].notna().any(axis=None)):
        broken.append("a blocked estimate with numbers or without a reason")
    if broken:
        raise EffectsError(
            en=f"Estimate rows contradict themselves: {'; '.join(broken)}.",
            vi=f"Các dòng kết quả tự mâu thuẫn: {'; '.join(broken)}.",
        )


def blocked(rows: list[dict[str, Any]], spec: Mapping[str, Any], *reasons: Text) -> Estimate:
    """Build a result that carries its reasons and no numbers."""
    table = tidy(rows)
    table[RESULTS] = float("nan")
    return Estimate(table=table, spec=spec, notes=tuple(reasons), status="blocked")
