"""What became of those who were sent, and what is needed, planned, done and owed."""

from analysis.placement.lecturers import describe_lecturers
from analysis.placement.online import compare_online
from analysis.placement.owed import count_appointed_owing, count_owed, count_queue
from analysis.placement.plan import compare_plan, count_trained

__all__ = [
    "compare_online",
    "compare_plan",
    "count_appointed_owing",
    "count_owed",
    "count_queue",
    "count_trained",
    "describe_lecturers",
]
