"""What a reader sees: the gate, the views, the pages and the batch that makes them."""

from analysis.publishing import views
from analysis.publishing.gate.page import open_page

__all__ = ["open_page", "views"]
