"""What became of those who were sent, and what is needed, planned, done and owed."""

from analysis.placement.cohort import count_sent
from analysis.placement.commitment import follow_commitments
from analysis.placement.costs import price_training
from analysis.placement.fieldmatch import match_fields
from analysis.placement.keyposts import count_key_posts
from analysis.placement.lecturers import describe_lecturers
from analysis.placement.occupation import follow_sent
from analysis.placement.online import compare_online
from analysis.placement.order import count_fields, order_of_training
from analysis.placement.owed import count_appointed_owing, count_owed, count_queue
from analysis.placement.plan import compare_plan, count_trained
from analysis.placement.programmes import compare_programmes

__all__ = [
    "compare_online", "compare_plan", "compare_programmes", "count_appointed_owing", "count_fields",
    "count_key_posts", "count_owed", "count_queue", "count_sent", "count_trained", "describe_lecturers",
    "follow_commitments", "follow_sent", "match_fields", "order_of_training", "price_training",
]  # fmt: skip
