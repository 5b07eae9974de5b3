"""The embedder inside of the process, with a small model of random numbers."""

import asyncio
import hashlib
import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirage.config import Embedding
from mirage.embed import LocalEmbedder
from mirage.embed import weights as files
from mirage.errors import TextTooLong
from mirage.search.query_vector import embed_query
from tests.unit.embed.test_bert import weights

__all__ = ["weights"]  # A fixture.

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class CountingThread(ThreadPoolExecutor):
    """Notes each call."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.calls = 0

    def submit(self, *arguments: Any, **options: Any) -> Future[Any]:
        self.calls += 1
        return super().submit(*arguments, **options)


@pytest.fixture
async def embedder(weights: Path, monkeypatch: pytest.MonkeyPatch) -> LocalEmbedder:
    """One that has loaded its model, with a thread that counts."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = weights.with_name("tokenizer.json")
    tokenizer.write_text(json.dumps({"model": {"vocab": vocabulary}}))
    for name, path in (("MODEL", weights), ("TOKENIZER", tokenizer)):
        content = path.read_bytes()
        pinned = files.PinnedFile(path.name, len(content), hashlib.sha256(content).hexdigest())
        monkeypatch.setattr(files, name, pinned)
    embedder = LocalEmbedder(Embedding(backend="local", weights=weights.parent))
    await embedder.check()
    embedder._thread.shutdown()
    embedder._thread = CountingThread()
    return embedder


async def test_queries_that_come_together_are_computed_together(embedder: LocalEmbedder) -> None:
    together = await asyncio.gather(*(embedder.embed_queries([letter]) for letter in LETTERS[:17]))
    assert isinstance(embedder._thread, CountingThread)
    assert embedder._thread.calls == 2  # The first goes at once, the others wait for its end.
    alone = await embedder.embed_documents(LETTERS[:17])
    assert np.abs(np.concatenate(together) - alone).max() < 1e-5
    await embedder.aclose()


async def test_query_that_is_too_long_spoils_no_other(embedder: LocalEmbedder) -> None:
    good, bad, other = await asyncio.gather(
        *(embedder.embed_queries([text]) for text in ("a", "b " * 300, "c")), return_exceptions=True
    )
    assert isinstance(bad, TextTooLong)
    assert isinstance(good, np.ndarray)
    assert isinstance(other, np.ndarray)
    await embedder.aclose()


async def test_long_query_is_computed_in_windows(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirage.embed.local.MAX_TOKENS", 32)  # The small model has no more.
    embedder._loaded = None
    embedded = await embed_query(embedder, "b " * 40)
    assert embedded.windows == 2
    half = (await embedder.embed_documents(["b " * 20]))[0]
    assert float(half @ embedded.vector) == pytest.approx(1, abs=1e-4)
    await embedder.aclose()
