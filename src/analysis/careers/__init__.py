"""Who is at risk of what, and when: from a registry to start-stop spells, their counts, and who may be sent."""

from .counts import Counts, count_spells
from .flow import EVENTS
from .partitions import fold_partitions
from .rules import appointable, sendable
from .spells import Spells, build_spells, open_to_appointment
from .trialspells import build_trial_spells

__all__ = [
    "EVENTS", "Counts", "Spells", "appointable", "build_spells", "build_trial_spells", "count_spells", "fold_partitions", "open_to_appointment",
    "sendable",
]  # fmt: skip
