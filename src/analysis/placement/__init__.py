"""What became of those who were sent, and what is needed, planned, done and owed."""

from analysis.placement.cohort import count_sent
from analysis.placement.commitment import follow_commitments
from analysis.placement.costs import price_training
from analysis.placement.fieldmatch import match_fields
from analysis.placement.keyposts import count_key_posts
from analysis.placement.occupation import follow_sent
from analysis.placement.order import count_fields, order_of_training
from analysis.placement.programmes import compare_programmes

__all__ = [
    "compare_programmes", "count_fields", "count_key_posts", "count_sent", "follow_commitments", "follow_sent",
    "match_fields", "order_of_training", "price_training",
]  # fmt: skip
