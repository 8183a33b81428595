"""How units differ beyond chance, and what dated events did to monthly series."""

from analysis.variation.shocks import assess_event, assess_events
from analysis.variation.units import compare_units

__all__ = ["assess_event", "assess_events", "compare_units"]
