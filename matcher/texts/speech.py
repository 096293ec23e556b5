"""Writes texts of the catalogue and the figures between them, in one language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from matcher.texts.catalogue import ENGLISH, Language, catalogue
from matcher.texts.figures import Figures
from matcher.texts.message import write


class Speech(Figures):
    """Everything written for people, in one language.

    Parameters
    ----------
    language
        One of :data:`matcher.texts.LANGUAGES`.
    """

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self._texts = catalogue(language)

    def __call__(self, key: str, count: int | None = None, /, **facts: Any) -> str:
        """Write a text; ``count`` picks the form for one and fills ``{count}``."""
        if count is not None:
            facts["count"] = self.whole(count)
        return write(key, facts, self.language, one=count == 1)

    def citizen(
        self, citizen_id: str, unit: str, teams: Collection[str] | None, *, begins: bool = False
    ) -> str:
        """Name a citizen by id, to who sees the citizens of these teams; None: of all teams.

        Parameters
        ----------
        unit
            The citizen's team.
        begins
            Whether a sentence begins with it.
        """
        if teams is None or unit in teams:
            return citizen_id
        text = self("common.of_another_team")
        return text[:1].upper() + text[1:] if begins else text

    def known(self, key: str, otherwise: str) -> str:
        """Return a text that may not exist, e.g. the name of a budget line of one's own."""
        return self(key) if key in self._texts else otherwise

    def pick(self, texts: Mapping[str, str]) -> str:
        """Return the text of this language from one in several; English where it lacks."""
        return texts.get(self.language) or texts[ENGLISH]
