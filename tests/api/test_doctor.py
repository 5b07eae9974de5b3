"""The doctor over a real database."""

from collections.abc import Sequence

from mirage.db import Database
from mirage.db.generations import ensure_generation
from mirage.doctor import examine
from mirage.embed import Vectors
from mirage.errors import ModelMissing
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder


class _Leaky(FakeEmbedder):
    """One whose vectors depend on what else is in the batch."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = await super().embed_documents(texts)
        return vectors if len(texts) == 1 else vectors[::-1].copy()


async def test_sound_installation_has_no_fault(database: Database, store: VolumeStore) -> None:
    findings = await examine(load_settings(), database, store, FakeEmbedder())
    assert [finding.subject for finding in findings if finding.error] == []
    assert {finding.subject: finding.detail for finding in findings}["index"] == "empty"


async def test_every_fault_is_found_behind_the_first(
    empty_database: Database, store: VolumeStore
) -> None:
    embedder = FakeEmbedder()
    embedder.failure = ModelMissing("the model is not there")
    findings = await examine(load_settings(), empty_database, store, embedder)
    faults = {finding.subject: finding.error.code for finding in findings if finding.error}
    assert faults == {
        "schema": "schema-behind",
        "model": "model-missing",
        "vectors": "model-missing",
        "index": "model-missing",
    }


async def test_vectors_that_depend_on_their_batch_are_a_fault(
    database: Database, store: VolumeStore
) -> None:
    findings = await examine(load_settings(), database, store, _Leaky())
    assert [finding.subject for finding in findings if finding.error] == ["vectors"]
    assert "depends on its batch" in findings[4].detail


async def test_index_of_another_model_is_a_fault(database: Database, store: VolumeStore) -> None:
    embedder = FakeEmbedder()
    async with database.transaction() as connection:
        await ensure_generation(connection, await embedder.facts(), 10, 2)
    embedder.digest = "another"
    findings = await examine(load_settings(), database, store, embedder)
    faults = {finding.subject: finding.detail for finding in findings if finding.error}
    assert faults == {"index": "the index was built with fake (fake), not fake (another)"}
