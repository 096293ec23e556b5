"""The part of the ledger about scenarios that people keep by a name.

They are of no run and about nobody, so they are written beside the lock that a run holds, each in a
transaction of its own. What they are called is free text that everybody reads: one that names a
citizen is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict

import sqlalchemy as sa

from matcher.errors import OptionError
from matcher.ledger import run_rows
from matcher.ledger.access import Store
from matcher.ledger.records import SavedScenario
from matcher.ledger.schema import PROPOSALS, SCENARIOS, UNPLACED
from matcher.texts import Message

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class StoredScenarios(Store):
    """Scenarios: kept, listed, deleted."""

    def save_scenario(self, scenario: SavedScenario) -> bool:
        """Keep a scenario.

        Returns
        -------
        bool
            Whether it is kept now; if not, there is one of that name, and that one stays.

        Raises
        ------
        OptionError
            It names a citizen of the run it was made on.
        """
        if names_any(scenario, self._citizens(scenario.run_id)):
            raise OptionError(Message("ledger.scenario_citizen"))
        with self.noting() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(SCENARIOS).values(asdict(scenario)))
            except sa.exc.IntegrityError:
                return False
        return True

    def delete_scenario(self, scenario: SavedScenario) -> bool:
        """Delete a scenario, and no other of its name that was kept in the meantime.

        Returns
        -------
        bool
            Whether it was there.
        """
        same = (
            SCENARIOS.c.name == scenario.name,
            SCENARIOS.c.made_by == scenario.made_by,
            SCENARIOS.c.made_at == scenario.made_at,
        )
        with self.noting() as connection:
            gone = connection.execute(sa.delete(SCENARIOS).where(*same))
        return gone.rowcount == 1

    def scenarios(self) -> tuple[SavedScenario, ...]:
        """Return the scenarios that are kept, newest first."""
        query = sa.select(SCENARIOS).order_by(SCENARIOS.c.made_at.desc(), SCENARIOS.c.name)
        return self._all(query, lambda row: run_rows.filled(SavedScenario, row))

    def _citizens(self, run_id: str) -> list[str]:
        """Ids of everybody in a run."""
        both = [
            sa.select(table.c.citizen_id).where(table.c.run_id == run_id)
            for table in (PROPOSALS, UNPLACED)
        ]
        with self.reading() as connection:
            return list(connection.execute(sa.union(*both)).scalars())


def names_any(scenario: SavedScenario, citizens: Iterable[str]) -> bool:
    """Whether a scenario names one of these citizens, in its title or in a text of its file.

    Whole ids count, in large or small letters; numbers of the file are no texts.
    """
    quoted = [json.loads(one) for one in _QUOTED.findall(scenario.content)]
    texts = "\n".join([scenario.title, *quoted]).casefold()
    return any(
        re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", texts)
        for citizen in citizens
        if (one := citizen.casefold()) in texts
    )
