"""The note that a model's limit is below `chunk.size`, while that model answers."""

from tests.index.conftest import Bench, TouchyEmbedder

NOTE = (
    "fake takes 20 tokens at most, so chunks have 20 tokens with an overlap of 5 instead of 400"
    " with 100 (chunk.size, chunk.overlap)."
)


async def _finish(bench: Bench) -> None:
    indexer = bench.indexer()
    while await indexer.parse_next() or await indexer.embed_next():
        pass


async def test_note_follows_the_model_that_answers(bench: Bench) -> None:
    bench.embedder.max_tokens = 20
    document = await bench.add("lamp.txt", "The keeper lit the lamp at dusk.")
    await _finish(bench)
    await bench.execute(
        "UPDATE document SET warnings = ARRAY['Torn.'] || warnings || ARRAY['Worn.']"
    )
    assert (await bench.find(document)).warnings == ("Torn.", "Worn.", NOTE)
    old, new = bench.embedder, TouchyEmbedder("other", dimensions=32)
    new.others.append(old)
    old.others.append(new)
    bench.embedder = new
    await _finish(bench)
    assert await bench.value("SELECT model FROM generation WHERE state = 'active'") == "other"
    assert (await bench.find(document)).warnings == ("Torn.", "Worn.")
    await bench.execute("UPDATE generation SET state = 'retired' WHERE model = 'other'")
    await bench.execute("UPDATE generation SET state = 'active' WHERE model = 'fake'")
    assert (await bench.find(document)).warnings == ("Torn.", "Worn.", NOTE)


async def test_note_follows_the_size_that_the_settings_ask_for(bench: Bench) -> None:
    bench.embedder.max_tokens = 20
    document = await bench.add("lamp.txt", "The keeper lit the lamp at dusk.")
    await _finish(bench)
    await bench.execute("UPDATE generation SET asked_chunk_size = 800, asked_chunk_overlap = 200")
    (note,) = (await bench.find(document)).warnings
    assert note.endswith("instead of 800 with 200 (chunk.size, chunk.overlap).")
    await _finish(bench)
    assert (await bench.find(document)).warnings == (NOTE,)
    await bench.execute("UPDATE generation SET asked_chunk_size = 20, asked_chunk_overlap = 5")
    assert (await bench.find(document)).warnings == ()
