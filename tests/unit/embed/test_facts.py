import pytest

from mirage.embed.facts import effective_chunk_size, known_model
from mirage.model import ModelFacts
from mirage.testing import WordTokenizer

SEARCHING = "Represent this sentence for searching relevant passages: "
WEB_SEARCH = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
)


def facts(max_tokens: int, document_prompt: str = "") -> ModelFacts:
    return ModelFacts("a-model", "d", 8, max_tokens, WordTokenizer(), "", document_prompt)


@pytest.mark.parametrize(
    ("name", "dimensions", "query_prompt", "document_prompt"),
    [
        ("mxbai-embed-large", 1024, SEARCHING, ""),
        ("mxbai-embed-large:335m-v1-fp16", 1024, SEARCHING, ""),
        ("registry.local:5055/library/all-minilm:latest", 384, "", ""),
        ("nomic-embed-text:v1.5", 768, "search_query: ", "search_document: "),
        ("nomic-embed-text-v1.5", 768, "search_query: ", "search_document: "),
        ("bge-m3", 1024, "", ""),
        ("bge-large", 1024, SEARCHING, ""),
        ("hf.co/CompendiumLabs/bge-small-en-v1.5-gguf:Q8_0", 384, SEARCHING, ""),
        ("snowflake-arctic-embed:335m", 1024, SEARCHING, ""),
        ("snowflake-arctic-embed2", 1024, "query: ", ""),
        ("someone/multilingual-e5-small", 384, "query: ", "passage: "),
        ("Snowflake/snowflake-arctic-embed-m-v1.5", 768, SEARCHING, ""),
        ("Snowflake/snowflake-arctic-embed-m-v2.0", 768, "query: ", ""),
        ("sentence-transformers/all-MiniLM-L6-v2", 384, "", ""),
        ("nomic-ai/nomic-embed-text-v2-moe", 768, "search_query: ", "search_document: "),
        ("/models/bge-small-en-v1.5-q8_0.gguf", 384, SEARCHING, ""),
        ("embeddinggemma", 768, "task: search result | query: ", "title: none | text: "),
        ("Qwen/Qwen3-Embedding-0.6B", 0, WEB_SEARCH, ""),
        ("qwen3-embedding", 0, WEB_SEARCH, ""),
    ],
)
def test_known_model_is_found_by_any_of_its_names(
    name: str, dimensions: int, query_prompt: str, document_prompt: str
) -> None:
    row = known_model(name)
    assert row is not None
    assert row.dimensions == dimensions
    assert row.query_prompt == query_prompt
    assert row.document_prompt == document_prompt


@pytest.mark.parametrize(
    ("name", "max_tokens", "languages"),
    [
        ("mxbai-embed-large", 512, ("en",)),
        ("nomic-embed-text", 8192, ("en",)),
        ("nomic-embed-text-v2-moe", 512, ("*",)),
        ("bge-m3", 8192, ("*",)),
        ("all-minilm", 256, ("en",)),
        ("bge-small", 512, ("en",)),
        ("bge-large", 512, ("en",)),
        ("snowflake-arctic-embed", 512, ("en",)),
        ("snowflake-arctic-embed-m-long", 2048, ("en",)),
        ("snowflake-arctic-embed2", 8192, ("*",)),
        ("multilingual-e5-large", 512, ("*",)),
        ("embeddinggemma", 2048, ("*",)),
        ("Qwen/Qwen3-Embedding-4B", 32768, ("*",)),
    ],
)
def test_known_model_has_the_limit_and_languages_of_its_card(
    name: str, max_tokens: int, languages: tuple[str, ...]
) -> None:
    row = known_model(name)
    assert row is not None
    assert (row.max_tokens, tuple(row.languages)) == (max_tokens, languages)


@pytest.mark.parametrize("name", ["", "bge-large-zh", "multilingual-e5-large-instruct", "llama3"])
def test_known_model_is_not_guessed(name: str) -> None:
    assert known_model(name) is None


def test_chunk_size_stays_where_the_model_takes_it() -> None:
    assert effective_chunk_size(facts(510), 400, 100) == (400, 100, None)


def test_chunk_size_is_lowered_to_the_model_limit() -> None:
    assert effective_chunk_size(facts(254), 400, 100) == (
        254,
        63,
        (
            "a-model takes 254 tokens at most, so chunks have 254 tokens with an overlap of 63"
            " instead of 400 with 100 (chunk.size, chunk.overlap)."
        ),
    )


def test_chunk_size_leaves_room_for_the_document_prompt() -> None:
    size, _, note = effective_chunk_size(facts(400, "passage: "), 400, 100)
    assert size == 398
    assert note is not None
