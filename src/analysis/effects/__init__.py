"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from .hazards import fit_hazards

__all__ = ["fit_hazards"]
