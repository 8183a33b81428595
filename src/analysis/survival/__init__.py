"""Counts, hazards and curves of any start-stop rows; knows no registry."""
