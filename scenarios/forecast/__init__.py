"""Will we reach 500? Bands of simulated years, the week a target is met, and what would move it.

A forecast is many simulated years of :mod:`scenarios.year`, week by week: the middle year, and the
band that eight of ten lie in. What is assumed is drawn anew for each year from its range, so that a
band holds what is not known beside what is chance.
"""

from scenarios.forecast.bands import Band, Forecast, TargetMet, band_of, forecast, series_of
from scenarios.forecast.levers import (
    LeverPulled,
    YearLever,
    levers,
    pulled,
    pulled_figures,
    told_lever,
)
from scenarios.forecast.page import answer, document_of, priced_line, priced_lines, write_forecast
from scenarios.forecast.priced import PricedYears, priced_weeks, told_prices
from scenarios.forecast.unsure import drawn_figures

__all__ = [
    "Band",
    "Forecast",
    "LeverPulled",
    "PricedYears",
    "TargetMet",
    "YearLever",
    "answer",
    "band_of",
    "document_of",
    "drawn_figures",
    "forecast",
    "levers",
    "priced_line",
    "priced_lines",
    "priced_weeks",
    "pulled",
    "pulled_figures",
    "series_of",
    "told_lever",
    "told_prices",
    "write_forecast",
]
