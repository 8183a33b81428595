"""Protected rows to figures, tables and sentences, one file a question: `views.trials.curves` and its like."""

from analysis.publishing.drawing import tables
from analysis.publishing.views.equity import access, gaps, paths, sending
from analysis.publishing.views.plot import find_view, plot  # and with them every file of views
from analysis.publishing.views.variation import shocks, units

__all__ = ["access", "find_view", "gaps", "paths", "plot", "sending", "shocks", "tables", "units"]
