"""One tool on one number of people, in a process of its own: `python tools.py TOOL PEOPLE` prints a line of JSON.

CPU seconds are those of the fit; ours count reading the file and collapsing it as well, the peers' reading is left out.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time

for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "POLARS_MAX", "RAYON"):
    os.environ[f"{name}_NUM_THREADS" if name != "POLARS_MAX" else "POLARS_MAX_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow  # noqa: E402
import pyarrow.dataset  # noqa: E402, F401
import pyarrow.parquet  # noqa: E402, F401
from people import COVARIATES, LEVELS, PART, STATES, spells_of  # noqa: E402

pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)


def dummies(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay out the columns of the model: every level but the first."""
    levels = {
        "training": STATES,
        **{name: [f"{name}_{place}" for place in range(count)] for name, count in LEVELS.items()},
    }
    return pd.DataFrame({f"{name}[{level}]": (frame[name] == level).to_numpy(dtype="float64")
                         for name, all_levels in levels.items() for level in all_levels[1:]})  # fmt: skip


def person_months(frame: pd.DataFrame) -> pd.DataFrame:
    """Lay out a row a person and month, up to the month of the event."""
    length = (frame["stop"] - frame["start"]).to_numpy()
    rows = np.repeat(np.arange(len(frame)), length)
    step = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length)
    months = frame.iloc[rows].reset_index(drop=True)
    last = step == length[rows] - 1
    return months.assign(month=months["start"].astype("int64") + step + 1, happened=(months["event"] == 1) & last)


def ours(people: int, model: str = "cox"):
    from analysis import careers, effects

    folder = spells_of(people)

    def fit():
        counts = careers.count_spells(folder, COVARIATES)
        return effects.fit_hazards(counts, covariates=COVARIATES, model=model).details["coefficients"]["coefficient"]

    return fit


def ours_frame(people: int):
    from analysis import effects

    folder = spells_of(people)
    return lambda: effects.fit_hazards(pd.read_parquet(folder), covariates=COVARIATES).details["coefficients"][
        "coefficient"
    ]


def ours_logit(people: int):
    return ours(people, "logit")


def read(people: int):
    from analysis.survival.frames import TIMES

    files = sorted(spells_of(people).glob("*.parquet"))

    def run():
        for path in files:
            pd.read_parquet(path, columns=[*TIMES, *COVARIATES])
        return ()

    return run


def growth(people: int):
    return collapse(people, 500_000)


def collapse(people: int, part: int = PART):
    from analysis import careers

    folder = spells_of(people, part)

    def run():
        counts = careers.count_spells(folder, COVARIATES)
        return (counts.rows, counts.people)

    return run


def rust(people: int):
    import survival

    frame = pd.read_parquet(spells_of(people))
    x = dummies(frame)
    names = [f"x{place}" for place in range(x.shape[1])]
    columns = {name: x.iloc[:, place].to_numpy() for place, name in enumerate(names)}
    columns |= {name: frame[name].to_numpy(dtype="float64") for name in ("start", "stop")}
    columns["happened"] = (frame["event"] == 1).to_numpy(dtype="float64")
    formula = "Surv(start, stop, happened) ~ " + " + ".join(names)
    return lambda: survival.coef(survival.coxph(formula, columns, ties="efron"))


def lifelines(people: int):
    from lifelines import CoxTimeVaryingFitter

    frame = pd.read_parquet(spells_of(people))
    data = dummies(frame).assign(id=frame["person_id"], start=frame["start"].astype(float), stop=frame["stop"].astype(float),
                                 happened=frame["event"] == 1)  # fmt: skip
    settings = {"id_col": "id", "event_col": "happened", "start_col": "start", "stop_col": "stop"}
    return lambda: CoxTimeVaryingFitter().fit(data, **settings, fit_options={"precision": 1e-10}).params_.to_numpy()


def glum(people: int):
    from glum import GeneralizedLinearRegressor

    months = person_months(pd.read_parquet(spells_of(people)))
    events = months.groupby("month")["happened"].transform("sum")
    months = months[events > 0]
    x = months[COVARIATES].assign(month=pd.Categorical(months["month"]))
    model = GeneralizedLinearRegressor(family="binomial", alpha=0, drop_first=True, gradient_tol=1e-10)
    y = months["happened"].to_numpy(dtype="float64")
    return lambda: model.fit(x, y).coef_[: len(STATES) - 1 + sum(LEVELS.values()) - len(LEVELS)]


def pyfixest(people: int):
    import pyfixest as pf

    months = person_months(pd.read_parquet(spells_of(people)))
    events = months.groupby("month")["happened"].transform("sum")
    months = months[events > 0]
    x = dummies(months)
    x.columns = [f"x{place}" for place in range(x.shape[1])]
    data = x.assign(month=months["month"].to_numpy(), happened=months["happened"].to_numpy(dtype="int8"))
    formula = "happened ~ " + " + ".join(x.columns) + " | month"
    return lambda: pf.feglm(formula, data, family="logit", vcov="iid").coef()[x.columns].to_numpy()


def main() -> None:
    tool, people = sys.argv[1], int(sys.argv[2])
    run = globals()[tool](people)
    before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    found = run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": time.perf_counter() - wall, "mb": after.ru_maxrss / 1024,
                      "found": [float(value) for value in found]}))  # fmt: skip


if __name__ == "__main__":
    main()
