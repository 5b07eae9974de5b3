"""A call of a tool: who asks, in which project, and how much the answer may hold."""

import math
from dataclasses import dataclass

from mirage.api.state import State, look_up_visible_project
from mirage.db.projects import list_projects
from mirage.embed.trimming import tokenizer_of
from mirage.errors import InvalidInput, ProjectNotFound
from mirage.keys import Access
from mirage.model import Project, Tokenizer

CHARACTERS_PER_TOKEN = 3
"""The models of agents have other tokenizers than the one for embeddings; few take more tokens."""
_NAMED = 20


class ProjectNeeded(InvalidInput):
    """Give one of these as `project`, or use the address of a single one, /mcp/{project}."""

    code = "project-needed"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls a tool. `project` is that of the address, None at `/mcp`.

    `base` is the address of the API for links, without a slash at its end.
    """

    state: State
    access: Access
    project: Project | None
    base: str

    async def find_project(self, reference: str) -> Project:
        """Return the project to answer from. Raises ProjectNotFound, ProjectNeeded."""
        if self.project is not None:
            if reference not in ("", self.project.name, str(self.project.id)):
                raise ProjectNotFound(f"this address serves only project {self.project.name!r}")
            return self.project
        async with self.state.database.transaction() as connection:
            if reference:
                return await look_up_visible_project(connection, reference, self.access)
            seen = [item for item in await list_projects(connection) if self.access.sees(item.id)]
        if len(seen) == 1:
            return seen[0]
        names = ", ".join(item.name for item in seen[:_NAMED]) or "none"
        raise ProjectNeeded(f"this key sees {len(seen)} projects: {names}")

    async def budget(self, max_tokens: int) -> "Budget":
        """Return the measure of answers."""
        return Budget(await tokenizer_of(self.state.embedder), max_tokens)


@dataclass(frozen=True, slots=True)
class Budget:
    """How long an answer may be, in tokens."""

    tokenizer: Tokenizer
    max_tokens: int

    def holds(self, text: str) -> bool:
        """Return whether a text fits."""
        return self.cost(text) <= self.max_tokens

    def cost(self, text: str) -> int:
        """Return the tokens of a text, by the model's tokenizer or by its characters, if more."""
        by_characters = math.ceil(len(text) / CHARACTERS_PER_TOKEN)
        if by_characters > 2 * self.max_tokens:  # Far too long: the exact number does not matter.
            return by_characters
        return max(by_characters, len(self.tokenizer.offsets(text)))

    def most_characters(self) -> int:
        """Return how many characters can fit at most."""
        return self.max_tokens * CHARACTERS_PER_TOKEN
