"""A province with a planted truth: a registry by the contract, of people who do not exist."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis.errors import RegistryError
from analysis.registry.contract import TABLES
from analysis.registry.store import write_folder
from analysis.synthetic.elections import Committees, convene, hold
from analysis.synthetic.paper.certificates import certify
from analysis.synthetic.paper.clerk import Clerk, Log
from analysis.synthetic.paper.placement import place
from analysis.synthetic.paper.records import people_table, planning_table, posts_table, seats_table, small_tables
from analysis.synthetic.paper.schooling import training_tables
from analysis.synthetic.paper.shortcourses import rewrite_courses
from analysis.synthetic.parameters import DEFAULT, Settings, month
from analysis.synthetic.planted import planted_truth
from analysis.synthetic.population import State
from analysis.synthetic.timeline import Month, live
from analysis.synthetic.world import World, create

STREAMS = 6  # people, months, calendar, elections, paperwork, later paperwork


@dataclass(frozen=True, kw_only=True, eq=False)
class Province:
    """A synthetic registry: the tables of the contract, the keys of registry.yml, and what was planted."""

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
    world = create(people, settings, np.random.default_rng(seeds[2]))
    committees, rng = convene(world.places), np.random.default_rng(seeds[3])
    diary: dict[str, list] = defaultdict(list)
    for this in live(world, seeds[:2]):
        _note(diary, this)
        if this.now >= month(settings.covers_from):
            hold(committees, this.after, this.now, world, rng)
    log = {name: _join(parts) for name, parts in diary.items()}
    clerk = Clerk(this.after, log, this.recruits.stop, world, seeds[4:])
    tables = _file(clerk, log, committees)
    truth = planted_truth(settings) | {"units": _units(world)}
    return Province(tables=tables, meta=_meta(people, seed, settings), truth=truth)


def _units(world: World) -> dict[str, dict[str, float]]:
    """Give the planted multipliers of each unit right below the province, by its id."""
    tops, names = np.unique(world.places.top[1:]), world.places.frame["unit_id"]
    pairs = zip(tops, np.stack([world.sending, world.rising], axis=1)[tops].tolist(), strict=True)
    return {names[top]: dict(zip(("sending", "promotion"), pair, strict=True)) for top, pair in pairs}


def _note(diary: dict[str, list], this: Month) -> None:
    """Write down what happened in a month, and in the first one where everybody came from."""
    if not diary:
        diary["origin"].append(_posts_of(this.before, slice(0, this.recruits.start)))
    diary["hired"].append(_posts_of(this.before, this.recruits))
    for events in this.events:
        for name, columns in events.items():
            diary[name].append(columns | {"month": np.full(len(columns["person"]), this.now, dtype=np.int16)})


def _posts_of(state: State, slots: slice) -> dict[str, np.ndarray]:
    who = np.arange(slots.start, slots.stop)
    columns = {"month": state.grade_since, "unit": state.unit, "grade": state.grade, "sector": state.sector}
    return {"person": who} | {name: value[who] for name, value in columns.items()}


def _join(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _file(clerk: Clerk, log: Log, committees: Committees) -> dict[str, pd.DataFrame]:
    people, posts = people_table(clerk), posts_table(clerk, log)
    tables = {
        "people": people,
        "posts": posts,
        "seats": seats_table(clerk, committees),
        "planning": planning_table(clerk, log),
        **training_tables(clerk, log, posts),
        **small_tables(clerk, log),
        "units": clerk.places.frame,
    }
    tables |= place(tables, clerk)
    tables["training"] = rewrite_courses(tables["training"], clerk)
    tables["qualifications"] = certify(tables, clerk)
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
        "source": f"synthetic: analysis.synthetic.simulate(people={people}, seed={seed})",
    }


def write(province: Province, out: str | Path) -> Path:
    """Write one Parquet file a table, registry.yml and truth.yml, all or nothing; refuse to overwrite real data."""
    out = Path(out)
    _refuse_real(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as work:
        draft = Path(work) / "new"
        draft.mkdir()
        write_folder(province.tables, province.meta, draft)
        truth = yaml.safe_dump(province.truth, allow_unicode=True, sort_keys=False)
        (draft / "truth.yml").write_text(truth, encoding="utf-8")
        if out.exists():
            out.rename(Path(work) / "old")
        draft.rename(out)
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
