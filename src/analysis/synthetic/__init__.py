"""A synthetic province with a planted truth: as messy as a real registry, and nobody in it exists."""

from analysis.synthetic.parameters import NO_EFFECT, Effect, Settings
from analysis.synthetic.planted import planted_risk_differences
from analysis.synthetic.province import Province, simulate, write
from analysis.synthetic.worlds import fixed_posts, make_registry

__all__ = [
    "NO_EFFECT",
    "Effect",
    "Province",
    "Settings",
    "fixed_posts",
    "make_registry",
    "planted_risk_differences",
    "simulate",
    "write",
]
