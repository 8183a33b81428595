"""Who is at risk of what, and when: from a registry to start-stop spells, their counts, and who may be sent."""

from analysis.careers.flow import EVENTS
from analysis.careers.rulebook import count_passing
from analysis.careers.rules import appointable, sendable
from analysis.careers.spells import Spells, build_spells, open_to_appointment
from analysis.careers.trialspells import build_trial_spells
from analysis.survival.counts import Counts, count_spells
from analysis.survival.partitions import fold_partitions

__all__ = [
    "EVENTS", "Counts", "Spells", "appointable", "build_spells", "build_trial_spells", "count_passing", "count_spells",
    "fold_partitions", "open_to_appointment", "sendable",
]  # fmt: skip
