"""The language of a document from upload to answer, and the warning where the model lacks it."""

from mirage.model import DocumentStatus
from tests.index.conftest import Bench, TouchyEmbedder

RUSSIAN = (
    "Договор вступает в силу в день его подписания обеими сторонами и действует до последней"
    " поставки, если ни одна из сторон не заявит о его расторжении раньше."
)
ENGLISH = (
    "The contract takes effect on the day on which both parties have signed it, and it ends with"
    " the last delivery unless one of them has given notice before."
)
WARNING = (
    "The embedding model fake knows English; this document is in Russian. Search by meaning will be"
    " weak, search by words works. Models such as bge-m3 and multilingual-e5-small know about 100"
    " languages: set MIRAGE_OLLAMA_MODEL (in the chart config.ollama.model) to one of them, and the"
    " index is built again in the background, while searches go on."
)


async def _finish(bench: Bench) -> None:
    indexer = bench.indexer()
    while await indexer.parse_next() or await indexer.embed_next():
        pass


async def test_document_in_a_language_that_the_model_lacks_gets_a_warning(bench: Bench) -> None:
    bench.embedder.languages = ("en",)
    russian = await bench.add("ru.txt", RUSSIAN)
    english = await bench.add("en.txt", ENGLISH)
    short = await bench.add("short.txt", "Насос")
    await _finish(bench)
    found = [await bench.find(document) for document in (russian, english, short)]
    assert [document.language for document in found] == ["ru", "en", None]
    assert [document.warnings for document in found] == [(WARNING,), (), ()]
    assert {document.status for document in found} == {DocumentStatus.READY}


async def test_model_of_many_or_unknown_languages_gives_no_warning(bench: Bench) -> None:
    document = await bench.add("ru.txt", RUSSIAN)
    await _finish(bench)
    assert (await bench.find(document)).warnings == ()
    bench.embedder.languages = ("*",)
    await _finish(bench)
    assert (await bench.find(document)).warnings == ()


async def test_warning_is_about_the_model_that_answers(bench: Bench) -> None:
    bench.embedder.languages = ("en",)
    document = await bench.add("ru.txt", RUSSIAN)
    await _finish(bench)
    old, new = bench.embedder, TouchyEmbedder("other", dimensions=32)
    new.languages = ("*",)
    new.others.append(old)
    old.others.append(new)
    bench.embedder = new
    indexer = bench.indexer()
    await indexer.embed_next()  # The new one is being built, the old one answers.
    assert (await bench.find(document)).warnings == (WARNING,)
    await _finish(bench)
    assert await bench.value("SELECT model FROM generation WHERE state = 'active'") == "other"
    assert (await bench.find(document)).warnings == ()


async def test_warning_comes_once_however_often_a_document_is_read(bench: Bench) -> None:
    bench.embedder.languages = ("en", "de")
    document = await bench.add("ru.txt", RUSSIAN)
    await _finish(bench)
    await bench.execute("UPDATE document SET status = 'pending'")
    await _finish(bench)
    await bench.execute("DELETE FROM chunked_document")
    await bench.execute("UPDATE document SET status = 'embedding'")
    await _finish(bench)
    assert (await bench.find(document)).warnings == (
        WARNING.replace("knows English", "knows English and German"),
    )


async def test_release_that_learns_more_of_a_model_is_believed(bench: Bench) -> None:
    document = await bench.add("ru.txt", RUSSIAN)
    await _finish(bench)
    bench.embedder.languages = ("en",)
    await _finish(bench)
    assert (await bench.find(document)).warnings == (WARNING,)


async def test_document_that_had_no_language_gets_one_when_it_is_read_anew(bench: Bench) -> None:
    document = await bench.add("ru.txt", RUSSIAN)
    await _finish(bench)
    await bench.execute("UPDATE document SET language = NULL")
    assert (await bench.find(document)).language is None
    await bench.execute("UPDATE document SET status = 'pending'")
    await _finish(bench)
    assert (await bench.find(document)).language == "ru"
