"""Training, promotion and target attainment of a province's public employees."""

__version__ = "0.1.0"
