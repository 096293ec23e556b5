"""What a process that solves scenarios imports once, so that each of its copies has it.

Never imported by the process that asks for the work: the settings below are for a worker, of
which there is one a core.
"""

import importlib
import os

# Before the first import of numpy. A second thread on a core that is taken only waits.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

for _name in ("matcher.explain", "matcher.verify", "scenarios.sweep.local"):
    importlib.import_module(_name)
