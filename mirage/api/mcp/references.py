"""Finds what an agent means by a document, a page or a heading, and names what is similar."""

import re
from dataclasses import dataclass

from mirage.close_names import suggestion
from mirage.db import Connection
from mirage.db.listing import list_names
from mirage.db.references import SHORTEST, Named, find_by_names, find_by_short_id
from mirage.errors import DocumentNotFound, InvalidInput
from mirage.model import Project

_SHORT_ID = re.compile(rf"[0-9a-f]{{{SHORTEST},32}}")
_SPAN = re.compile(r"([0-9a-f-]{8,36}):(\d{0,9})(-?)(\d{0,9})", re.IGNORECASE)
_PAGE = re.compile(r"(.+?),?\s+(?:pp?\.|pages?|S\.|стр\.|с\.)\s*([^\s,|]+?)(?:\s*[-\u2013].*)?")
_AROUND = " \t\r\n`'\"[]()"


class AmbiguousDocument(InvalidInput):
    """Give the whole name, or the short id in front of it in `list_documents`."""

    code = "ambiguous-document"


@dataclass(frozen=True, slots=True)
class Target:
    """A document, and what of it is meant: a span with open ends, a page, or headings."""

    document: str
    start: int | None = None
    end: int | None = None
    is_span: bool = False
    page: str | None = None
    headings: tuple[str, ...] = ()


def parse_target(at: str) -> list[Target]:
    """Return what `at` may mean, the likeliest first: it is a ref, or begins with a name."""
    at = at.strip(_AROUND).removeprefix("ref ").strip(_AROUND)
    if found := _SPAN.fullmatch(at):
        start, dash, end = found[2], found[3], found[4]
        if not dash:
            start, end = found[2], ""
        return [Target(found[1], _number(start), _number(end), is_span=True)]
    targets = [Target(at)]  # A name may contain anything.
    if found := _PAGE.fullmatch(at.partition(" | ")[0]):
        targets.append(Target(found[1].strip(_AROUND), page=found[2]))
    name, *headings = (part.strip() for part in at.split(" > "))
    if headings:
        targets.append(Target(name.strip(_AROUND), headings=tuple(filter(None, headings))))
    return targets


async def find_target(connection: Connection, project: Project, at: str) -> tuple[Named, Target]:
    """Return the document that is meant. Raises DocumentNotFound, AmbiguousDocument."""
    targets = parse_target(at)
    for target in targets:
        if named := await _find(connection, project, target.document):
            return named, target
    await _raise_missing(connection, project, targets[-1].document)
    raise AssertionError("a missing document raises")


async def find_document(connection: Connection, project: Project, reference: str) -> Named:
    """Return the document with that short id or name.

    Raises DocumentNotFound with the closest names, AmbiguousDocument.
    """
    reference = reference.strip(_AROUND)
    named = await _find(connection, project, reference)
    if named is None:
        await _raise_missing(connection, project, reference)
        raise AssertionError("a missing document raises")
    return named


async def _find(connection: Connection, project: Project, reference: str) -> Named | None:
    digits = reference.replace("-", "").lower()
    found: list[Named] = []
    if _SHORT_ID.fullmatch(digits):
        found = await find_by_short_id(connection, project.id, digits)
    if not found and reference and "\0" not in reference:
        found = await find_by_names(connection, project.id, reference)
    if len(found) > 1:
        names = ", ".join(f"{item.id.hex} ({item.name})" for item in found)
        raise AmbiguousDocument(f"{reference!r} may be any of {names}")
    return found[0] if found else None


async def _raise_missing(connection: Connection, project: Project, reference: str) -> None:
    names = list((await list_names(connection, project.id)).values())
    shown = reference[:100]
    raise DocumentNotFound(
        f"project {project.name!r} has no document {shown!r}{suggestion(reference, names)}"
    )


def _number(digits: str) -> int | None:
    return int(digits) if digits else None
