"""From facts to a page: templates, words, and addresses that keep what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Event
from typing import Annotated, Any
from urllib.parse import urlencode

import jinja2
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from matcher.ledger import Run
from matcher.report import Words
from matcher.texts import LANGUAGES, Language, Message
from scenarios.questions import Tell, untold
from scenarios.web.safety import LANGUAGE_COOKIE, Viewer, chosen_of
from scenarios.web.weeks import Weeks

NAVIGATION = (
    ("week", "/"), ("people", "/people"), ("openings", "/openings"), ("decide", "/decide"),
    ("levers", "/levers"), ("scarce", "/scarce"), ("weeks", "/weeks"), ("data", "/data"),
)  # fmt: skip
"""Pages of the bar, with their addresses."""
OF_PERSONS = frozenset({"decide"})
"""Pages that are about persons."""
OF_DATA = frozenset({"data"})
"""Pages of the data team."""


@cache
def templates() -> jinja2.Environment:
    """All templates; whatever is put into them is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("scenarios.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code"] = _code
    return made


def _code(text: str) -> Markup:
    """Set what stands between backticks as a command; the rest is escaped as ever."""
    parts = (escape(one) for one in text.split("`"))
    marked = [Markup("<code>{}</code>").format(one) if at % 2 else one
              for at, one in enumerate(parts)]  # fmt: skip
    return Markup("").join(marked)


@dataclass(frozen=True)
class PageRequest:
    """One request: who asks, in which language, about which run."""

    viewer: Viewer
    language: Language
    weeks: Weeks
    root: str
    run_id: str
    """Run that the address names; empty: the newest."""
    back: str = "/"
    """Where the page is, to come back to."""

    def say(self, key: str, count: int | None = None, /, **facts: Any) -> str:
        """Write a text of the workbench."""
        if count is not None:
            facts["count"] = count
        return Message(f"web.{key}", **facts).told(self.language)

    @property
    def words(self) -> Words:
        """Words of the reports."""
        return Words(self.language)

    def at(self, path: str, /, **query: Any) -> str:
        """Write an address, with the run it is about and what is asked of it."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        if self.run_id and not path.startswith(("/static", "/weeks", "/data", "/jobs")):
            given = {"run": self.run_id, **given}
        return f"{self.root}{path}" + (f"?{urlencode(given)}" if given else "")

    def along(self, path: str, query: str, /, **more: Any) -> str:
        """Write an address that takes along what is pulled, as its query says it."""
        address = self.at(path, **more)
        return f"{address}{'&' if '?' in address else '?'}{query}" if query else address

    @property
    def few(self) -> int:
        """People below whom a figure is not told to this viewer; 0: every figure is."""
        return 0 if self.viewer.sees_persons else self.weeks.settings.rules.fewest

    def figure(self, count: int) -> int | None:
        """Return how many people; None: too few for this viewer."""
        return None if 0 < count < self.few else count

    def run(self) -> Run | None:
        """Return the run that is asked about; None: there is none yet."""
        return self.weeks.run(self.run_id or None)

    def ask(
        self, run_id: str, question: Callable[..., Any], *given: Any,
        key: Hashable = None, stop: Event | None = None, tell: Tell = untold,
        patient: bool = False,
    ) -> Any:  # fmt: skip
        """Ask the solved week of a run when it is this viewer's turn: :meth:`Weeks.ask`."""
        return self.weeks.ask(
            run_id,
            question,
            *given,
            key=key,
            who=self.viewer.one,
            stop=stop,
            tell=tell,
            patient=patient,
        )

    def page(
        self, template: str, title: str, here: str = "", status: int = 200, **content: Any
    ) -> HTMLResponse:
        """Fill a template.

        Parameters
        ----------
        template
            Its name, without ending.
        title
            Heading of the page.
        here
            Page of the bar that it belongs to.
        """
        run: Run | None = content.pop("run", None)
        html = templates().get_template(f"{template}.html.j2").render(
            say=self.say, words=self.words, at=self.at, along=self.along, viewer=self.viewer,
            language=self.language, title=title, here=here, run=run,
            navigation=[one for one in NAVIGATION if self._may_see(one[0])],
            asked_run=self.run_id, back=self.back, few=self.few,
            languages=[(one, Message("web.language_name").told(one))
                       for one in LANGUAGES if one != self.language], **content,
        )  # fmt: skip
        return HTMLResponse(html, status_code=status)

    def _may_see(self, name: str) -> bool:
        if name in OF_PERSONS:
            return self.viewer.sees_persons
        return name not in OF_DATA or self.viewer.role == "data"

    def pick(self, both: Mapping[str, str]) -> str:
        """Return the text of this language."""
        return both[self.language]


def asked_of(request: Request) -> PageRequest:
    """Read who asks what; the door has let them in."""
    weeks: Weeks = request.app.state.weeks
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return PageRequest(
        viewer=request.state.viewer,
        language=chosen_of(chosen, weeks.settings.language),
        weeks=weeks,
        root=weeks.settings.root,
        run_id=request.query_params.get("run", ""),
        back=_back(request, weeks.settings.root),
    )


def _back(request: Request, root: str) -> str:
    """Return path and query of a page that can be asked for again, without the proxy's path."""
    if request.method != "GET":
        return "/"
    path = request.url.path.removeprefix(root) or "/"
    return path + (f"?{request.url.query}" if request.url.query else "")


Who = Annotated[PageRequest, Depends(asked_of)]
"""Parameter of a route: the request."""
