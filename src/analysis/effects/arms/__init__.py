"""Two or more arms of people treated once: weighting and standardisation by a design matrix."""

from analysis.effects.arms.balance import effective_size, measure_balance, weigh_arms
from analysis.effects.arms.compare import compare_arms
from analysis.effects.arms.histories import weigh_histories
from analysis.effects.arms.pooled import estimate_survival, expand_periods
from analysis.effects.arms.regression import fit_linear, fit_propensity

__all__ = [
    "compare_arms",
    "effective_size",
    "estimate_survival",
    "expand_periods",
    "fit_linear",
    "fit_propensity",
    "measure_balance",
    "weigh_arms",
    "weigh_histories",
]
