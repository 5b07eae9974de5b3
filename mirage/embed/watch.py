"""Caches the facts that a server reports of its model, by the model's digest."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from mirage.embed.faults import require_possible
from mirage.embed.settling import Settling
from mirage.errors import EmbedderUnavailable
from mirage.model import ModelFacts

# Age that the digest may have while a new model is watched.
_WATCHED_SECONDS = 1.0
# Age at which a limit is read again before a text is refused because of it.
_LIMIT_SECONDS = 60.0


class FactsWatch:
    """Asks for the digest by `digest`, and for all facts of a new model by `read`.

    `guard` turns errors that blame a text into errors of the server, because no text was sent.
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

    async def refresh_facts(self, max_age_seconds: float, *, read: bool = False) -> ModelFacts:
        """Return the facts, whose digest is at most so old; `read` reads all of them again."""
        async with self._lock:
            if read or self._facts is None or time.monotonic() - self._looked_at > max_age_seconds:
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
        """Return the facts, read again, once the model is stable. Raises Unsettled before."""
        await self.refresh_facts(_WATCHED_SECONDS)
        self._settling.require(self._model, seconds)
        # Dimensions and limits are read once per digest, perhaps from a server that failed.
        facts = await self.refresh_facts(0.0, read=True)
        self._settling.require(self._model, seconds)
        return facts

    async def limited(self, facts: ModelFacts) -> ModelFacts:
        """Return the facts, read again if they are older than a minute."""
        if time.monotonic() - self._read_at < _LIMIT_SECONDS:
            return facts
        again = await self.refresh_facts(0.0, read=True)
        if again.digest != facts.digest:
            raise self._replaced()
        return again

    async def require_same_model(self, facts: ModelFacts) -> None:
        """Raise EmbedderUnavailable if the model is no longer the one of these facts."""
        with self._guard():
            digest = await self._digest()
        self._settling.saw_digest(digest)
        if digest != facts.digest:
            raise self._replaced()

    def forget(self) -> None:
        """Forget the facts, which may be wrong, so that they are read again."""
        self._facts = None

    def _replaced(self) -> EmbedderUnavailable:
        self._facts = None
        return EmbedderUnavailable(
            f"the model {self._model} was replaced during use; its facts are read again"
        )
