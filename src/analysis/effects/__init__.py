"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from .arms import compare_arms
from .balance import effective_size, measure_balance, measure_overlap, summarise_weights, weigh_arms
from .beside import lay_beside, trial_protocol, withhold
from .comparisons import compare_ever_trained, compare_landmark, compare_time_varying, compare_worlds
from .curves import estimate_incidence
from .hazards import fit_hazards
from .histories import weigh_histories
from .linear import fit_linear
from .pooled import estimate_survival, expand_periods
from .propensity import fit_propensity
from .proportionality import check_proportionality
from .robustness import check_effect
from .sensitivity import benchmark_bounds, e_value, partial_r2, robustness_value, smallest_detectable
from .standard import standardise_incidence
from .subgroups import compare_gains
from .trials import Emulation, emulate_trials
from .validation import reproduce
from .verdict import list_checks, rule

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
