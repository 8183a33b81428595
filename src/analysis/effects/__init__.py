"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from .comparisons import compare_ever_trained, compare_landmark, compare_time_varying
from .curves import estimate_incidence
from .hazards import fit_hazards
from .proportionality import check_proportionality
from .robustness import check_effect
from .standard import standardise_incidence
from .subgroups import compare_gains
from .trials import Emulation, emulate_trials

__all__ = [
    "Emulation", "check_effect", "check_proportionality", "compare_ever_trained", "compare_gains", "compare_landmark", "compare_time_varying", "emulate_trials",
    "estimate_incidence", "fit_hazards", "standardise_incidence",
]  # fmt: skip
