"""Ours beside other tools on the same people: exactness first, then CPU time and peak memory as ratios, A B A B.

`python benchmarks/run.py [--sizes 30000,300000,2000000] [--pairs 5] [--tools r,rust,lifelines,glum,pyfixest] [--growth]`:
so many pairs at the first size, at most three at others, and five of reading alone. Peers that need an environment of
their own are found by BENCH_LIFELINES, BENCH_GLUM and BENCH_PYFIXEST (a Python each); a peer that is absent is skipped
with a word, one over 900 CPU seconds or 8 GB is kept as ">cap" and not run at larger sizes. Results go to benchmarks/results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from statistics import median

import pandas as pd
from people import CACHE, COVARIATES, spells_of

HERE = Path(__file__).parent
SECONDS, BYTES = 900, 8 << 30
OURS = {"r": "ours", "rust": "ours", "lifelines": "ours", "glum": "ours_logit", "pyfixest": "ours_logit"}
CLOSE = {"r": 1e-8, "rust": 1e-8, "lifelines": 1e-6, "glum": 1e-7, "pyfixest": 1e-6}
PYTHON = {name: os.environ.get(f"BENCH_{name.upper()}") for name in ("lifelines", "glum", "pyfixest")}
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON")}


def measure(tool: str, people: int) -> dict | str:
    """Run a tool once in a process of its own: what it printed, or why there is nothing."""
    command = [PYTHON.get(tool) or sys.executable, str(HERE / "tools.py"), tool, str(people)]
    if tool == "r":
        command = ["Rscript", str(HERE / "coxph.R"), str(rows_for_r(people))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=4 * SECONDS, env=os.environ | THREADS,
                              preexec_fn=cap)  # fmt: skip
    except subprocess.TimeoutExpired:
        return ">cap (900 s)"
    if done.returncode in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        return ">cap (900 s)"
    if done.returncode:
        memory = any(
            word in done.stderr
            for word in ("MemoryError", "annot allocate", "memory allocation", "bad_alloc", "realloc", "malloc")
        )
        return ">cap (8 GB)" if memory or done.returncode < 0 else f"failed: {done.stderr.strip()[-200:]}"
    return json.loads(done.stdout.strip().splitlines()[-1])


def cap() -> None:
    """Hold the process to so many CPU seconds, whatever else the machine does, and so much memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 60))
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))


def rows_for_r(people: int) -> Path:
    """Rows of the people as R reads them, made once."""
    path = CACHE / f"rows_{people}.rds"
    if not path.exists():
        frame = pd.read_parquet(sorted(spells_of(people).glob("*.parquet")))
        rows = frame[["start", "stop"]].assign(event=(frame["event"] == 1).astype("int8"))
        rows.assign(**{name: frame[name].cat.codes for name in COVARIATES}).to_csv(
            path.with_suffix(".csv"), index=False
        )
        subprocess.run(["Rscript", str(HERE / "to_rds.R"), str(path.with_suffix(".csv")), str(path)], check=True)
        path.with_suffix(".csv").unlink()
    return path


def absent(tool: str) -> str | None:
    """Say why a peer cannot be run here, if so."""
    if tool == "r":
        found = shutil.which("Rscript") and not subprocess.run(["Rscript", "-e", "library(survival)"], capture_output=True).returncode  # fmt: skip
        return None if found else "R with survival is not here (apt-get install r-cran-survival)"
    if tool in PYTHON:
        return None if PYTHON[tool] else f"set BENCH_{tool.upper()} to a Python that has {tool}"
    return (
        None
        if not subprocess.run([sys.executable, "-c", "import survival"], capture_output=True).returncode
        else "not installed"
    )


def distance(one: list[float], two: list[float]) -> float:
    """Largest difference of two lists of coefficients."""
    return max(abs(a - b) for a, b in zip(one, two, strict=True))


