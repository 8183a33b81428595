"""Who is sent and who rises: groups beside their reference, like with like, in shares and in people."""

from analysis.equity.access import compare_access
from analysis.equity.parity import compare_shares
from analysis.equity.sending import compare_kinds, describe_sending

__all__ = ["compare_access", "compare_kinds", "compare_shares", "describe_sending"]
