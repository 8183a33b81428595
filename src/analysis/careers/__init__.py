"""Who is at risk of what, and when: from a registry to start-stop spells, and who may be sent or appointed."""

from .rules import appointable, sendable
from .spells import Spells, build_spells, open_to_appointment

__all__ = ["Spells", "appointable", "build_spells", "open_to_appointment", "sendable"]
