"""Who is sent and who rises: groups beside their reference, like with like, in shares and in people."""

from analysis.equity.parity import compare_shares

__all__ = ["compare_shares"]
