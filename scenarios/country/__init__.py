"""The country as the weeks of its municipalities: each by itself, and one page for all.

>>> from scenarios.country import split
>>> from scenarios.population import Population, problem
>>> parts, left_out = split(problem(Population("Danmark", citizens=300, openings=60)))
>>> sum(len(part.tables["citizens"]) for part in parts) + left_out.citizens
300
"""

from scenarios.country.split import LeftOut, MunicipalityWeek, split
from scenarios.country.summary import summary, write_summary
from scenarios.country.weeks import Ran, run_parts

__all__ = ["LeftOut", "MunicipalityWeek", "Ran", "run_parts", "split", "summary", "write_summary"]
