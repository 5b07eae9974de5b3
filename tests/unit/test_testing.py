import pytest

from mirage.embed import Embedder
from mirage.errors import EmbedderUnavailable, TextTooLong
from mirage.testing import FakeEmbedder


async def test_fake_embedder_finds_texts_that_share_words() -> None:
    embedder: Embedder = FakeEmbedder()
    documents = await embedder.embed_documents(["The fox runs.", "Stars are far away."])
    near, far = documents @ (await embedder.embed_queries(["Where runs the fox?"]))[0]
    assert near > 0.5 > far


async def test_fake_embedder_fails_on_demand() -> None:
    embedder = FakeEmbedder(max_tokens=2)
    with pytest.raises(TextTooLong) as refused:
        await embedder.embed_documents(["fox", "one two three"])
    assert refused.value.positions == (1,)
    embedder.failure = EmbedderUnavailable("away")
    with pytest.raises(EmbedderUnavailable):
        await embedder.facts()
