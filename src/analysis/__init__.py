"""Training, promotion and target attainment of a province's public employees."""

__version__ = "0.1.0"

import os

# Matrices here are small: waiting threads of the linear algebra cost more than they give. Set it yourself to have more.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
