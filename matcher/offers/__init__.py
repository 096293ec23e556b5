"""Who could take what: every feasible (citizen, opening, measure, supports) with its fit."""

from matcher.offers.build import OfferBook, Offers, Tally, build_offers
from matcher.offers.encoded_week import EncodedWeek, sides_of
from matcher.offers.fit import COMPONENTS
from matcher.offers.measures import weeks_left
from matcher.offers.pair import Failure, Weighed, failures, weighed
from matcher.offers.rebuild import rebuild_offers

__all__ = [
    "COMPONENTS",
    "EncodedWeek",
    "Failure",
    "OfferBook",
    "Offers",
    "Tally",
    "Weighed",
    "build_offers",
    "failures",
    "rebuild_offers",
    "sides_of",
    "weeks_left",
    "weighed",
]
