"""Are the targets met, what moved them, will they be met, and what would it take."""

from .allocation import Limits
from .attainment import judge, measure_attainment, readings
from .attribution import attribute
from .backtest import score_past
from .grid import grid_definitions
from .groups import is_elected, is_final, milestone, target_ids
from .ledger import bridge
from .mix import split_units
from .monitors import monitor_group
from .pace import measure_pace
from .parity import compare_shares
from .periods import bridge_periods
from .planning import default_limits, plan_enrolments
from .projection import project
from .scenarios import compare_scenarios
from .verification import bound_unverified

__all__ = [
    "Limits", "attribute", "bound_unverified", "bridge", "bridge_periods", "compare_scenarios", "compare_shares", "default_limits", "grid_definitions",
    "is_elected", "is_final", "judge", "measure_attainment", "measure_pace", "milestone", "monitor_group", "plan_enrolments", "project",
    "readings", "score_past", "split_units", "target_ids",
]  # fmt: skip
