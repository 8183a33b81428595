"""The groups carried forward: what may come, and what it would take."""
