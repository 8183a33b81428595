"""Who is sent and who rises: groups beside their reference, like with like, in shares and in people."""

from analysis.equity.channels import split_gap
from analysis.equity.parity import compare_shares
from analysis.equity.promotion import compare_promotion, follow_promotion

__all__ = ["compare_promotion", "compare_shares", "follow_promotion", "split_gap"]
