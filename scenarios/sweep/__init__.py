"""Running scenarios: the base once, each scenario warm from it, on processes or a cluster.

>>> from scenarios.patch import library
>>> from scenarios.population import Population, problem
>>> from scenarios.sweep import run
>>> week = problem(Population(citizens=60, openings=12))
>>> base, more = run(week, [library().scenarios["more_mentor_hours"]], workers=1)
>>> base.name, more.name, more.placed >= base.placed
('base', 'more_mentor_hours', True)
"""

from scenarios.sweep.cache import Cache
from scenarios.sweep.many import Workforce, run, workforce_of
from scenarios.sweep.one import BASE, SolvedWeek, base_titles

__all__ = ["BASE", "Cache", "SolvedWeek", "Workforce", "base_titles", "run", "workforce_of"]