def compare(tool: str, people: int, pairs: int) -> list[dict]:
    """Run ours and a peer in turn; the first pair must agree before any time counts."""
    rows = []
    for pair in range(pairs):
        mine, theirs = measure(OURS[tool], people), measure(tool, people)
        if isinstance(mine, str):
            raise SystemExit(f"ours at {people}: {mine}")
        row = {"tool": tool, "people": people, "pair": pair, "ours_cpu": mine["cpu"], "ours_mb": mine["mb"]}
        if isinstance(theirs, str):
            return [*rows, row | {"note": theirs}]
        apart = distance(mine["found"], theirs["found"])
        if apart > CLOSE[tool]:
            raise SystemExit(f"{tool} at {people}: coefficients are {apart:.2g} apart; nothing is timed")
        rows.append(row | {"apart": apart, "cpu": theirs["cpu"], "mb": theirs["mb"],
                           "cpu_ratio": theirs["cpu"] / mine["cpu"], "mb_ratio": theirs["mb"] / mine["mb"]})  # fmt: skip
        print(json.dumps(rows[-1]), flush=True)
    return rows


def floor(people: int, pairs: int) -> list[dict]:
    """Compare reading and collapsing with only reading the same columns."""
    rows = []
    for pair in range(pairs):
        both, alone = measure("collapse", people), measure("read", people)
        rows.append({"tool": "read", "people": people, "pair": pair, "ours_cpu": both["cpu"], "ours_mb": both["mb"],
                     "cpu": alone["cpu"], "mb": alone["mb"], "cpu_ratio": both["cpu"] / alone["cpu"]})  # fmt: skip
        print(json.dumps(rows[-1]), flush=True)
    return rows


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Lay out medians over pairs, with the smallest and largest ratio of CPU time."""
    lines = []
    for (people, tool), part in rows.groupby(["people", "tool"], sort=False):
        line = {"people": people, "tool": tool, "pairs": len(part), "ours CPU s": median(part["ours_cpu"]),
                "ours MB": median(part["ours_mb"])}  # fmt: skip
        if "cpu" in part and part["cpu"].notna().all():
            line |= {"CPU s": median(part["cpu"]), "MB": median(part["mb"]), "CPU ratio": median(part["cpu_ratio"]),
                     "from": part["cpu_ratio"].min(), "to": part["cpu_ratio"].max(),
                     "MB ratio": median(part["mb"] / part["ours_mb"]), "apart": part.get("apart", pd.Series([None])).max()}  # fmt: skip
        else:
            line["note"] = part["note"].dropna().iloc[0]
        lines.append(line)
    return pd.DataFrame(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="30000,300000,2000000")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--tools", default="r,rust,lifelines,glum,pyfixest")
    parser.add_argument("--growth", action="store_true", help="peak memory of the collapse at 2 and 20 million people")
    asked = parser.parse_args()
    rows: list[dict] = []
    tools = [tool for tool in asked.tools.split(",") if tool]
    for tool in list(tools):
        if why := absent(tool):
            print(f"{tool}: skipped, {why}")
            tools.remove(tool)
    capped: dict[str, str] = {}
    for place, people in enumerate(map(int, asked.sizes.split(","))):
        spells_of(people)
        rows += floor(people, max(asked.pairs, 5))
        for tool in tools:
            if tool in capped:
                rows.append({"tool": tool, "people": people, "note": capped[tool]})
                continue
            rows += compare(tool, people, min(asked.pairs, 3) if place else asked.pairs)
            if str(rows[-1].get("note", "")).startswith(">cap"):
                capped[tool] = f"{rows[-1]['note']} at {people}"
    if asked.growth:
        for people in (2_000_000, 20_000_000):
            spells_of(people, 500_000)
            done = measure("growth", people)
            rows.append(
                {"tool": "growth", "people": people, "ours_cpu": done["cpu"], "ours_mb": done["mb"], "note": "-"}
            )
    table = summarise(pd.DataFrame(rows))
    shown = table.to_string(index=False, float_format=lambda value: f"{value:.3g}", na_rep="")
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
    print(shown)
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    stamp = f"{datetime.now():%Y%m%d_%H%M%S}"
    pd.DataFrame(rows).to_json(folder / f"{stamp}.jsonl", orient="records", lines=True)
    (folder / f"{stamp}.txt").write_text(shown + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
