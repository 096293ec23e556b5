"""The door: who is let in, what is answered to whom, and what every answer carries."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal
from urllib.parse import parse_qs

from matcher.texts import LANGUAGES, Language, Message
from scenarios.web.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Role = Literal["data", "caseworker", "planner"]

COOKIE = "jobmatch"
LANGUAGE_COOKIE = "jobmatch-lang"
OPEN_PATHS = ("/static/", "/healthz")
"""Answered to anybody who reaches the machine: they hold nothing about anybody."""
WATCHING = "/events"
"""Ends the addresses that a page asks by itself: they are no use of the page."""
MAC = 32
"""Letters of a signature: 128 bits."""
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORM_BYTES = 2_000_000
"""Largest form or JSON; only an upload may be larger."""
HEADERS = (
    (b"content-security-policy",
     b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
     b"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not "no-referrer": a browser would then send the forms of these very pages from nowhere.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)  # fmt: skip
log = logging.getLogger("jobmatch.workbench")


@dataclass(frozen=True)
class Viewer:
    """Who asks."""

    name: str
    """As the proxy names them; ``local`` for whoever opened the printed address."""
    role: Role
    csrf: str
    """What every form of theirs must bring back."""
    teams: tuple[str, ...] = ()
    """Of a caseworker: the units whose citizens they see."""
    session: str = ""
    """Tells those apart who have no name of their own: each browser that was let in."""

    @property
    def one(self) -> str:
        """Tells this viewer from every other, also from others without a name."""
        return f"{self.name} {self.session}"

    @property
    def sees_persons(self) -> bool:
        """Whether anything about one person may be shown."""
        return self.role != "planner"

    @property
    def decides(self) -> bool:
        """Whether they may decide about a proposal."""
        return self.role != "planner"

    @property
    def named(self) -> tuple[str, ...] | None:
        """Teams whose citizens are named to them. None: all."""
        return None if self.role == "data" else self.teams

    def sees(self, unit: str) -> bool:
        """Whether citizens of a team are named to them."""
        return self.named is None or unit in self.named


class _Stopped(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


class Door:
    """Stands before the application: every request passes it, and every answer.

    Parameters
    ----------
    app
        What answers.
    settings
        Hosts, key, roles and limits.
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._tokens = {secrets.token_urlsafe(24)}

    def address(self) -> str:
        """Address that lets in once."""
        (token,) = self._tokens or {""}
        return f"http://127.0.0.1:{self._settings.port}{self._settings.root}/enter?token={token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _Passage(self, self._settings, self._tokens, scope, receive, send).go(self._app)


