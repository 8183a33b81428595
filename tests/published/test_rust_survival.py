"""Cox models against the Rust `survival` package on random start-stop data."""

from __future__ import annotations

import numpy as np
import pytest
from made import make_frame
from published import coefficients

from analysis import effects

survival = pytest.importorskip("survival", reason="the Rust survival package is not installed")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("strata", [(), ("region",)])
@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("cluster", [None, "person_id", "unit"])
def test_same_as_rust(seed, ties, strata, weights, cluster):
    """Ties, strata, weights and clusters together give what an independent program gives: no pair of them is wrong."""
    frame = make_frame(seed, people=200)
    ours = coefficients(effects.fit_hazards(frame, covariates=["trained", "score", "sex"], ties=ties, strata=strata,
                                            weights=weights, cluster=cluster))  # fmt: skip
    data = frame.assign(trained=frame["trained"].astype(float), male=(frame["sex"] == "m").astype(float),
                        happened=(frame["event"] == 1).astype(int))  # fmt: skip
    columns = {name: data[name].tolist() for name in data if name != "sex"}
    formula = "Surv(start, stop, happened) ~ trained + score + male" + "".join(f" + strata({name})" for name in strata)
    theirs = survival.coxph(formula, columns, ties=ties, weights=None if weights is None else columns[weights],
                            cluster=None if cluster is None else columns[cluster], robust=cluster is not None,
                            eps=1e-12, toler_chol=1e-13, iter_max=50)  # fmt: skip
    assert np.abs(ours["coefficient"].to_numpy() - np.asarray(survival.coef(theirs))).max() < 1e-8
    error = np.sqrt(np.diag(np.asarray(survival.vcov(theirs))))
    assert np.abs(ours["std_error"].to_numpy() - error).max() < 1e-6
