"""What a route needs to answer a browser: language, addresses, templates, and who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mirage import __version__
from mirage.keys import Access
from mirage.languages import NAMES
from mirage.model import Project, Scope
from mirage.web.addresses import address, local
from mirage.web.assets import Asset, load_assets
from mirage.web.attempts import Attempts
from mirage.web.history import History
from mirage.web.searching import Asked
from mirage.web.session import Sessions
from mirage.web.words import PLURALS, Words, choose, load

LANGUAGE_COOKIE = "mirage_language"


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that the page has in addition to those of the API."""

    root: str
    sessions: Sessions
    attempts: Attempts
    templates: Environment
    assets: Mapping[str, Asset]
    history: History


def build_site(root: str, api_key: str) -> Site:
    """Return the parts of the page."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return Site(root, Sessions(api_key), Attempts(), templates, load_assets(), History())


class View:
    """One request of a browser."""

    def __init__(self, request: Request) -> None:
        self.site: Site = request.app.state.site
        self.request = request
        cookies, headers = request.cookies, request.headers
        language = choose(cookies.get(LANGUAGE_COOKIE), headers.get("accept-language", ""))
        self.words: Words = load(language)

    @property
    def access(self) -> Access | None:
        """Return what the visitor may do; None before login."""
        found: Access | None = getattr(self.request.state, "access", None)
        return found

    @property
    def here(self) -> str:
        """Return the address of this request, with prefix and query."""
        path = self.url(*self.request.url.path.removeprefix(self.site.root).split("/")[1:])
        return f"{path}?{self.request.url.query}" if self.request.url.query else path

    @property
    def cookie_path(self) -> str:
        """Return the path of cookies: without a slash at its end it is also that of the prefix."""
        return self.site.root or "/"

    def url(self, *parts: object, **query: object) -> str:
        """Return an address of the page."""
        return address(self.site.root, *parts, **query)

    def static(self, name: str) -> str:
        """Return the address of a file, which changes with its content."""
        return self.url("static", name, v=self.site.assets[name].version)

    def tongue(self, code: str) -> str:
        """Return the name of a language."""
        key = f"tongues.{code}"
        return self.words.say(key) if self.words.has(key) else NAMES.get(code, code)

    def may(self, scope: Scope) -> bool:
        """Return whether the visitor's key has the scope."""
        return self.access is not None and self.access.scope.includes(scope)

    def render(
        self,
        template: str,
        status: int = 200,
        *,
        current: str = "",
        shelf: Project | None = None,
        asked: Asked | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """Return a page; `current` is its name in the navigation, `shelf` what it is about.

        `asked` fills the search field.
        """
        access = self.access
        page = self.site.templates.get_template(template).render(
            t=self.words.say,
            known=self.words.has,
            number=self.words.number,
            size=self.words.size,
            tongue=self.tongue,
            moment=_moment,
            language=self.words.language,
            languages=list(PLURALS),
            url=self.url,
            static=self.static,
            here=self.here,
            version=__version__,
            logged_in=access is not None,
            may_write=self.may(Scope.WRITE),
            may_administer=self.may(Scope.ADMIN),
            sees_all=access is not None and access.project_ids is None,
            current=current,
            shelf=shelf,
            asked=asked,
            **values,
        )
        return HTMLResponse(page, status)

    def go(self, target: str) -> RedirectResponse:
        """Return a redirect to an address of this page, which the browser gets with GET."""
        return RedirectResponse(local(self.site.root, target), 303)


async def get_view(request: Request) -> View:
    """Return what `view_of` returns. FastAPI would call that in a thread."""
    return view_of(request)


def view_of(request: Request) -> View:
    """Return the view of a request, the same one at each call."""
    view: View | None = getattr(request.state, "view", None)
    if view is None:
        view = request.state.view = View(request)
    return view


PageView = Annotated[View, Depends(get_view)]


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"
