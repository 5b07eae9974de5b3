"""The tool `search`."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from mirage.api.mcp.answers import NOTICE, Place, cite, fenced, page_name, plain, reference
from mirage.api.mcp.arguments import (
    MAX_TOKENS,
    MIN_TOKENS,
    Arguments,
    Reference,
    References,
)
from mirage.api.mcp.calls import Budget, Caller
from mirage.api.mcp.references import find_document
from mirage.api.wire.base import storable
from mirage.close_names import suggestion
from mirage.db import Connection
from mirage.db.listing import count_by_status, list_names
from mirage.db.references import shorten
from mirage.db.search.filters import Filters
from mirage.db.texts import load_section_heads
from mirage.errors import NotFound
from mirage.model import MAX_QUERY_CHARACTERS, DocumentStatus, Passage, Project, is_blank
from mirage.names import matching_names
from mirage.search import Answer, Question, search

_SHOWN_QUERY = 80
_LOOKED_AT = 20  # guess: documents whose headings are compared with an unknown one
_UNFINISHED = (DocumentStatus.PENDING, DocumentStatus.PARSING, DocumentStatus.EMBEDDING)


class NothingThere(NotFound):
    """Correct the filter, or leave it out; `list_documents` and `outline` show what there is."""

    code = "nothing-there"


def _asking(query: str) -> str:
    if is_blank(query):
        raise ValueError("must not be blank")
    return query


class SearchArguments(Arguments):
    """The arguments of `search`."""

    query: Annotated[
        str,
        Field(max_length=MAX_QUERY_CHARACTERS),
        AfterValidator(storable),
        AfterValidator(_asking),
    ]
    """One question, or words to find."""
    documents: References = []
    """Only these: names, folders (`pumps/`), patterns (`p0*`)."""
    section: Reference = ""
    """Only below this heading: `Limits`, `Operation > Limits`."""
    limit: Annotated[int, Field(ge=1, le=20)] = 6
    """Most passages."""
    max_tokens: Annotated[int, Field(ge=MIN_TOKENS, le=MAX_TOKENS)] = 2000
    """Most tokens of the answer."""


async def answer_search(caller: Caller, asked: SearchArguments) -> str:
    """Return passages with refs and links, best first, within the budget."""
    project = await caller.find_project(asked.project)
    state = caller.state
    heading = tuple(part.strip() for part in asked.section.split(">") if part.strip())
    documents = tuple(asked.documents)
    if documents:
        async with state.database.transaction() as connection:
            documents = await _known(connection, project, documents)
    question = Question(
        asked.query, limit=asked.limit, filters=Filters(documents=documents, heading=heading)
    )
    async with state.searches.place():
        found = await search(
            state.database, state.embedder, state.settings.search, project, question
        )
    async with state.database.transaction() as connection:
        if not found.passages and heading:
            await _raise_no_section(connection, project, documents, heading)
        short = await shorten(
            connection, project.id, (passage.document_id for passage in found.passages)
        )
        counts = await count_by_status(connection, project.id)
    budget = await caller.budget(asked.max_tokens)
    opening = _opening(asked, project, found, counts)
    blocks = [_block(caller, short, passage) for passage in found.passages]
    return _within(budget, opening, blocks, found.passages, short)


async def _known(
    connection: Connection, project: Project, references: Sequence[str]
) -> tuple[str, ...]:
    """Return names and ids for the filter. Raises DocumentNotFound, AmbiguousDocument."""
    names = list((await list_names(connection, project.id)).values())
    known: list[str] = []
    for given in references:
        if any(matching_names(names, given)):
            known.append(given)
        else:
            known.append(str((await find_document(connection, project, given)).id))
    return tuple(known)


async def _raise_no_section(
    connection: Connection, project: Project, documents: Sequence[str], heading: Sequence[str]
) -> None:
    names = await list_names(connection, project.id)
    meant = [
        identity
        for identity, name in names.items()
        if not documents
        or any(given == str(identity) or any(matching_names([name], given)) for given in documents)
    ]
    titles = {
        title
        for identity in meant[:_LOOKED_AT]
        for section in await load_section_heads(connection, identity)
        for title in section.heading_path
    }
    similar = suggestion(heading[-1], sorted(titles))
    raise NothingThere(f"there is no passage below the heading {' > '.join(heading)!r}{similar}")


def _opening(
    asked: SearchArguments, project: Project, found: Answer, counts: dict[DocumentStatus, int]
) -> str:
    total = sum(counts.values())
    open_ = sum(counts.get(status, 0) for status in _UNFINISHED)
    notes = [found.degraded or "by meaning and by words"]
    if open_:
        notes.append(f"{open_} of {total} documents are still being indexed")
    elif not total:
        notes = ["the project has no documents"]
    count = len(found.passages)
    what = f"{count} passage{'s' * (count != 1)}" if count else "No passage found"
    query = plain(asked.query[:_SHOWN_QUERY])
    return f'{what} for "{query}" in {plain(project.name)} ({"; ".join(notes)})'


def _block(caller: Caller, short: dict[UUID, str], passage: Passage) -> str:
    span = passage.start, passage.end
    place = _place(passage)
    link = cite(caller.base, passage.document_id, passage.document_name, place, span, passage.text)
    text = passage.text
    if passage.table_header:
        text = f"{passage.table_header}\n…\n{text}"
    weak = " | weak" if passage.weak else ""
    return (
        f"{plain(passage.document_name)}{place.short}{place.headings}{weak}\n"
        f"ref {reference(short[passage.document_id], span)} | {link}\n{fenced(text)}"
    )


def _place(passage: Passage) -> Place:
    sections: Sequence[Any] = passage.sections
    last = sections[-1] if sections else passage
    return Place(
        page_name(passage.page_label, passage.page_number),
        page_name(last.page_label, last.page_number),
        passage.heading_path,
        passage.line,
    )


def _within(
    budget: Budget,
    opening: str,
    blocks: Sequence[str],
    passages: Sequence[Passage],
    short: dict[UUID, str],
) -> str:
    """Return the answer with the passages that fit; others are left out whole, and counted."""
    shown: list[str] = []
    left_out: list[str] = []
    for block, passage in zip(blocks, passages, strict=True):
        more = [*shown, f"[{len(shown) + 1}] {block}"]
        rest = [*left_out, "12345678:100000-100000"] if len(more) < len(blocks) else left_out
        if budget.holds(_written(opening, more, rest)):
            shown = more
        else:
            left_out.append(reference(short[passage.document_id], (passage.start, passage.end)))
    return _written(opening, shown, left_out)


def _written(opening: str, shown: Sequence[str], left_out: Sequence[str]) -> str:
    parts = [opening, *shown]
    closing = []
    if left_out:
        plural = "s were" if len(left_out) != 1 else " was"
        closing.append(
            f"{len(left_out)} passage{plural} left out for want of room; raise max_tokens, or read"
            f" {left_out[0]}"
        )
    if shown:
        closing.append(NOTICE)
    return "\n\n".join([*parts, "\n".join(closing)] if closing else parts)
