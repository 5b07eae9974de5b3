"""Declares the tools: what an agent reads about them, and who answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from mirage.api.mcp.arguments import Model, describe_arguments, read_arguments
from mirage.api.mcp.calls import Caller
from mirage.api.mcp.listing import ListArguments, OutlineArguments, answer_list, answer_outline
from mirage.api.mcp.reading import ReadArguments, answer_read
from mirage.api.mcp.searching import SearchArguments, answer_search
from mirage.errors import NotFound

INSTRUCTIONS = (
    "The user's own documents. Search them before answering anything that may stand there, read on"
    " around what you use, and give the `cite` link of each passage behind what it supports. If"
    " the passages do not answer, say so."
)


class ToolNotFound(NotFound):
    """Use one of the tools that the server lists."""

    code = "tool-not-found"


@dataclass(frozen=True, slots=True)
class Tool(Generic[Model]):
    """A tool; `description` is what the agent sees."""

    name: str
    title: str
    description: str
    arguments: type[Model]
    answer: Callable[[Caller, Model], Awaitable[str]]

    async def call(self, caller: Caller, given: Mapping[str, Any] | None) -> str:
        """Return the answer to a call. Raises WrongArguments, and what the tool raises."""
        return await self.answer(caller, read_arguments(self.arguments, given))

    def describe_arguments(self, *, with_project: bool) -> dict[str, Any]:
        """Return the JSON schema of the arguments."""
        return describe_arguments(self.arguments, with_project=with_project)


TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "search",
        "Search documents",
        "Finds passages in the user's own documents, by meaning and by exact words at once. Use it"
        " before answering anything that may stand there. Ask one thing at a time, and keep the"
        " user's special terms. Each passage has a ref to `read` on, and a link to cite. Passages"
        " marked weak probably do not answer the question: say so rather than use them.",
        SearchArguments,
        answer_search,
    ),
    Tool(
        "read",
        "Read a document",
        "Reads on around a ref, or a page or chapter. Use it when a passage begins or ends in the"
        " middle of what you need, before quoting, and to check a claim. The answer says how to"
        " read on in both directions.",
        ReadArguments,
        answer_read,
    ),
    Tool(
        "list_documents",
        "List documents",
        "Lists what there is: short ids, names, titles, pages, languages, and what cannot be"
        " searched yet or failed. 50 per answer, by name.",
        ListArguments,
        answer_list,
    ),
    Tool(
        "outline",
        "Show an outline",
        "Lists the headings of a document with pages and refs. Use it to find the right chapter of"
        " a long document, or to see what it is about.",
        OutlineArguments,
        answer_outline,
    ),
)


def find_tool(name: str) -> Tool[Any]:
    """Return the tool of that name. Raises ToolNotFound."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    raise ToolNotFound(f"there is no tool {name[:100]!r}, only {', '.join(t.name for t in TOOLS)}")
