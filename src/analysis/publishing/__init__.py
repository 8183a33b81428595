"""What a reader sees: the release gate, figures, tables, words, the plan, its runs, pages and the site."""

from . import charts_balance, charts_change, charts_effects, charts_targets, published, sentences, tables
from .parameters import check_parameters
from .release import open_gate

__all__ = [
    "charts_balance",
    "charts_change",
    "charts_effects",
    "charts_targets",
    "check_parameters",
    "open_gate",
    "published",
    "sentences",
    "tables",
]