@dataclass
class _Passage:
    """One request on its way in and out."""

    door: Door
    settings: Settings
    tokens: set[str]
    scope: Scope
    receive: Receive
    send: Send
    status: int = 500
    came: int = 0
    """Bytes of the body so far."""
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def go(self, app: App) -> None:
        started = time.monotonic()
        self.scope["root_path"] = self.settings.root
        self.headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in self.scope["headers"]
        }
        try:
            self._once_only()
            if not await self._without_app():
                await app(self.scope, self._limited, self._answered)
        except _Stopped as stop:
            await self._plain(stop.status, stop.key)
        finally:
            # The pattern of the route, never the address itself: that may lead to a person.
            route = getattr(self.scope.get("route"), "path", "-")
            took = 1000 * (time.monotonic() - started)
            log.info("%s %s %d %.0f ms", self.scope["method"], route, self.status, took)

    def _once_only(self) -> None:
        """Refuse a header twice that tells who asks or what: which of the two counts is no guess.

        A proxy that adds its own to one from outside would else be believed, or not, by chance.
        """
        rules = self.settings.rules
        watched = {"host", "origin", rules.user_header.lower(), rules.groups_header.lower()}
        names = [name.decode("latin-1").lower() for name, _ in self.scope["headers"]]
        if any(names.count(name) > 1 for name in watched):
            raise _Stopped(400, "web.twice")

    async def _without_app(self) -> bool:
        """Check what can be checked at the door; tell whether that was the answer."""
        if self.headers.get("host", "").lower() not in self.settings.hosts:
            raise _Stopped(421, "web.wrong_host")
        path = self.path
        if path.startswith(OPEN_PATHS):
            return False
        if path == "/enter" and not self.settings.rules.proxies:
            await self._enter()
            return True
        viewer = self._viewer()
        if viewer is None:
            raise _Stopped(401, "web.not_in")
        if self.scope["method"] in CHANGES:
            if self.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
                raise _Stopped(403, "web.other_site")
            origin = self.headers.get("origin")
            if origin is not None and origin.partition("://")[2].lower() not in self.settings.hosts:
                raise _Stopped(403, "web.other_site")
            if int(self.headers.get("content-length") or 0) > self.most:
                raise _Stopped(413, "web.too_large")
        self.scope.setdefault("state", {})["viewer"] = viewer
        return False

    @property
    def path(self) -> str:
        """Path without the one a proxy serves under."""
        return str(self.scope["path"]).removeprefix(self.settings.root) or "/"

    @property
    def most(self) -> int:
        """Bytes that this request may bring."""
        upload = self.settings.rules.upload_megabytes * 1_000_000
        return upload if self.path == "/data/upload" else FORM_BYTES

    async def _enter(self) -> None:
        """Trade the token for a session, once."""
        token = parse_qs(self.scope["query_string"].decode("latin-1")).get("token", [""])[0]
        good = any(hmac.compare_digest(token.encode(), one.encode()) for one in self.tokens)
        if not good:
            raise _Stopped(401, "web.used_up")
        self.tokens.clear()
        self.cookie = self._signed(secrets.token_hex(16))
        home = f"{self.settings.root}/".encode()
        await self._sent({"type": "http.response.start", "status": 303,
                          "headers": [(b"location", home)]})  # fmt: skip
        await self.send({"type": "http.response.body", "body": b""})

    # ---------------------------------------------------------------- who it is

    def _viewer(self) -> Viewer | None:
        rules = self.settings.rules
        if rules.proxies:
            peer = (self.scope.get("client") or ("", 0))[0]
            name = self.headers.get(rules.user_header.lower(), "")
            return self._named(name) if peer in rules.proxies and name else None
        session, _, rest = self._cookies().get(COOKIE, "").partition(".")
        last, _, mac = rest.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(f"{session}.{last}").encode()):
            return None
        if not last.isdecimal() or time.time() - int(last) > 60 * rules.idle_minutes:
            return None
        if not self.path.endswith(WATCHING):
            self.cookie = self._signed(session)
        return Viewer("local", "data", self._mac(f"csrf.{session}"), session=session)

    def _named(self, name: str) -> Viewer | None:
        """Whoever the proxy names, with the most that one of their groups may do."""
        rules = self.settings.rules
        said = self.headers.get(rules.groups_header.lower(), "").split(",")
        groups = {group.strip() for group in said}
        csrf = self._mac(f"csrf.user.{name}")
        if groups & set(rules.data_team):
            return Viewer(name, "data", csrf)
        mine = sorted(groups & set(rules.caseworkers))
        if mine:
            teams = tuple(sorted({team for group in mine for team in rules.caseworkers[group]}))
            return Viewer(name, "caseworker", csrf, teams)
        return Viewer(name, "planner", csrf) if groups & set(rules.planners) else None

    def _cookies(self) -> dict[str, str]:
        try:
            found = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in found.items()}

    def _signed(self, session: str) -> str:
        said = f"{session}.{int(time.time())}"
        return f"{said}.{self._mac(said)}"

    def _mac(self, text: str) -> str:
        return hmac.new(self.settings.key, text.encode(), hashlib.sha256).hexdigest()[:MAC]

    # ---------------------------------------------------------------- in and out

    async def _limited(self) -> MutableMapping[str, Any]:
        """Hand on the body, as long as it is not more than was said or allowed."""
        message = await self.receive()
        if message["type"] == "http.request":
            self.came += len(message.get("body", b""))
            if self.came > self.most:
                raise _Stopped(413, "web.too_large")
        return message

    async def _answered(self, message: MutableMapping[str, Any]) -> None:
        """Send what the application answers, unless too much came: it may call that by a name."""
        if self.came > self.most:
            raise _Stopped(413, "web.too_large")
        await self._sent(message)

    async def _sent(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *HEADERS]
            if not self.path.startswith("/static/"):
                headers.append((b"cache-control", b"no-store"))
            if self.cookie:
                where = f"{self.settings.root}/"
                text = f"{COOKIE}={self.cookie}; Path={where}; HttpOnly; SameSite=Strict"
                headers.append((b"set-cookie", text.encode()))
            message = {**message, "headers": headers}
        await self.send(message)

    async def _plain(self, status: int, key: str) -> None:
        """Say in a sentence why not, in the language of the workbench."""
        text = Message(key).told(self._language()).encode() + b"\n"
        kind = [(b"content-type", b"text/plain; charset=utf-8")]
        await self._sent({"type": "http.response.start", "status": status, "headers": kind})
        await self.send({"type": "http.response.body", "body": text})

    def _language(self) -> Language:
        return chosen_of(self._cookies().get(LANGUAGE_COOKIE), self.settings.language)


def chosen_of(cookie: str | None, otherwise: Language) -> Language:
    """Return the language a cookie names; another one's where it names none that is known."""
    return cookie if cookie in LANGUAGES else otherwise
