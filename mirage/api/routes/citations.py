"""Shows what a citation's link leads to: the text around a span, with the span marked."""

import binascii
from base64 import b64decode
from html import escape
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from mirage.api.http.docs import HEADERS, STYLE
from mirage.api.state import AppState, Token, authenticate, is_main_key
from mirage.citing import mark_of, parse_at
from mirage.db.documents import find_document_by_id
from mirage.db.projects import find_project
from mirage.errors import DocumentNotFound, InvalidInput, Unauthorized
from mirage.model import Span
from mirage.reading import Excerpt, read_span

# Not a part of the API's description: it is for people.
router = APIRouter(include_in_schema=False)

_AROUND = 1500  # Characters on each side, so that the passage is on the first screen.
# A browser asks for a password then, and sends it with the next request. The API does not take it,
# so no other site can use it.
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="miRAGe: the API key is the password"'}


@router.get("/d/{document}")
async def show(
    request: Request,
    document: str,
    state: AppState,
    token: Token,
    at: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    """Show a document's text around a span."""
    try:
        excerpt, span = await _find(request, state, token or _password(request), document, at)
    except Unauthorized as error:
        hint = "Enter your API key as the password; the user name may be anything."
        return _page(401, "This needs a key", f"<p>{escape(str(error))}. {hint}</p>", _CHALLENGE)
    except InvalidInput as error:
        return _page(error.status, "This cannot be shown", f"<p>{escape(str(error))}</p>")
    notice = "<p><b>The link names no place in this text; this is its beginning.</b></p>"
    body = _body(excerpt, span)
    return _page(200, excerpt.document.name, notice + body if at and span is None else body)


async def _find(
    request: Request, state: AppState, token: str, document: str, at: str
) -> tuple[Excerpt, tuple[Span, str | None] | None]:
    """Return the text, and the span to mark. Raises Unauthorized, DocumentNotFound."""
    access = await authenticate(request, state, token, await is_main_key(state, token))
    try:
        identity = UUID(document)
    except ValueError:
        raise DocumentNotFound("a document's address has its id") from None
    async with state.database.statements() as connection:
        found = await find_document_by_id(connection, identity)
        project = None
        if found is not None and access.sees(found.project_id):
            project = await find_project(connection, str(found.project_id))
    if found is None or project is None:
        raise DocumentNotFound(f"no document {identity} is visible to this key")
    meant = parse_at(at)
    start, end = meant[0] if meant else (0, 0)
    length = found.characters or 0
    if start >= length:
        meant, start, end = None, 0, 0
    begin = max(start - _AROUND, 0)
    return await read_span(state.database, project, identity, begin, end + _AROUND), meant


def _password(request: Request) -> str:
    """Return the password of HTTP Basic, or an empty text."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _body(excerpt: Excerpt, meant: tuple[Span, str | None] | None) -> str:
    document, text = excerpt.document, excerpt.text
    facts = [f"characters {excerpt.start:,} to {excerpt.end:,} of {document.characters:,}"]
    if document.title:
        facts.insert(0, document.title)
    shown, notice = escape(text), ""
    if meant is not None:
        (start, end), mark = meant
        first, last = start - excerpt.start, min(end, excerpt.end) - excerpt.start
        span = text[first:last]
        if mark in (None, mark_of(span)):
            shown = (
                f'{escape(text[:first])}<mark id="passage">{escape(span)}</mark>'
                f"{escape(text[last:])}"
            )
            facts += _where(excerpt, start)
        else:
            notice = (
                "<p><b>The text has changed since this link was made, so nothing is marked.</b></p>"
            )
    line = escape(" · ".join(facts))
    return f'<p>{line}</p>{notice}<pre class="text">{shown}</pre>'


def _where(excerpt: Excerpt, start: int) -> list[str]:
    for part in excerpt.parts:
        if part.end > start:
            page = part.page_label or part.page_number
            pages = [f"page {page}"] if page is not None else []
            return [*pages, *([" > ".join(part.heading_path)] if part.heading_path else [])]
    return []


def _page(
    status: int, title: str, body: str, headers: dict[str, str] | None = None
) -> HTMLResponse:
    return HTMLResponse(
        f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{escape(title)}</h1>
{body}
</body></html>
""",
        status,
        {**HEADERS, **(headers or {})},
    )
