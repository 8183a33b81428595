"""Who is sent and who rises: groups beside their reference, like with like, in shares and in people."""

from analysis.equity.access import compare_access
from analysis.equity.channels import split_gap
from analysis.equity.parity import compare_shares
from analysis.equity.promotion import compare_promotion, follow_promotion
from analysis.equity.sending import compare_kinds, describe_sending

__all__ = [
    "compare_access", "compare_kinds", "compare_promotion", "compare_shares", "describe_sending", "follow_promotion",
    "split_gap",
]  # fmt: skip
