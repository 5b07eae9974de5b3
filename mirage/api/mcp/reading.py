"""The tool `read`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from mirage.api.mcp.answers import (
    NOTICE,
    Place,
    cite,
    fenced,
    inside_fence,
    page_name,
    plain,
    reference,
)
from mirage.api.mcp.arguments import MAX_TOKENS, MIN_TOKENS, Arguments, Reference
from mirage.api.mcp.calls import CHARACTERS_PER_TOKEN, Budget, Caller
from mirage.api.mcp.references import Target, find_target
from mirage.close_names import suggestion
from mirage.db import Connection
from mirage.db.references import shorten
from mirage.db.texts import find_page, find_page_number, load_section_heads
from mirage.errors import InvalidInput, NotFound
from mirage.model import Document, Project, Span
from mirage.reading import Excerpt, find_document, read_span


class PlaceNotFound(NotFound):
    """Choose a page or heading that `outline` shows, or read from the beginning of the document."""

    code = "place-not-found"


class ReadArguments(Arguments):
    """The arguments of `read`."""

    at: Annotated[Reference, Field(min_length=1)]
    """A ref (`0b7d6c5e:58210-58265`), `handbook.pdf p. 19`, `handbook.pdf > Operation`, or a
    document to read from its beginning."""
    before: Annotated[int, Field(ge=0, le=2000)] = 200
    """Tokens to add before a ref."""
    after: Annotated[int, Field(ge=0, le=2000)] = 400
    """Tokens to add after it."""
    max_tokens: Annotated[int, Field(ge=MIN_TOKENS, le=MAX_TOKENS)] = 3000
    """Most tokens of the answer."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """The span that is meant, with open ends as None, and the tokens to add at its sides."""

    start: int | None
    end: int | None
    before: int = 0
    after: int = 0


async def answer_read(caller: Caller, asked: ReadArguments) -> str:
    """Return the text at a place, as much of it as fits, with refs to read on."""
    project = await caller.find_project(asked.project)
    async with caller.state.database.transaction() as connection:
        named, target = await find_target(connection, project, asked.at)
        short = (await shorten(connection, project.id, [named.id]))[named.id]
    document = await find_document(caller.state.database, project, named.id)
    length = document.characters or 1
    async with caller.state.database.transaction() as connection:
        wish = await _wish(connection, document, target, asked)
    budget = await caller.budget(asked.max_tokens)
    view = _View(caller, project, document, short, budget)
    start, end = wish.start, wish.end
    if start is None and end is not None:
        return await view.backwards(min(end, length))
    begin = start or 0
    if start is not None and start >= length:
        begin = max(length - 1, 0)
    return await view.around((begin, min(end or length, length)), wish.before, wish.after)


async def _wish(
    connection: Connection, document: Document, target: Target, asked: ReadArguments
) -> _Wish:
    if target.is_span:
        if target.start is not None and target.end is not None:
            if target.end <= target.start:
                raise InvalidInput(f"at: {asked.at!r} ends before it begins")
            return _Wish(target.start, target.end, asked.before, asked.after)
        return _Wish(target.start, target.end)
    if target.page is not None:
        return _Wish(*await _page(connection, document, target.page))
    if target.headings:
        return _Wish(await _heading(connection, document, target.headings), None)
    return _Wish(0, None)


async def _page(connection: Connection, document: Document, page: str) -> Span:
    number = await find_page_number(connection, document.id, page)
    found = await find_page(connection, document.id, number) if number else None
    if found is None:
        pages = f"it has {document.page_count}" if document.page_count else "its format has none"
        raise PlaceNotFound(f"{document.name!r} has no text on a page {page!r}; of pages, {pages}")
    return found


async def _heading(connection: Connection, document: Document, wanted: Sequence[str]) -> int:
    sections = await load_section_heads(connection, document.id)
    asked = [_folded(title) for title in wanted]
    for section in sections:
        path = [_folded(title) for title in section.heading_path]
        if any(path[at : at + len(asked)] == asked for at in range(len(path))):
            return section.start
    titles = list(dict.fromkeys(title for item in sections for title in item.heading_path))
    raise PlaceNotFound(
        f"{document.name!r} has no heading {' > '.join(wanted)[:200]!r}"
        f"{suggestion(wanted[-1], titles)}"
    )


def _folded(title: str) -> str:
    return " ".join(re.sub(r"\W+", " ", title).casefold().split())


@dataclass(frozen=True, slots=True)
class _View:
    """Fits text of a document into an answer."""

    caller: Caller
    project: Project
    document: Document
    short: str
    budget: Budget

    async def around(self, span: Span, before: int, after: int) -> str:
        """Return a span from its beginning, as much as fits; if all of it, with its sides."""
        most = self.budget.most_characters()
        excerpt = await self._excerpt((max(span[0] - most, 0), span[1] + most))
        local = span[0] - excerpt.start, min(span[1], excerpt.end) - excerpt.start
        start = local[0]
        end = self._forwards(excerpt, start, local[1], self._room(excerpt, start))
        if end == local[1] and (before or after):
            room = self._room(excerpt, start) - self._cost(excerpt.text[start:end])
            start = self._backwards(excerpt, start, min(before, room // 2 if after else room))
            room = self._room(excerpt, start) - self._cost(excerpt.text[start:end])
            end = self._forwards(excerpt, end, len(excerpt.text), min(after, room))
        while not self.budget.holds(answer := self._written(excerpt, start, end)):
            if end <= start + 1:
                break
            shorter = start + (end - start) * 9 // 10
            end = min(_word_end(excerpt.text, start, shorter), end - 1)
        return answer

    async def backwards(self, end: int) -> str:
        """Return as much as fits of the text that ends at `end`."""
        excerpt = await self._excerpt((max(end - self.budget.most_characters(), 0), max(end, 1)))
        stop = len(excerpt.text)
        start = self._backwards(excerpt, stop, self._room(excerpt, 0))
        while not self.budget.holds(answer := self._written(excerpt, start, stop)):
            if start >= stop - 1:
                break
            shorter = stop - (stop - start) * 9 // 10
            start = max(_word_start(excerpt.text, shorter, stop), start + 1)
        return answer

    async def _excerpt(self, span: Span) -> Excerpt:
        return await read_span(self.caller.state.database, self.project, self.document.id, *span)

    def _room(self, excerpt: Excerpt, start: int) -> int:
        """Return the tokens that are left for text, about."""
        return max(
            self.budget.max_tokens - self.budget.cost(self._written(excerpt, start, start)), 0
        )

    def _cost(self, text: str) -> int:
        return self.budget.cost(inside_fence(text))

    def _forwards(self, excerpt: Excerpt, start: int, end: int, tokens: int) -> int:
        """Return where the text from `start` ends that fits, at a word's end if there is one."""
        most = min(end, start + CHARACTERS_PER_TOKEN * max(tokens, 0))
        while most > start:
            cut = _word_end(excerpt.text, start, most) if most < end else most
            if self._cost(excerpt.text[start:cut]) <= tokens:
                return cut
            most = min(start + (cut - start) * 9 // 10, cut - 1)
        return start

    def _backwards(self, excerpt: Excerpt, end: int, tokens: int) -> int:
        """Return where the text before `end` begins that fits, at a word's beginning."""
        least = max(end - CHARACTERS_PER_TOKEN * max(tokens, 0), 0)
        while least < end:
            cut = _word_start(excerpt.text, least, end) if least > 0 else least
            if self._cost(excerpt.text[cut:end]) <= tokens:
                return cut
            least = max(end - (end - cut) * 9 // 10, cut + 1)
        return end

    def _written(self, excerpt: Excerpt, start: int, end: int) -> str:
        span = excerpt.start + start, excerpt.start + end
        text = excerpt.text[start:end]
        beyond = max(span[1], span[0] + 1)
        parts = [part for part in excerpt.parts if part.start < beyond and part.end > span[0]]
        first, last = (parts[0], parts[-1]) if parts else (None, None)
        place = Place(
            page_name(first.page_label, first.page_number) if first else None,
            page_name(last.page_label, last.page_number) if last else None,
            first.heading_path if first else (),
            first.line if first else None,
        )
        name, length = self.document.name, self.document.characters or 0
        lines = [
            f"{plain(name)}{place.short}{place.headings}",
            f"ref {reference(self.short, span)} of {length} | "
            + cite(self.caller.base, self.document.id, name, place, span, text),
            fenced(text),
            f"Before it: read {self.short}:-{span[0]}" if span[0] else "Nothing is before it.",
            f"After it: read {self.short}:{span[1]}-" if span[1] < length else "It ends here.",
            NOTICE,
        ]
        return "\n".join(lines)


def _word_end(text: str, start: int, at: int) -> int:
    """Return the last place up to `at` that is not within a word; else `at`."""
    place = at
    while place > start and text[place - 1].isalnum() and text[place : place + 1].isalnum():
        place -= 1
    return place if place > start else at


def _word_start(text: str, at: int, end: int) -> int:
    """Return the first place from `at` that is not within a word; else `at`."""
    place = at
    while place < end and text[place - 1].isalnum() and text[place].isalnum():
        place += 1
    return place if place < end else at
