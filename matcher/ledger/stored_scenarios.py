"""The part of the ledger about scenarios that people keep by a name.

They are of no run and about nobody, so they are written beside the lock that a run holds, each in a
transaction of its own.
"""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from matcher.ledger import run_rows
from matcher.ledger.access import Store
from matcher.ledger.records import SavedScenario
from matcher.ledger.schema import SCENARIOS


class StoredScenarios(Store):
    """Scenarios: kept, listed, deleted."""

    def save_scenario(self, scenario: SavedScenario) -> bool:
        """Keep a scenario.

        Returns
        -------
        bool
            Whether it is kept now; if not, there is one of that name, and that one stays.
        """
        with self.noting() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(SCENARIOS).values(asdict(scenario)))
            except sa.exc.IntegrityError:
                return False
        return True

    def delete_scenario(self, name: str) -> bool:
        """Delete a scenario.

        Returns
        -------
        bool
            Whether there was one of that name.
        """
        with self.noting() as connection:
            gone = connection.execute(sa.delete(SCENARIOS).where(SCENARIOS.c.name == name))
        return gone.rowcount == 1

    def scenarios(self) -> tuple[SavedScenario, ...]:
        """Return the scenarios that are kept, newest first."""
        query = sa.select(SCENARIOS).order_by(SCENARIOS.c.made_at.desc(), SCENARIOS.c.name)
        return self._all(query, lambda row: run_rows.filled(SavedScenario, row))
