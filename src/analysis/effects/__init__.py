"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from analysis.effects.arms.balance import (
    effective_size,
    measure_balance,
    measure_overlap,
    summarise_weights,
    weigh_arms,
)
from analysis.effects.arms.compare import compare_arms
from analysis.effects.arms.linear import fit_linear
from analysis.effects.arms.pooled import estimate_survival, expand_periods
from analysis.effects.arms.propensity import fit_propensity
from analysis.effects.checks.beside import lay_beside, trial_protocol, withhold
from analysis.effects.checks.check import check_effect
from analysis.effects.checks.naive import compare_ever_trained, compare_landmark, compare_time_varying, compare_worlds
from analysis.effects.checks.sensitivity import (
    benchmark_bounds,
    e_value,
    partial_r2,
    robustness_value,
    smallest_detectable,
)
from analysis.effects.checks.subgroups import compare_gains
from analysis.effects.checks.verdict import list_checks, rule
from analysis.effects.trials.emulate import Emulation, emulate_trials
from analysis.effects.validation import reproduce
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import fit_hazards
from analysis.survival.histories import weigh_histories
from analysis.survival.proportionality import check_proportionality
from analysis.survival.standardise import standardise_incidence

__all__ = [
    "Emulation",
    "benchmark_bounds",
    "check_effect",
    "check_proportionality",
    "compare_arms",
    "compare_ever_trained",
    "compare_gains",
    "compare_landmark",
    "compare_time_varying",
    "compare_worlds",
    "e_value",
    "effective_size",
    "emulate_trials",
    "estimate_incidence",
    "estimate_survival",
    "expand_periods",
    "fit_hazards",
    "fit_linear",
    "fit_propensity",
    "lay_beside",
    "list_checks",
    "measure_balance",
    "measure_overlap",
    "partial_r2",
    "reproduce",
    "robustness_value",
    "rule",
    "smallest_detectable",
    "standardise_incidence",
    "summarise_weights",
    "trial_protocol",
    "weigh_arms",
    "weigh_histories",
    "withhold",
]
