"""The tools `list_documents` and `outline`."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.mcp.answers import page_name, plain
from mirage.api.mcp.arguments import Arguments, Reference
from mirage.api.mcp.calls import Budget, Caller
from mirage.api.mcp.references import find_document
from mirage.api.mcp.searching import NothingThere
from mirage.close_names import suggestion
from mirage.db.listing import (
    Listing,
    Order,
    Summary,
    list_documents,
    list_names,
    place_of,
    summarise,
)
from mirage.db.references import shorten
from mirage.languages import describe_language
from mirage.model import Document, DocumentStatus, Project
from mirage.names import to_nfc
from mirage.reading import Heading, read_outline

_PER_PAGE = 50
_MAX_TOKENS = 4000
_NAMED_FOLDERS = 20


class ListArguments(Arguments):
    """The arguments of `list_documents`."""

    path: Reference = ""
    """Only this folder, such as `pumps/`."""
    find: Reference = ""
    """Only names that contain this."""
    cursor: Reference = ""
    """From the end of the previous answer."""


class OutlineArguments(Arguments):
    """The arguments of `outline`."""

    document: Annotated[Reference, Field(min_length=1)]
    """Its name or short id."""
    section: Reference = ""
    """Only the headings below this one."""


async def answer_list(caller: Caller, asked: ListArguments) -> str:
    """Return up to 50 documents by name, one per line, and counts."""
    project = await caller.find_project(asked.project)
    folder = to_nfc(asked.path)
    listing = Listing(folder=folder, find=to_nfc(asked.find), order=Order.NAME)
    async with caller.state.database.transaction() as connection:
        after = None
        if asked.cursor:
            last = await find_document(connection, project, asked.cursor)
            after = last.name, last.id
        found = await list_documents(
            connection, project.id, listing, after=after, limit=_PER_PAGE + 1
        )
        summary = await summarise(connection, project.id, folder)
        shown = found[:_PER_PAGE]
        short = await shorten(connection, project.id, (item.id for item in shown))
        names = [] if found else list((await list_names(connection, project.id)).values())
    if not found and (folder or asked.find) and not asked.cursor:
        wanted = folder or asked.find
        raise NothingThere(
            f"project {project.name!r} has no document in {folder!r} whose name contains"
            f" {asked.find!r}{suggestion(wanted, names)}"
        )
    lines = [_counts(project, folder, summary), *(_line(short, item) for item in shown)]
    if len(found) > len(shown):
        lines.append(f'More: cursor "{short[place_of(shown[-1], Order.NAME)[1]]}"')
    return "\n".join(lines)


async def answer_outline(caller: Caller, asked: OutlineArguments) -> str:
    """Return the headings of a document, indented, with pages and refs for `read`."""
    project = await caller.find_project(asked.project)
    async with caller.state.database.transaction() as connection:
        named = await find_document(connection, project, asked.document)
        short = (await shorten(connection, project.id, [named.id]))[named.id]
    outline = await read_outline(caller.state.database, project, named.id)
    headings = list(outline.headings)
    if asked.section:
        headings = _below(headings, asked.section)
    name = plain(outline.document.name)
    if not headings:
        return f"{name} has no headings; read {short}:0-"
    budget = await caller.budget(_MAX_TOKENS)
    return _fitting(budget, f"{name} ({short})", headings, short)


def _counts(project: Project, folder: str, summary: Summary) -> str:
    counts = summary.statuses
    total = sum(counts.values())
    ready, failed = counts.get(DocumentStatus.READY, 0), counts.get(DocumentStatus.FAILED, 0)
    where = plain(f"{project.name}/{folder}" if folder else project.name)
    line = f"{total} document{'s' * (total != 1)} in {where}, {ready} searchable"
    if waiting := total - ready - failed:
        line += f", {waiting} still being indexed"
    if failed:
        line += f", {failed} failed"
    folders = [f"{plain(item.name)} ({item.documents})" for item in summary.folders]
    if folders:
        more = ", …" if len(folders) > _NAMED_FOLDERS else ""
        line += f"\nFolders: {', '.join(folders[:_NAMED_FOLDERS])}{more}"
    return line


def _line(short: dict[UUID, str], document: Document) -> str:
    facts = [f"{short[document.id]} {plain(document.name)}"]
    if document.title:
        facts.append(plain(document.title))
    if document.page_count:
        facts.append(f"{document.page_count} pages")
    if document.language:
        facts.append(describe_language(document.language))
    if document.status is DocumentStatus.FAILED:
        facts.append(f"failed: {plain(document.error or '')}")
    elif document.status is not DocumentStatus.READY:
        facts.append(f"cannot be searched yet: {document.status}")
    return " | ".join(facts)


def _below(headings: Sequence[Heading], section: str) -> list[Heading]:
    """Return a heading and those below it. Raises NothingThere."""
    wanted = section.rpartition(">")[2].strip().casefold()
    for at, heading in enumerate(headings):
        if heading.title.casefold() == wanted:
            end = at + 1
            while end < len(headings) and headings[end].level > heading.level:
                end += 1
            return list(headings[at:end])
    titles = dict.fromkeys(heading.title for heading in headings)
    raise NothingThere(f"there is no heading {section[:100]!r}{suggestion(section, titles)}")


def _fitting(budget: Budget, opening: str, headings: Sequence[Heading], short: str) -> str:
    """Return as many levels of headings as fit; of the last one, as many as fit."""
    for deepest in sorted({heading.level for heading in headings}, reverse=True):
        kept = [heading for heading in headings if heading.level <= deepest]
        answer = _outlined(opening, kept, len(headings) - len(kept), short)
        if budget.holds(answer):
            return answer
    while len(kept) > 1:
        kept = kept[: len(kept) * 9 // 10]
        answer = _outlined(opening, kept, len(headings) - len(kept), short)
        if budget.holds(answer):
            break
    return answer


def _outlined(opening: str, headings: Sequence[Heading], left_out: int, short: str) -> str:
    lines = [opening]
    for heading in headings:
        page = page_name(heading.page_label, heading.page_number)
        place = f" | p. {plain(page)}" if page else ""
        if page is None and heading.line is not None:
            place = f" | line {heading.line}"
        indent = "  " * (heading.level - 1)
        lines.append(f"{indent}{plain(heading.title)}{place} | {short}:{heading.start}-")
    if left_out:
        lines.append(f"{left_out} headings are left out; ask for those below one with `section`.")
    return "\n".join(lines)
