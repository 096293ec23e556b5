"""The weeks ahead: what mentor hours, class seats and weekly money will be worth, and their prices.

Each week's plan is the best of its week, and gives away for half a year what may be missing next
week. Here futures are drawn from the arrivals that were seen, a linear program shares out in them
what is left, week by week, and its least prices say what a unit of each held resource would bring.
They are frozen into the policy of the run (section ``horizon``), where the second goal, the check
and the store find them. What one citizen's later chance, or a seat, may be worth is not priced:
from such a program no placement of this week would keep a gain.
"""

from matcher.horizon.arrivals import SeenArrivals, draw_weeks
from matcher.horizon.prices import Ahead, Priced, ahead_of, freeze, price_ahead
from matcher.horizon.survival import Stay, accepted_share, stay_curves

__all__ = [
    "Ahead",
    "Priced",
    "SeenArrivals",
    "Stay",
    "accepted_share",
    "ahead_of",
    "draw_weeks",
    "freeze",
    "price_ahead",
    "stay_curves",
]
