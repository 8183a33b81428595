"""Views of differences: between groups, between units, and before and after a day."""
