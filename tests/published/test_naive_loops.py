"""Coefficients and clustered errors of random small frames are those of models written out row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made import make_frame
from naive_hazards import COVARIATES, fit_efron, fit_periods

from analysis import effects


def compare(seed: int, model: str) -> str:
    """Fit a random frame both ways, and say whether both answer or both refuse."""
    rng = np.random.default_rng(seed)
    frame = make_frame(seed, people=int(rng.integers(8, 80)), months=int(rng.integers(3, 14)))
    strata, weights = ((), None) if rng.random() < 0.5 else (("region",), "weight")
    cluster = ("person_id", "unit")[int(rng.random() < 0.3)]
    found = effects.fit_hazards(
        frame, covariates=COVARIATES, model=model, strata=strata, weights=weights, cluster=cluster
    )
    weight = np.ones(len(frame)) if weights is None else frame[weights].to_numpy()
    asked = (strata, weight, frame[cluster])
    plain = fit_efron(frame, *asked) if model == "cox" else fit_periods(frame, model, *asked)
    if found.status == "blocked":
        assert plain is None or "grows without end" not in found.notes[0].say("en"), (seed, plain)
        return "blocked"
    assert plain is not None, seed
    seen = found.details["coefficients"]
    assert seen["coefficient"].to_numpy() == pytest.approx(plain[0], abs=1e-6), seed
    assert seen["std_error"].to_numpy() == pytest.approx(plain[1], rel=1e-5), seed
    return "same"


@pytest.mark.parametrize("model", ["cox", "logit", "cloglog"])
@pytest.mark.parametrize(
    "seeds", [range(100), pytest.param(range(100, 600), marks=pytest.mark.long)], ids=["few", "many"]
)
def test_random_frames_fit_as_their_naive_loops(model, seeds):
    """Ties, late entry, changing covariates, weights, strata and clusters: one answer, and one refusal."""
    seen = [compare(seed, model) for seed in seeds]
    assert seen.count("same") > 0.9 * len(seeds)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_a_time_at_which_all_have_the_event_adds_nothing(link):
    """All who are left have the event in the last month: no row's event is taken for one of the month before."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"person_id": range(600), "start": 0, "stop": rng.integers(1, 13, 600), "event": 1})
    frame = frame.assign(score=rng.normal(size=600).round(1), sex="f")
    frame.loc[::2, "sex"] = "m"
    found = effects.fit_hazards(frame, covariates=COVARIATES, model=link, cluster="person_id").details["coefficients"]
    plain = fit_periods(frame, link, (), np.ones(600), frame["person_id"])
    assert found["std_error"].to_numpy() == pytest.approx(plain[1], rel=1e-6)
    assert found["std_error"].to_numpy() == pytest.approx(found["model_std_error"], rel=0.12)
