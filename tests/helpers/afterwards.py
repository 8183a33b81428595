"""Rows for the views of what became of those who were sent: of a province, of a small one, and of one without the columns."""

from __future__ import annotations

import dataclasses
import functools

import pandas as pd

from analysis import placement
from analysis.estimate import Estimate
from analysis.publishing.gate.disclosure import protect
from analysis.registry.store import Registry
from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import make_registry

LATER = {
    "posts": ["office", "field", "managed_by"],
    "training": ["provider", "class_id", "linked", "cost", "cost_tuition", "cost_allowance", "repaid", "commitment_until"],
    "qualifications": ["field"],
}  # fmt: skip
SINCE = {"since": "2016-01-01"}
NONE = {"notes": []}


@functools.cache
def province(people: int = 9000) -> Registry:
    return make_registry(people, 2, dataclasses.replace(DEFAULT, intake=2.0))


@functools.cache
def bare() -> Registry:
    """A registry of the contract as it was: every later column is empty, and the later tables are absent."""
    reg = province(1500)
    tables = dict(reg.tables)
    for name, columns in LATER.items():
        rows = tables[name]
        tables[name] = rows.assign(**{column: rows[column].iloc[:0].reindex(rows.index) for column in columns})
    absent = frozenset({"needs", "establishments"})
    return dataclasses.replace(reg, tables=tables | {name: reg[name].iloc[:0] for name in absent}, absent=absent)


@functools.cache
def rows_of(verb: str, of: str = "full", **asked) -> pd.DataFrame:
    reg = {"full": province, "small": lambda: province(800), "bare": bare}[of]()
    return protect(getattr(placement, verb)(reg, **asked))


def notes_of(verb: str, of: str = "full", **asked) -> dict:
    reg = province() if of == "full" else bare()
    return {"notes": list(getattr(placement, verb)(reg, **asked).notes)}


def effect(low: float = 0.004) -> pd.DataFrame:
    base = {
        "method": "pooled_logistic",
        "population": "eligible",
        "time": 36,
        "n": 900,
        "n_exposed": 300,
        "n_event": 120,
    }
    rows = [
        {**base, "estimand": "risk", "term": "trained[0]", "estimate": 0.053},
        {**base, "estimand": "risk", "term": "trained[1]", "estimate": 0.067},
        {**base, "estimand": "risk_difference", "term": "trained", "estimate": 0.014, "conf_low": low, "conf_high": 0.024,
         "conf_level": 0.95},
        {"estimand": "verdict", "term": "suggestive", "n": 900},
    ]  # fmt: skip
    return protect(Estimate(table=rows, spec={}))


def schools() -> pd.DataFrame:
    rows = [
        {"estimand": "rate", "term": "not_in_time", "population": f"S{k}", "estimate": ratio, "conf_low": ratio - 0.3,
         "conf_high": ratio + 0.3, "n": 200, "n_event": 40}
        for k, ratio in enumerate((0.8, 1.9))
    ]  # fmt: skip
    rows.append({"estimand": "test", "term": "alike", "statistic": 30.0, "p_value": 1e-6, "n": 400})
    return protect(Estimate(table=rows, spec={}))


def _sent(of: str = "full", *more: pd.DataFrame) -> pd.DataFrame:
    ahead = rows_of("follow_sent", of, horizons=tuple(range(3, 49, 3)), fine=False, **SINCE)
    return pd.concat([rows_of("count_sent", of, **SINCE), ahead, *more], ignore_index=True)


def cases() -> dict:
    """The view, rows and choices of each case."""
    told = {"since": "2016-01-01", **NONE}
    here = functools.partial
    return {
        "after answer": ("afterwards.answer", lambda: _sent("full", effect()), told),
        "after answer alone": ("afterwards.answer", _sent, told),
        "after answer of few": ("afterwards.answer", here(_sent, "small"), told),
        "states": ("afterwards.states", _sent),
        "states of few": ("afterwards.states", here(_sent, "small")),
        "naive share": ("afterwards.naive", _sent),
        "naive share of few": ("afterwards.naive", here(_sent, "small")),
        "by year": ("afterwards.by_year", _sent),
        "rises": ("afterwards.rises", _sent),
        "rises without offices": ("afterwards.rises", here(_sent, "bare")),
        "key posts": ("placed.key_posts", here(rows_of, "count_key_posts")),
        "key posts of few": ("placed.key_posts", here(rows_of, "count_key_posts", "small")),
        "key posts unknown": ("placed.key_posts", here(rows_of, "count_key_posts", "bare")),
        "key offices": ("placed.by_office", here(rows_of, "count_key_posts")),
        "match": ("placed.match", here(rows_of, "match_fields"), NONE),
        "match unknown": ("placed.match", here(rows_of, "match_fields", "bare"), notes_of("match_fields", "bare")),
        "fields": ("placed.fields", here(rows_of, "count_fields")),
        "order": ("placed.order", here(rows_of, "order_of_training")),
        "service": ("placed.service", here(rows_of, "follow_commitments")),
        "sums": ("placed.sums", here(rows_of, "follow_commitments"), notes_of("follow_commitments")),
        "sums unknown": ("placed.sums", here(rows_of, "follow_commitments", "bare"), NONE),
        "costs": ("placed.costs", lambda: protect(placement.price_training(province(), effect=effect(), **SINCE))),
        "costs not defined": (
            "placed.costs", lambda: protect(placement.price_training(province(), effect=effect(-0.001), **SINCE))),
        "costs unknown": ("placed.costs", here(rows_of, "price_training", "bare")),
        "schools alike": ("placed.schools", here(rows_of, "compare_programmes"), notes_of("compare_programmes")),
        "schools ranked": ("placed.schools", schools, NONE),
        "schools unknown": (
            "placed.schools", here(rows_of, "compare_programmes", "bare"), notes_of("compare_programmes", "bare")),
    }  # fmt: skip
