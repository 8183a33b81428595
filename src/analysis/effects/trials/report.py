"""What an emulation was made of, as tidy tables: its protocol, flow, trials, other methods and coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.trials.initiation import effective_sizes, share_table, weigh_entries
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, crude_risks, risks_by_method
from analysis.text import Text

PROTOCOL = (
    ("eligibility", Text("Those whom the dated rules would allow to be sent, with no earlier start or qualification of the kind",
                         "Người mà quy định tại thời điểm đó cho phép cử đi học, chưa từng học hoặc có bằng cùng loại")),
    ("strategies", Text("Start the course now, or do not start now", "Bắt đầu học ngay, hoặc không bắt đầu lúc này")),
    ("assignment", Text("Not at random: made comparable by what is known as the trial starts",
                        "Không ngẫu nhiên: làm cho so sánh được bằng những gì đã biết khi thử nghiệm bắt đầu")),
    ("time zero", Text("The month of the intake, for everyone", "Tháng khai giảng, như nhau cho mọi người")),
    ("outcome", Text("A higher post before any exit; exits compete", "Chức vụ cao hơn trước khi rời đi; rời đi là lối ra cạnh tranh")),
    ("estimand", Text("Difference in cumulative incidence, whatever happens later (intention to treat)",
                      "Hiệu tỷ lệ tích lũy, bất kể việc gì xảy ra sau đó (theo phân nhóm ban đầu)")),
    ("analysis", Text("Pooled logistic hazards standardised over all eligible person-trials; sandwich by person",
                      "Nguy cơ logistic gộp, chuẩn hóa trên mọi lượt người đủ điều kiện; sai số theo người")),
)  # fmt: skip


def describe_run(run: Run, asked: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Lay out the tables of one emulation."""
    coefficients = [
        pd.DataFrame({"event": event, "term": one.terms.names, "coefficient": one.theta / _scale(one.terms),
                      "model_std_error": np.sqrt(np.diag(one.inverse)) / _scale(one.terms)})
        for event, one in run.fit.hazards.items()
    ]  # fmt: skip
    first = run.fit.parts[0]
    return {
        "protocol": pd.DataFrame([(name, said.en, said.vi) for name, said in PROTOCOL], columns=["part", "en", "vi"]),
        "flow": _flow(run),
        "trials": _trials(run),
        "beside": _beside(run),
        "coefficients": pd.concat(coefficients, ignore_index=True),
        "overlap": share_table(first.starting),
        "weights": effective_sizes(run.cells, weigh_entries(first.starting, run.cells)),
    }


def _scale(terms) -> np.ndarray:
    return terms.scale if len(terms.scale) else np.ones(terms.size)


def _flow(run: Run) -> pd.DataFrame:
    people, part = run.trials.people, run.fit.parts[0]
    inside = part.trials[people.trial]
    rows = [
        ("people", Text("people in the rows", "người trong dữ liệu"), len(run.trials.ids), None),
        ("eligible", Text("eligible in at least one trial", "đủ điều kiện ở ít nhất một thử nghiệm"), _heads(people.person), len(people)),
        ("followed", Text(f"in trials followed {part.follow} months", f"trong thử nghiệm theo dõi đủ {part.follow} tháng"),
         _heads(people.person[inside]), int(inside.sum())),
        ("starters", Text("who start in one of them", "bắt đầu học trong số đó"), _heads(people.person[inside & (people.arm == 1)]),
         int((inside & (people.arm == 1)).sum())),
    ]  # fmt: skip
    table = pd.DataFrame([(step, said.en, said.vi, heads, trials) for step, said, heads, trials in rows],
                         columns=["step", "en", "vi", "people", "person_trials"])  # fmt: skip
    return table.astype({"people": "Int64", "person_trials": "Int64"})


def _heads(person: np.ndarray) -> int:
    return len(np.unique(person))


def _trials(run: Run) -> pd.DataFrame:
    people, horizon = run.trials.people, run.fit.parts[0].follow
    table = pd.DataFrame(
        {"trial": people.trial, "arm": people.arm, "event": (people.event == 1) & (people.length <= horizon)}
    )
    by = table.groupby(["trial", "arm"], as_index=False)["event"].agg(number="size", events="sum")
    found = pd.DataFrame({"trial": np.unique(people.trial)})
    for arm, who in ((0, "controls"), (1, "starters")):
        mine = by[by["arm"] == arm].rename(columns={"number": who, "events": f"events_{who}"}).drop(columns="arm")
        found = found.merge(mine, how="left", on="trial")
    place = found.pop("trial").to_numpy()
    month = run.trials.months[place]
    counts = found.fillna(0).astype("int64")
    return counts.assign(
        month=month, followed=np.minimum(run.trials.last - month, horizon), counted=run.fit.parts[0].trials[place]
    )


def _beside(run: Run) -> pd.DataFrame:
    """Point estimates of every method at each horizon, the unadjusted one first."""
    found = {("unadjusted", "eligible"): crude_risks(run.cells, run.fit)}
    found |= risks_by_method(run.cells, run.fit, (MODELLED, WEIGHTED, JOINED), ("eligible", "starters"))
    rows = [
        {"method": method, "population": population, "time": horizon, "risk_0": risks[0, place], "risk_1": risks[1, place],
         "risk_difference": risks[1, place] - risks[0, place]}
        for (method, population), risks in found.items() for place, horizon in enumerate(run.horizons)
    ]  # fmt: skip
    return pd.DataFrame(rows)
