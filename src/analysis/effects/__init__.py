"""Does training lead to promotion: estimators that take any frame meeting their contract and return `Estimate`."""

from analysis.effects import arms
from analysis.effects.checks import sensitivity
from analysis.effects.checks.check import check_effect
from analysis.effects.checks.naive import (
    compare_ever_trained,
    compare_landmark,
    compare_time_varying,
    compare_worlds,
    planted_differences,
)
from analysis.effects.checks.sensitivity import e_value
from analysis.effects.checks.subgroups import compare_gains
from analysis.effects.checks.variants import adjust_for, build_asked, build_kinds, build_variants, whom
from analysis.effects.checks.verdict import list_checks, read_verdict, withhold
from analysis.effects.discontinuity import build_age_frame, fit_discontinuity
from analysis.effects.panels import build_unit_panel, fit_event_study
from analysis.effects.protocol import describe_protocol
from analysis.effects.trials.emulate import Emulation, emulate_trials
from analysis.effects.trials.report import band_together, compare_methods, describe_arms
from analysis.effects.validation import reproduce
from analysis.reference import verdict_rule as rule
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import check_proportionality, fit_hazards
from analysis.survival.standardise import standardise_incidence

__all__ = [
    "Emulation",
    "adjust_for",
    "arms",
    "band_together",
    "build_age_frame",
    "build_asked",
    "build_kinds",
    "build_unit_panel",
    "build_variants",
    "check_effect",
    "check_proportionality",
    "compare_ever_trained",
    "compare_gains",
    "compare_landmark",
    "compare_methods",
    "compare_time_varying",
    "compare_worlds",
    "describe_arms",
    "describe_protocol",
    "e_value",
    "emulate_trials",
    "estimate_incidence",
    "fit_discontinuity",
    "fit_event_study",
    "fit_hazards",
    "list_checks",
    "planted_differences",
    "read_verdict",
    "reproduce",
    "rule",
    "sensitivity",
    "standardise_incidence",
    "whom",
    "withhold",
]
