"""A province with a planted truth: a registry by the contract, of people who do not exist."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis.errors import RegistryError
from analysis.registry.contract import TABLES
from analysis.synthetic.clerk import Clerk
from analysis.synthetic.dynamics import Log
from analysis.synthetic.elections import Committees, convene, hold
from analysis.synthetic.parameters import DEFAULT, Settings, draw_calendar, month
from analysis.synthetic.places import Places, lay_out
from analysis.synthetic.planted import planted_truth
from analysis.synthetic.population import State
from analysis.synthetic.records import people_table, planning_table, posts_table, seats_table, small_tables
from analysis.synthetic.schooling import training_tables
from analysis.synthetic.timeline import Month, live

STREAMS = 5  # people, months, calendar, elections, paperwork
EVENTS = (
    "origin", "hired", "promotion", "move", "merger", "exit", "rating", "discipline", "unplanned", "planned_post",
    "start", "not_started", "course",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Province:
    """A synthetic registry: the eleven tables of the contract, the keys of registry.yml, and what was planted."""

    tables: dict[str, pd.DataFrame]
    meta: dict[str, object]
    truth: dict[str, object]


def simulate(people: int = 24_000, seed: int = 20210910, *, settings: Settings = DEFAULT) -> Province:
    """Simulate a registry with a known effect of postgraduate training on promotion.

    `people` = heads in service at 31/12/2023; leavers since `covers_from` come on top. Calibrated on public
    figures of the province (domain.md part 4); promotion rates have no source and are chosen. The same people,
    seed and settings give the same tables, byte by byte.
    """
    seeds = np.random.SeedSequence(seed).spawn(STREAMS)
    places = lay_out(people)
    calendar = draw_calendar(settings, np.random.default_rng(seeds[2]))
    committees, rng = convene(places), np.random.default_rng(seeds[3])
    diary: dict[str, list] = defaultdict(list)
    for this in live(people, settings, calendar, places, seeds[:2]):
        _note(diary, this)
        if this.now >= month(settings.covers_from):
            hold(committees, this.after, this.now, people, settings, places, rng)
    log = {name: _join(diary.pop(name, [])) for name in EVENTS}
    clerk = Clerk(this.after, log, this.recruits.stop, settings, seeds[4])
    tables = _file(clerk, log, this.after, committees, places)
    return Province(tables=tables, meta=_meta(people, seed, settings), truth=planted_truth(settings))


def _note(diary: dict[str, list], this: Month) -> None:
    """Write down what happened in a month, and in the first one where everybody came from."""
    new = np.arange(this.recruits.start, this.recruits.stop)
    first = not diary
    if first:
        founders = np.arange(this.recruits.start)
        diary["origin"].append(_posts_of(this.before, founders))
    diary["hired"].append(_posts_of(this.before, new))
    for events in this.events:
        for name, columns in events.items():
            if len(columns["person"]):
                diary[name].append(columns | {"month": np.full(len(columns["person"]), this.now, dtype=np.int16)})


def _posts_of(state: State, who: np.ndarray) -> dict[str, np.ndarray]:
    columns = {"month": state.grade_since, "unit": state.unit, "grade": state.grade, "sector": state.sector}
    return {"person": who} | {name: value[who] for name, value in columns.items()}


def _join(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    if not parts:
        names = ("person", "month", "unit", "grade", "sector", "kind", "reason", "rating", "since", "nominated",
                 "level", "mode", "length", "end", "fate", "own")  # fmt: skip
        return {name: np.zeros(0, dtype=np.int64) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _file(clerk: Clerk, log: Log, state: State, committees: Committees, places: Places) -> dict[str, pd.DataFrame]:
    tables = {
        "people": people_table(clerk, state),
        "posts": posts_table(clerk, log, places),
        "seats": seats_table(clerk, committees, places),
        "planning": planning_table(clerk, log, state),
        **training_tables(clerk, log, state, places),
        **small_tables(clerk, log),
        "units": places.frame,
    }
    return {name: tables[name] for name in TABLES}


def _meta(people: int, seed: int, settings: Settings) -> dict[str, object]:
    last = pd.Period(settings.extracted, "M").end_time
    return {
        "name": "Tỉnh mô phỏng (synthetic province)",
        "extracted": last.date(),
        "covers_from": pd.Timestamp(settings.covers_from).date(),
        "leavers_included": True,
        "synthetic": True,
        "declaration": "Synthetic data: nobody in it exists; it holds nothing on the state-secret list.",
        "source": f"synthetic: analysis.registry.synthetic.simulate(people={people}, seed={seed})",
    }


def write(province: Province, out: str | Path) -> Path:
    """Write one Parquet file a table, registry.yml and truth.yml, all or nothing; refuse to overwrite real data."""
    out = Path(out)
    _refuse_real(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        for name, table in province.tables.items():
            table.to_parquet(draft / f"{name}.parquet", index=False)
        for name, content in (("registry.yml", province.meta), ("truth.yml", province.truth)):
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            (draft / name).write_text(text, encoding="utf-8")
        draft.chmod(0o755)
        _replace(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return out


def _refuse_real(out: Path) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    card = out / "registry.yml"
    known = yaml.safe_load(card.read_text(encoding="utf-8")) if card.is_file() else None
    if not (isinstance(known, dict) and known.get("synthetic") is True):
        raise RegistryError(
            "{out} is not a synthetic registry and is left as it is. Choose an empty or a new folder.", out=out
        )


def _replace(draft: Path, out: Path) -> None:
    if not out.exists():
        draft.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
    out.rename(old / out.name)
    draft.rename(out)
    shutil.rmtree(old)
