"""How units differ beyond chance, and what dated events did to monthly series."""

from analysis.variation.units import compare_units

__all__ = ["compare_units"]
