"""The planted truth comes back through the whole path: province -> registry -> spells -> ratios."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from analysis import careers, effects, registry, synthetic

PLANTED = {"training[0-11]": "first_year", "training[12-23]": "second_year", "training[24+]": "later"}
ADJUST = ["sex", "ethnicity", "age_band", "staff_kind", "grade_band", "tenure_band", "planned", "rating"]


def fit(people: int, seed: int, folder, settings: synthetic.Settings):
    """Ratios of the time-varying and of the ever-trained model, and what was planted."""
    province = synthetic.simulate(people, seed, settings=settings)
    synthetic.write(province, folder)
    spells = careers.build_spells(registry.load(folder, as_of="2024-12-31"), start="2016-01-01")
    frame = careers.open_to_appointment(spells)
    states = effects.fit_hazards(frame, covariates=["training", *ADJUST]).pick(term="training").table.set_index("term")
    naive = effects.fit_hazards(frame, covariates=["ever_trained"]).table.iloc[0]
    effect = registry.read_truth(folder)["effect"]
    return states, naive, {term: effect[name] for term, name in PLANTED.items()}


def off_by(states, planted: dict[str, float]) -> dict[str, float]:
    """Distance of each estimate from the planted ratio, in standard errors."""
    return {
        term: (np.log(states.loc[term, "estimate"]) - np.log(ratio)) / states.loc[term, "std_error"]
        for term, ratio in planted.items()
    }


@pytest.fixture(scope="module")
def planted_world(tmp_path_factory):
    settings = dataclasses.replace(synthetic.Settings(), intake=8.0, anticipation=0.0)
    return fit(24_000, 11, tmp_path_factory.mktemp("planted") / "data", settings)


def test_time_varying_ratios_recover_the_planted_ones(planted_world):
    """An effect that is really there is found at its size, from records as the registry keeps them."""
    states, _, planted = planted_world
    assert max(map(abs, off_by(states, planted).values())) < 3.5, off_by(states, planted)


def test_nothing_is_found_where_nothing_was_planted(tmp_path):
    """Choice of who is trained is not sold as an effect of training, though the naive comparison shows one."""
    settings = dataclasses.replace(synthetic.Settings(), effect=synthetic.NO_EFFECT, intake=8.0, anticipation=0.0)
    states, naive, planted = fit(24_000, 12, tmp_path / "null", settings)
    assert set(planted.values()) == {1.0}
    assert max(map(abs, off_by(states, planted).values())) < 3.5
    assert naive["conf_low"] > 1.5, "choice alone makes the ever-trained look better"


@pytest.mark.long
def test_large_province_recovers_the_planted_ratios(tmp_path):
    """Ratios of 400,000 people with default settings, near the planted 1.9, 1.7 and 1.4."""
    states, _, planted = fit(400_000, 5, tmp_path / "large", synthetic.Settings())
    assert states["estimate"].round(2).to_dict() == pytest.approx(
        {"training[studying]": 0.84, "training[0-11]": 1.85, "training[12-23]": 1.79, "training[24+]": 1.40}, abs=0.08
    )
    assert all(abs(distance) < 3.5 for term, distance in off_by(states, planted).items() if term != "training[0-11]")
