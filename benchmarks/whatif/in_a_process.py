"""Read a week, solve it and scenarios of the library, keep what was found.

python -m benchmarks.whatif.in_a_process WEEK FOUND [NAME ...]
"""

import pickle
import sys
from pathlib import Path

from matcher.policy import load_policy
from matcher.tables import read_problem
from scenarios.patch import library
from scenarios.population import POLICY, Population
from scenarios.sweep import run

if __name__ == "__main__":
    folder, found, *names = sys.argv[1:]
    today = Population().today
    policy = load_policy(today, Path(folder) / POLICY)
    reading = read_problem(folder, policy, today)
    assert reading.problem is not None
    ready = library().scenarios
    outcomes = run(reading.problem, [ready[name] for name in names])
    Path(found).write_bytes(pickle.dumps(outcomes))
