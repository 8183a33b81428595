"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from .curves import estimate_incidence
from .hazards import fit_hazards
from .proportionality import check_proportionality
from .standard import standardise_incidence

__all__ = ["check_proportionality", "estimate_incidence", "fit_hazards", "standardise_incidence"]
