"""The only door out: disclosure limits, and the mark on all that a page may show."""
