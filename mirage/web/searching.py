"""What a search page is asked for: the words, and the filters, as they stand in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from mirage import mistakes
from mirage.api import wire
from mirage.errors import InvalidRequest
from mirage.model import MediaType, Passage, SearchMode, is_blank
from mirage.search import Question

FIELDS = ("document", "section", "language", "type", "from", "to")
"""Filters, in the order in which the page shows them."""

TYPES = {kind.name.lower(): kind for kind in MediaType}
"""Media types by their short names in addresses."""

PAGE = 10
"""Passages that are shown at first, and that each step adds."""
_MOST = 100

_SNIPPET = 480
# A cut goes to the next space within so many characters.
_SLACK = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the form, as given; an empty text means that nothing was given."""

    query: str
    mode: str
    limit: int
    filters: Mapping[str, str]

    @classmethod
    def of(cls, given: QueryParams) -> "Asked":
        """Return what an address asks for; unknown names are ignored."""
        number = given.get("n", "")
        limit = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else PAGE
        return cls(
            given.get("q", "").strip(),
            given.get("mode", ""),
            min(max(limit, 1), _MOST),
            {name: value for name in FIELDS if (value := given.get(name, "").strip())},
        )

    def given(self, name: str) -> str:
        """Return the value of a filter; empty if it does not hold."""
        return self.filters.get(name, "")

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to search for."""
        return is_blank(self.query)

    @property
    def more(self) -> int | None:
        """Return how many passages the next step shows; None at the end."""
        return min(self.limit + PAGE, _MOST) if self.limit < _MOST else None

    def address(self, **changes: Any) -> dict[str, Any]:
        """Return the fields of the address that asks the same, with some of them changed."""
        same = {"q": self.query, "mode": self.mode, **self.filters}
        limit = None if self.limit == PAGE else self.limit
        return {**same, "n": limit, **changes}

    def question(self) -> Question:
        """Return the search. Raises InvalidRequest for a field that does not fit."""
        filters = self.filters
        kind = filters.get("type")
        try:
            request = wire.SearchRequest.model_validate(
                {
                    "query": self.query,
                    "mode": self.mode or SearchMode.HYBRID,
                    "limit": self.limit,
                    "filters": {
                        "documents": [filters["document"]] if "document" in filters else [],
                        "section": _path(filters.get("section", "")),
                        "languages": [filters["language"]] if "language" in filters else [],
                        "media_types": [TYPES.get(kind, kind)] if kind else [],
                        "first_page": filters.get("from"),
                        "last_page": filters.get("to"),
                    },
                }
            )
        except ValidationError as error:
            first = error.errors()[0]
            place = next(
                (str(part) for part in reversed(first["loc"]) if isinstance(part, str)), ""
            )
            raise InvalidRequest(f"{place}: {mistakes.sentence(dict(first))}") from error
        return Question(
            request.query,
            mode=request.mode,
            limit=request.limit,
            filters=request.filters.domain(),
        )


def snippet(passage: Passage) -> list[tuple[str, bool]]:
    """Return the part of a passage with most of the words found, as texts and whether they match.

    It begins and ends at a space, and with `…` where the passage goes on.
    """
    text = passage.text
    begin, end = _window(text, [start for start, _ in passage.matches])
    parts: list[tuple[str, bool]] = [("…", False)] if begin else []
    position = begin
    for start, stop in passage.matches:
        if position <= start and stop <= end:
            parts += [(text[position:start], False), (text[start:stop], True)]
            position = stop
    parts.append((text[position:end], False))
    if end < len(text):
        parts.append(("…", False))
    return [part for part in parts if part[0]]


def _window(text: str, matches: list[int]) -> tuple[int, int]:
    """Return the bounds of the stretch in which most matches begin."""
    if len(text) <= _SNIPPET + _SLACK:
        return 0, len(text)

    def count(begin: int) -> int:
        return sum(begin <= start < begin + _SNIPPET - 2 * _SLACK for start in matches)

    first = max(matches, key=lambda start: (count(start), -start), default=0)
    begin = max(0, min(first - _SLACK, len(text) - _SNIPPET))
    if begin:
        begin = _after_space(text, begin)
    end = min(begin + _SNIPPET, len(text))
    if end < len(text):
        space = text.rfind(" ", end - _SLACK, end)
        end = space if space > 0 else end
    return begin, end


def _after_space(text: str, begin: int) -> int:
    space = text.find(" ", begin, begin + _SLACK)
    return space + 1 if space >= 0 else begin


def _path(section: str) -> list[str]:
    return [part.strip() for part in section.replace("›", ">").split(">") if part.strip()]
