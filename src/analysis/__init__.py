"""Training, promotion and target attainment of a province's public employees."""

from analysis import threads as threads

__version__ = "0.1.0"
