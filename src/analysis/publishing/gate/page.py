"""The door of one page: a notebook shows results through it, and what passes is protected rows and a view's name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

from analysis import project
from analysis.effects import reproduce
from analysis.errors import PublishingError
from analysis.estimate import COLUMNS, Estimate
from analysis.publishing.batch.files import read_json
from analysis.publishing.batch.parameters import check_parameters
from analysis.publishing.drawing.svg import render
from analysis.publishing.drawing.view import View
from analysis.publishing.gate.disclosure import limits, protect, protect_counts
from analysis.publishing.gate.payload import MIME, PAGE, RECEIPT, ROWS, check_choices, pack_rows, seal
from analysis.publishing.views.plot import name_of_view
from analysis.registry import Registry, load
from analysis.words import Message, pack

RUN_FOLDER = "ANALYSIS_RUN"
TOKEN = "ANALYSIS_TOKEN"
READS = "ANALYSIS_READS"
NO_ROWS = pd.DataFrame(columns=[*COLUMNS, "suppressed"])
OPEN = {"why": "", "suppressed": False, "computed": True}  # of rows that no limit is asked of


@dataclass(kw_only=True, eq=False)
class Page:
    """What one notebook releases; nothing else of it reaches a reader."""

    notebook: str
    parameters: Mapping[str, Any]
    reg: Registry | None = None
    payloads: list[dict] = field(default_factory=list)
    rows: list[pd.DataFrame] = field(default_factory=list)
    reads: list[pd.DataFrame] = field(default_factory=list)
    notes: dict[Message, None] = field(default_factory=dict)

    def load(self) -> Registry:
        """Load the registry of the parameters, as known on their day: the one that this page speaks of."""
        self.reg = load(self.parameters["data"], as_of=self.parameters["as_of"])
        return self.reg

    def read(self, run: str) -> pd.DataFrame:
        """Give the rows that another run released, from the same data; raises PublishingError where there are none."""
        told = json.loads(os.environ.get(READS, "{}"))
        place = Path(told.get(run) or project.root() / "reports/runs" / run)
        made = read_json(place / PAGE).get("data_hash")
        if made != self._registry().fingerprint or not (place / ROWS).is_file():
            raise PublishingError(
                "{notebook} reads what the run {run} released from these data, and that is not there. Make it first: "
                "analysis build {run}.",
                notebook=self.notebook,
                run=run,
            )
        rows = pd.read_parquet(place / ROWS)
        self.reads.append(rows.copy())
        return rows

    def show(
        self, view: View, *things: Estimate | pd.DataFrame | str, name: str | None = None, lead: bool = False, **choices
    ) -> None:
        """Show results by a view: estimates, a frame of counts, released rows, or names of published cases.

        `name` is the output's anchor on the page (default: the view's own); `lead` puts a figure at the top. `choices`
        are strings and numbers. Raises PublishingError for a name taken twice and for results given as choices.
        """
        title = name_of_view(view)
        chosen = check_choices(title, choices)
        rows, notes = self._protect(view, things)
        self._emit(
            {
                "role": view.role,
                "name": name or title.rpartition(".")[2].replace("_", "-"),
                "view": title,
                "lead": lead,
                "choices": chosen,
                "rows": pack_rows(rows),
                "notes": pack(notes),
            },
            lambda: _sketch(view, rows, notes, choices),
        )

    def facts(self, **facts: Any) -> None:
        """Show the facts under the answer: days, spans of days, codes, numbers, each under its label in words.yml.

        What was not asked for (an empty word) is no fact.
        """
        items = [[name, pack(value)] for name, value in facts.items() if value != ""]
        self._emit({"role": "facts", "name": "facts", "items": items}, dict)

    def close(self, *notes: Message) -> None:
        """End the page: write its rows and its record, which a run without this last step lacks."""
        reg = self._registry()
        said = dict.fromkeys([*self.notes, *notes, *(finding.what for finding in reg.findings)])
        record = {
            "notebook": self.notebook,
            "parameters": {name: value for name, value in self.parameters.items() if name != "data"},
            "as_of": f"{reg.as_of:%Y-%m-%d}",
            "synthetic": bool(reg.meta["synthetic"]),
            "source_name": str(reg.meta["name"]),
            "data_hash": reg.fingerprint,
            "released": [payload["digest"] for payload in self.payloads],
            "rule": pack(_rule()),
            "notes": pack(list(said)),
        }
        folder = os.environ.get(RUN_FOLDER)
        if folder:
            rows = pd.concat(self.rows, ignore_index=True) if self.rows else NO_ROWS
            rows.drop_duplicates(ignore_index=True).to_parquet(Path(folder) / ROWS, index=False)
            kept = {**record, "token": os.environ.get(TOKEN, "")}
            Path(folder, PAGE).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        display({RECEIPT: record, "text/plain": f"{len(self.payloads)} outputs released"}, raw=True)

    def _registry(self) -> Registry:
        if self.reg is None:
            raise PublishingError("{notebook}: load the registry first, by page.load().", notebook=self.notebook)
        return self.reg

    def _protect(self, view: View, things: tuple) -> tuple[pd.DataFrame, list[Message]]:
        """Apply the disclosure limits, keep what the view shows, and write it into the record."""
        if len(things) == 1 and isinstance(things[0], pd.DataFrame) and "estimand" not in things[0]:
            return protect_counts(things[0], view.people or (), flow=view.flow), []
        if not things:
            return NO_ROWS, []
        parts = [self._safe(one) for one in things]
        notes = list(dict.fromkeys(note for one in things if isinstance(one, Estimate) for note in one.notes))
        rows = view.keep(pd.concat(parts, ignore_index=True)).reset_index(drop=True)
        self.rows.append(rows)
        self.notes |= dict.fromkeys(notes)
        return rows, notes

    def _safe(self, thing: Estimate | pd.DataFrame | str) -> pd.DataFrame:
        """Give rows as they may leave.

        A published case is computed here; rows of another run stay as they left it, and so does the truth planted where
        nobody is real; all else is protected.
        """
        if isinstance(thing, str):
            return reproduce(thing).table.assign(**OPEN)
        if isinstance(thing, pd.DataFrame):
            if not any(_is_part(thing, whole) for whole in self.reads):
                raise PublishingError(
                    "A frame was given that page.read() did not give. Show an estimate, or a view of counts."
                )
            return thing
        if set(thing.table["method"]) == {"planted"} and self._registry().meta["synthetic"]:
            return thing.table.assign(**OPEN)
        return protect(thing)

    def _emit(self, payload: dict[str, Any], drawn: Callable[[], dict[str, str]]) -> None:
        if any(one["name"] == payload["name"] for one in self.payloads):
            raise PublishingError(
                "Two outputs of this page are named {name!r}; names must differ.", name=payload["name"]
            )
        sealed = seal(payload)
        self.payloads.append(sealed)
        seen = {} if os.environ.get(RUN_FOLDER) else drawn()
        display({MIME: sealed, **seen, "text/plain": sealed["name"]}, raw=True)


def open_page(notebook: str, given: Mapping[str, Any]) -> Page:
    """Open the door of one notebook, its parameters checked; `given` may hold more (a notebook passes its globals)."""
    return Page(notebook=notebook, parameters=check_parameters(notebook, given))


def _is_part(rows: pd.DataFrame, whole: pd.DataFrame) -> bool:
    """Say whether rows are some of those of another run, as they were released."""
    return rows.index.isin(whole.index).all() and rows.equals(whole.loc[rows.index])


def _rule() -> Message:
    least, base = limits()
    return Message(
        "Counts of fewer than {least} people are not shown, others are rounded to the nearest {base}; the targets' "
        "members, has, studying, need and short for the whole province are shown exactly, and flows "
        "between two days are merged until each is of {least} people or more, then exact, so that they add up.",
        least=least,
        base=base,
    )


def _sketch(view: View, rows: pd.DataFrame, notes: list[Message], choices: Mapping[str, Any]) -> dict[str, str]:
    """Draw for who works in the notebook, in the user's language."""
    said = {"notes": notes} if view.noted else {}
    if view.draw is not None:
        return {"image/svg+xml": render(view, rows, **choices)["wide"]}
    return {"text/html": view.say(rows, **said, **choices)["html"]}
