"""What a reader sees: the release gate, figures, tables, words, the plan, its runs, pages and the site."""

from analysis.publishing.batch.parameters import check_parameters
from analysis.publishing.gate.release import open_gate
from analysis.publishing.views import answers as sentences
from analysis.publishing.views import attainment as charts_targets
from analysis.publishing.views import balance as charts_balance
from analysis.publishing.views import change as charts_change
from analysis.publishing.views import forest as charts_effects
from analysis.publishing.views import published, tables

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
