"""Are the targets met, what moved them, will they be met, and what would it take."""

from analysis.targets.attainment import judge, measure_attainment, readings
from analysis.targets.attribution import attribute
from analysis.targets.grid import grid_definitions
from analysis.targets.groups import is_elected, is_final, milestone, target_ids
from analysis.targets.ledger import bridge
from analysis.targets.mix import split_units
from analysis.targets.monitors import monitor_group
from analysis.targets.outlook.allocation import Limits
from analysis.targets.outlook.backtest import score_past
from analysis.targets.outlook.planning import default_limits, plan_enrolments
from analysis.targets.outlook.project import project
from analysis.targets.outlook.scenarios import compare_scenarios
from analysis.targets.pace import measure_pace
from analysis.targets.parity import compare_shares
from analysis.targets.periods import bridge_periods
from analysis.targets.verification import bound_unverified

__all__ = [
    "Limits", "attribute", "bound_unverified", "bridge", "bridge_periods", "compare_scenarios", "compare_shares", "default_limits", "grid_definitions",
    "is_elected", "is_final", "judge", "measure_attainment", "measure_pace", "milestone", "monitor_group", "plan_enrolments", "project",
    "readings", "score_past", "split_units", "target_ids",
]  # fmt: skip
