"""Are the targets met, what moved them, will they be met, and what would it take."""

from analysis.reference import milestone, readings
from analysis.targets.attainment import count_courses, grid_definitions, judge, measure_attainment, monitor_group
from analysis.targets.attribution import attribute
from analysis.targets.groups import is_final, target_ids
from analysis.targets.ledger import bridge, split_units
from analysis.targets.outlook.allocation import Limits
from analysis.targets.outlook.backtest import score_past
from analysis.targets.outlook.cohort import follow_cohort
from analysis.targets.outlook.planning import list_intakes, plan_classes, plan_enrolments
from analysis.targets.outlook.project import project
from analysis.targets.outlook.scenarios import compare_scenarios
from analysis.targets.pace import measure_pace

__all__ = [
    "Limits", "attribute", "bridge", "compare_scenarios", "count_courses", "follow_cohort",
    "grid_definitions", "is_final", "judge", "list_intakes", "measure_attainment", "measure_pace",
    "milestone", "monitor_group", "plan_classes", "plan_enrolments", "project", "readings", "score_past", "split_units",
    "target_ids",
]  # fmt: skip
