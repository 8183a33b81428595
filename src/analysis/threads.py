"""One thread for linear algebra, set before numpy is loaded: for small matrices, waiting threads cost more.

Set OPENBLAS_NUM_THREADS yourself to have more.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
