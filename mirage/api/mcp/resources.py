"""Documents as resources, for people who attach them to a chat by hand."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from mirage.api.mcp.arguments import MAX_TOKENS, read_arguments
from mirage.api.mcp.calls import Caller
from mirage.api.mcp.reading import ReadArguments, answer_read
from mirage.api.mcp.references import find_document
from mirage.errors import InvalidInput

TEMPLATE = "mirage://{project}/{document}{?at}"
"""As RFC 6570 has it: names are percent-encoded, slashes too."""

_SPAN = re.compile(r"\d{0,9}-\d{0,9}")


class WrongResource(InvalidInput):
    """Write mirage://PROJECT/DOCUMENT, with ?at= and the place if it is not all of the document."""

    code = "wrong-resource"


async def read_resource(caller: Caller, uri: str) -> str:
    """Return what `read` returns for a document, as long as it may be.

    `at` is a span of characters (`58210-58265`) or a page (`p. 19`). Raises WrongResource, and what
    `read` raises.
    """
    project, document, at = _parse(uri)
    place = f"{document} {at}".strip()
    given = {"project": project, "at": place, "max_tokens": MAX_TOKENS}
    asked = read_arguments(ReadArguments, given)
    if at and _SPAN.fullmatch(at):
        found = await caller.find_project(project)
        async with caller.state.database.transaction() as connection:
            named = await find_document(connection, found, document)
        asked = asked.model_copy(update={"at": f"{named.id}:{at}"})
    return await answer_read(caller, asked)


def _parse(uri: str) -> tuple[str, str, str]:
    """Return project, document and place of an address."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise WrongResource(f"{uri[:200]!r} is not an address") from error
    # The host of `parts` would be in lower case.
    project, document = unquote(parts.netloc), unquote(parts.path.removeprefix("/"))
    if parts.scheme != "mirage" or not project or not document:
        raise WrongResource(f"{uri[:200]!r} does not name a project and a document")
    return project, document, parse_qs(parts.query).get("at", [""])[0]
