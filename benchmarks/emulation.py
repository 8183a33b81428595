"""Emulated trials beside pySEQTarget on the same rows, and their growth to two million people.

    python benchmarks/emulation.py [--pairs 3] [--sizes 30000,300000,2000000]

The peer needs a Python of its own, named by BENCH_SEQ, and SEQTaRget's data beside the project; without them it is skipped
with a word. Coefficients must agree to 1e-5 before a time counts. One process a run, one thread, CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared" / "reference" / "SEQdata.csv.gz"
ONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
MAKE = """
import pandas as pd
rows = pd.read_csv({data!r})
more = rows[rows.ID <= 500 - rows.ID.nunique()]
rows = pd.concat([rows, more.assign(ID=more.ID + 10_000)], ignore_index=True)
"""
OURS = """
from analysis.effects.trials.cells import count_cells
from analysis.effects.trials.expand import expand
from analysis.effects.trials.hazards import fit_hazard
from analysis.effects.trials.specify import quadratic_terms
rows = rows.rename(columns={"ID": "person_id", "time": "period", "outcome": "event"})
begun = time.process_time()
trials = expand(rows, treatment="tx_init", columns=["sex", "N", "L", "P"], least=0)
cells, _ = count_cells(trials, trials.people, int(trials.people.length.max()))
fit, _ = fit_hazard(cells, quadratic_terms(cells, ["sex", "N", "L", "P"]), 1)
found = [float(one) for one in fit.theta[:6]]
"""
PEER = """
import polars as pl
from pySEQTarget import SEQopts, SEQuential
table = pl.DataFrame(rows.to_dict(orient="list"))
begun = time.process_time()
model = SEQuential(table, id_col="ID", time_col="time", eligible_col="eligible", treatment_col="tx_init", outcome_col="outcome",
                   time_varying_cols=["N", "L", "P"], fixed_cols=["sex"], method="ITT", parameters=SEQopts())
model.expand()
model.fit()
fitted = model.outcome_model[0]["outcome"].params
found = [float(fitted.iloc[k]) for k in range(6)]
"""
GROWTH = """
import sys
sys.path.insert(0, {here!r})
import numpy as np
import pandas as pd
from people import spells_of
from analysis import effects
rows = pd.concat([pd.read_parquet(path) for path in sorted(spells_of({people}).glob("*.parquet"))], ignore_index=True)
state = rows["training"].cat.codes.to_numpy()
head = rows[state == 1]
month = head.assign(stop=head["start"] + np.int8(1), eligible=True, trained=np.int8(1))
month["event"] = np.where(head["stop"] == head["start"] + 1, head["event"], 0).astype("int8")
rest = head[head["stop"] > head["start"] + 1]
rest = rest.assign(start=rest["start"] + np.int8(1), eligible=False, trained=np.int8(1))
other = rows[state != 1].assign(eligible=state[state != 1] == 0, trained=(state[state != 1] > 0).astype("int8"))
rows = pd.concat([month, rest, other], ignore_index=True).drop(columns="training").sort_values(["person_id", "start"], ignore_index=True)
del head, month, rest, other, state
begun = time.process_time()
one = effects.emulate_trials(rows, covariates=["sex", "ethnicity", "staff_kind", "rating", "age_band", "tenure_band"], confounders=["rating"],
                             horizons=(12, 24), emulation=effects.Emulation(primary=24, apart=6))
found = [float(one.table.query("estimand == 'risk_difference' and time == 24")["estimate"].iloc[0])]
"""
LAST = """
import json, resource
print(json.dumps({"cpu": time.process_time() - begun, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "found": found}))
"""


def run(python: str, code: str) -> dict:
    """Run a piece in a process of its own and read its line of JSON."""
    done = subprocess.run(
        [python, "-c", "import time\n" + code + LAST], capture_output=True, text=True, env=os.environ | ONE
    )
    if done.returncode:
        raise SystemExit(done.stderr[-500:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--sizes", default="30000,300000,2000000")
    asked = parser.parse_args()
    peer, data = os.environ.get("BENCH_SEQ"), MAKE.format(data=str(DATA))
    if peer and DATA.exists():
        ratios = []
        for _ in range(asked.pairs):
            ours, theirs = run(sys.executable, data + OURS), run(peer, data + PEER)
            apart = max(abs(one - two) for one, two in zip(sorted(ours["found"]), sorted(theirs["found"]), strict=True))
            if apart > 1e-5:
                raise SystemExit(f"coefficients are {apart:.2g} apart; nothing is timed")
            ratios.append(theirs["cpu"] / ours["cpu"])
            print(
                f"pySEQTarget, 500 people: ours {ours['cpu']:.2f} CPU s {ours['mb']:.0f} MB, theirs {theirs['cpu']:.2f} s {theirs['mb']:.0f} MB",
                flush=True,
            )
        print(f"CPU ratio {median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})", flush=True)
    else:
        print("pySEQTarget: skipped, set BENCH_SEQ to a Python that has it, with SEQTaRget's data beside the project")
    for people in [int(one) for one in asked.sizes.split(",") if one]:
        one = run(sys.executable, GROWTH.format(here=str(HERE), people=people))
        print(f"intention to treat, {people} people: {one['cpu']:.1f} CPU s, {one['mb']:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
