"""What a server tells of its model, remembered by the model's digest."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from mirage.embed.faults import require_possible
from mirage.embed.settling import Settling
from mirage.errors import EmbedderUnavailable
from mirage.model import ModelFacts

# How old the digest may be while a new model is watched.
_WATCHED_SECONDS = 1.0
# How old a limit may be by which a text is too long before it is asked for again.
_LIMIT_SECONDS = 60.0


class FactsWatch:
    """Asks for the digest by `digest`, and by `read` for all facts of a new one.

    `guard` turns what a server cannot mean there into errors that are waited for.
    """

    def __init__(
        self,
        model: str,
        digest: Callable[[], Awaitable[str]],
        read: Callable[[str], Awaitable[ModelFacts]],
        guard: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._model = model
        self._digest = digest
        self._read = read
        self._guard = guard
        self._settling = Settling()
        self._facts: ModelFacts | None = None
        self._looked_at = 0.0
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def look(self, believed_seconds: float, *, read: bool = False) -> ModelFacts:
        """The facts, with a digest not older than so many seconds; `read` asks for all of them."""
        async with self._lock:
            if read or self._facts is None or time.monotonic() - self._looked_at > believed_seconds:
                with self._guard():
                    digest = await self._digest()
                    self._settling.saw_digest(digest)
                    if read or self._facts is None or self._facts.digest != digest:
                        self._facts = require_possible(await self._read(digest))
                        self._settling.saw_facts(self._facts)
                        self._read_at = time.monotonic()
                self._looked_at = time.monotonic()
            return self._facts

    async def settled(self, seconds: float) -> ModelFacts:
        """The facts, read again, of a model that was the same for so long. Raises Unsettled."""
        await self.look(_WATCHED_SECONDS)
        self._settling.require(self._model, seconds)
        # Dimensions and limits are told once per digest, and perhaps while the server told lies.
        facts = await self.look(0.0, read=True)
        self._settling.require(self._model, seconds)
        return facts

    async def limited(self, facts: ModelFacts) -> ModelFacts:
        """The same facts, their limit asked for again when it was not just now."""
        if time.monotonic() - self._read_at < _LIMIT_SECONDS:
            return facts
        again = await self.look(0.0, read=True)
        if again.digest != facts.digest:
            raise self._replaced()
        return again

    async def confirm(self, facts: ModelFacts) -> None:
        """Raise unless the model is still the one whose facts were used."""
        with self._guard():
            digest = await self._digest()
        self._settling.saw_digest(digest)
        if digest != facts.digest:
            raise self._replaced()

    def forget(self) -> None:
        """Ask for everything again: what was told was perhaps wrong."""
        self._facts = None

    def _replaced(self) -> EmbedderUnavailable:
        self._facts = None
        return EmbedderUnavailable(
            f"the model {self._model} was replaced while it was used; it is asked again"
        )
