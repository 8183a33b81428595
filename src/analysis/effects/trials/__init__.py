"""A sequence of emulated trials from spells: expand, weight, fit, standardise, report."""
