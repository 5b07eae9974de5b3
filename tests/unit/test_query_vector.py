"""Queries that are longer than the model takes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mirage.embed import Vectors
from mirage.embed.tokenizer import CautiousTokenizer
from mirage.errors import BadEmbedding, TextTooLong
from mirage.model import MAX_QUERY_CHARACTERS, ModelFacts, Tokenizer
from mirage.search.query_vector import QueryVector, embed_query
from mirage.testing import FakeEmbedder

LAMPS = "The keeper lit the lamp at dusk. He put it out when the sun had risen.\n\n"


class Model(FakeEmbedder):
    """Notes its requests. It says that it takes `stated` tokens, and takes `max_tokens`."""

    def __init__(self, max_tokens: int, stated: int | None = None, **facts: Any) -> None:
        super().__init__(max_tokens=max_tokens)
        self.stated = {"max_tokens": stated or max_tokens} | facts
        self.requests: list[list[str]] = []

    async def facts(self) -> ModelFacts:
        return replace(await super().facts(), **self.stated)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.requests.append(list(texts))
        prompt = str(self.stated.get("query_prompt", ""))
        return await super().embed_queries([prompt + text for text in texts])


async def test_short_query_is_embedded_as_it_is() -> None:
    model = Model(8)
    embedded = await embed_query(model, " who lit the lamp? ")
    assert (model.requests, embedded.windows) == ([[" who lit the lamp? "]], 1)


async def test_windows_of_one_request_hold_the_query_once_and_in_order() -> None:
    model = Model(40)
    embedded = await embed_query(model, LAMPS * 8)
    (windows,) = model.requests
    assert embedded.windows == len(windows) > 2
    assert " ".join(windows).split() == (LAMPS * 8).split()
    assert all(window.endswith("risen.") for window in windows)  # None ends within a sentence.


async def test_vector_is_the_mean_direction_of_its_windows() -> None:
    model = Model(16)
    embedded = await embed_query(model, "lamp dusk keeper. " * 5 + "oil winter whale. " * 3)
    vectors = await FakeEmbedder().embed_queries(model.requests[0])
    assert len({vector.tobytes() for vector in vectors}) > 1
    assert float(embedded.vector @ vectors.mean(axis=0)) == pytest.approx(
        np.linalg.norm(vectors.mean(axis=0))
    )
    assert np.linalg.norm(embedded.vector) == pytest.approx(1)


async def test_windows_leave_room_for_the_prompt() -> None:
    model = Model(12, query_prompt="search for a passage: ")
    assert (await embed_query(model, LAMPS * 2)).windows > 2
    assert len(model.requests) == 1
    model.stated["query_prompt"] = "word " * 12
    with pytest.raises(TextTooLong, match="prompt of fake leaves no room"):
        await embed_query(model, LAMPS)


@pytest.mark.parametrize("tokenizer", [None, CautiousTokenizer()])
@pytest.mark.parametrize(
    "query",
    [
        "x" * MAX_QUERY_CHARACTERS,
        "你好世界" * (MAX_QUERY_CHARACTERS // 4),
        "👩‍👩‍👧" * (MAX_QUERY_CHARACTERS // 5),
        "a" + " " * (MAX_QUERY_CHARACTERS - 2) + "b",
        "!" * MAX_QUERY_CHARACTERS,
        "\u200b\n" * 2000 + "lamp " * 800,
        "1 " * (MAX_QUERY_CHARACTERS // 2),
    ],
)
@pytest.mark.slow
async def test_any_text_is_embedded(query: str, tokenizer: Tokenizer | None) -> None:
    model = Model(100_000, stated=100, **({"tokenizer": tokenizer} if tokenizer else {}))
    embedded = await embed_query(model, query)
    assert np.linalg.norm(embedded.vector) == pytest.approx(1)
    (windows,) = model.requests
    facts = await model.facts()
    counts = [len(facts.tokenizer.offsets(window)) for window in windows]
    assert max(counts) <= 100
    # Halving a text can leave windows half full, at uneven borders a little less.
    assert len(windows) <= 1 + sum(counts) / 25
    visible = [letter for letter in query if not letter.isspace() and letter != "\u200b"]
    assert [letter for letter in "".join(windows) if letter in visible] == visible


async def test_windows_that_the_server_finds_too_long_are_halved() -> None:
    model = Model(20, stated=64)
    embedded = await embed_query(model, LAMPS * 8)
    assert [len(windows) for windows in model.requests] == [4, 8]
    assert embedded.windows == 8
    assert (await embed_query(model, LAMPS * 3)).windows == 4


async def test_halving_ends() -> None:
    model = Model(0, stated=64)
    with pytest.raises(TextTooLong):
        await embed_query(model, LAMPS * 8)
    assert [len(windows) for windows in model.requests] == [4, 8, 16, 32]
    with pytest.raises(TextTooLong):
        await embed_query(model, "x")


async def test_other_faults_are_the_callers() -> None:
    model = Model(16)
    model.failure = BadEmbedding("zeros")
    with pytest.raises(BadEmbedding):
        await embed_query(model, LAMPS * 8)


async def test_vectors_that_cancel_each_other_out_leave_the_first() -> None:
    class Opposite(Model):
        async def embed_queries(self, texts: Sequence[str]) -> Vectors:
            vectors = np.zeros((len(texts), 4), np.float32)
            vectors[:, 0] = [(-1) ** at for at in range(len(texts))]
            return vectors

    embedded: QueryVector = await embed_query(Opposite(48), LAMPS * 4)
    assert embedded.windows == 2
    assert embedded.vector.tolist() == [1, 0, 0, 0]
