"""Rows for the views of who is sent: of a province, of a small one, and of one without planning."""

from __future__ import annotations

import dataclasses
import functools

import pandas as pd
from afterwards import province

from analysis import equity
from analysis.publishing.gate.disclosure import protect

SINCE = {"since": "2016-01-01"}


@functools.cache
def rows_of(verb: str, of: str = "full", **asked) -> pd.DataFrame:
    return protect(made(verb, of, **asked))


@functools.cache
def made(verb: str, of: str = "full", **asked):
    reg = province(800) if of == "small" else province()
    if of == "bare":
        reg = dataclasses.replace(reg, absent=frozenset({*reg.absent, "planning"}))
    return getattr(equity, verb)(reg, **SINCE, **asked)


def cases() -> dict:
    """The view, rows and choices of each case."""
    here = functools.partial
    women, notes = {"group": "sex[female]"}, {"notes": []}
    found: dict = {}
    for of in ("full", "small", "bare"):
        access, sending = here(rows_of, "compare_access", of), here(rows_of, "describe_sending", of)
        told = {"notes": [*made("compare_access", of).notes]} if of == "bare" else notes
        found |= {
            f"access answer {of}": ("access.answer", access, told),
            f"access pipeline {of}": ("access.pipeline", access),
            f"access naive {of}": ("access.naive", access),
            f"access stages {of}": ("access.stages", access, women),
            f"sending flags {of}": ("sending.flags", access),
            f"sending inside {of}": ("sending.inside", sending, {"start": "2016-01-01"}),
            f"sending by year {of}": ("sending.by_year", sending),
            f"sending places {of}": ("sending.places", sending),
            f"sending courses {of}": ("sending.courses", sending, women),
        }
    return found | {
        "sending kinds": ("sending.kinds", here(rows_of, "compare_kinds")),
        "access answer of nobody": ("access.answer", lambda: rows_of("compare_access").iloc[:0], notes),
    }
