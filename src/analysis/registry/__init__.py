"""What is known about people: the contract, its sources, and the registry as known on a date."""

from .contract import TABLES
from .describe import count_courses, count_people, count_tables, describe_columns, post_holders, read_truth
from .findings import Finding
from .store import Registry, check, load, save

__all__ = [
    "TABLES",
    "Finding",
    "Registry",
    "check",
    "count_courses",
    "count_people",
    "count_tables",
    "describe_columns",
    "load",
    "read_truth",
    "post_holders",
    "save",
]
