"""Are the targets met: attainment under every reading, and the ledger that says what moved it."""

from .attainment import judge, measure_attainment, readings
from .groups import is_final, milestone, target_ids
from .ledger import bridge

__all__ = ["bridge", "is_final", "judge", "measure_attainment", "milestone", "readings", "target_ids"]
