"""Lists facts of embedding models that servers do not report: prompts, limits, languages.

Prompts are those of the models' own cards (and of the `config_sentence_transformers.json` next to
them), including spaces. A model was trained with its prompts, and a query without its prompt finds
less. Languages are those that a card names; a card with dozens of languages counts as many. Most
rows agree with MTEB (github.com/embeddings-benchmark/mteb of 2026-08-22, folder
`mteb/models/model_implementations`), except where a comment says otherwise. The prompts of arctic 1
and 2 and of embeddinggemma come from code that uses these models.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mirage.model import ChunkSize, ModelFacts, limit_note

ENGLISH = ("en",)
MANY_LANGUAGES = ("*",)

_SEARCHING = "Represent this sentence for searching relevant passages: "
_WEB_SEARCH = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
)


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A row of the table.

    `names` is a regular expression for the whole bare name. `dimensions` is 0 if the name stands
    for several sizes; then the server's value counts. `max_tokens` includes special tokens; if the
    server has a smaller limit, that one counts.
    """

    names: str
    dimensions: int
    max_tokens: int
    languages: Sequence[str]
    query_prompt: str = ""
    document_prompt: str = ""


KNOWN_MODELS = (
    # https://huggingface.co/mixedbread-ai/mxbai-embed-large-v1
    KnownModel(r"mxbai-embed-large", 1024, 512, ENGLISH, _SEARCHING),
    # https://huggingface.co/nomic-ai/nomic-embed-text-v1.5 (Ollama runs it with 2048)
    KnownModel(r"nomic-embed-text", 768, 8192, ENGLISH, "search_query: ", "search_document: "),
    # https://huggingface.co/nomic-ai/nomic-embed-text-v2-moe (about 100 languages)
    KnownModel(
        r"nomic-embed-text-v2-moe",
        768,
        512,
        MANY_LANGUAGES,
        "search_query: ",
        "search_document: ",
    ),
    # https://huggingface.co/BAAI/bge-m3 (over 100 languages; no instruction on either side)
    KnownModel(r"bge-m3", 1024, 8192, MANY_LANGUAGES),
    # https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, and -L12-v2: both cards say
    # that text longer than 256 word pieces is truncated, though there are 512 positions (and the
    # `sentence_bert_config.json` of L12 says 128)
    KnownModel(r"all-minilm(-l6|-l12)?(-v2)?", 384, 256, ENGLISH),
    # https://huggingface.co/BAAI/bge-large-en-v1.5, and its table for the smaller ones
    KnownModel(r"bge-small(-en)?", 384, 512, ENGLISH, _SEARCHING),
    KnownModel(r"bge-base(-en)?", 768, 512, ENGLISH, _SEARCHING),
    KnownModel(r"bge-large(-en)?", 1024, 512, ENGLISH, _SEARCHING),
    # https://huggingface.co/Snowflake/snowflake-arctic-embed-l, table of the family (m-long has
    # 2048 without scaled positions, which no supported server has)
    KnownModel(r"snowflake-arctic-embed-(xs|s)", 384, 512, ENGLISH, _SEARCHING),
    KnownModel(r"snowflake-arctic-embed-m", 768, 512, ENGLISH, _SEARCHING),
    KnownModel(r"snowflake-arctic-embed-m-long", 768, 2048, ENGLISH, _SEARCHING),
    KnownModel(r"snowflake-arctic-embed(-l)?", 1024, 512, ENGLISH, _SEARCHING),
    # https://huggingface.co/Snowflake/snowflake-arctic-embed-l-v2.0, and -m-v2.0 (74 languages)
    KnownModel(r"snowflake-arctic-embed(2|-l-v2\.0)", 1024, 8192, MANY_LANGUAGES, "query: "),
    KnownModel(r"snowflake-arctic-embed-m-v2\.0", 768, 8192, MANY_LANGUAGES, "query: "),
    # https://huggingface.co/intfloat/multilingual-e5-large, and -base, -small (about 100 languages;
    # large and base have 514 positions, the first two of which are padding)
    KnownModel(
        r"(intfloat-)?multilingual-e5-small", 384, 512, MANY_LANGUAGES, "query: ", "passage: "
    ),
    KnownModel(
        r"(intfloat-)?multilingual-e5-base", 768, 512, MANY_LANGUAGES, "query: ", "passage: "
    ),
    KnownModel(
        r"(intfloat-)?multilingual-e5-large", 1024, 512, MANY_LANGUAGES, "query: ", "passage: "
    ),
    # https://huggingface.co/google/embeddinggemma-300m (over 100 languages)
    KnownModel(
        r"embeddinggemma(-300m)?",
        768,
        2048,
        MANY_LANGUAGES,
        "task: search result | query: ",
        "title: none | text: ",
    ),
    # https://huggingface.co/Qwen/Qwen3-Embedding-8B, and -4B, -0.6B (over 100 languages; no space
    # after `Query:`, no prompt for passages); Ollama's name without a tag is the 8B
    KnownModel(r"qwen3-embedding(-[\d.]+b)?", 0, 32768, MANY_LANGUAGES, _WEB_SEARCH),
)

_VERSION = re.compile(r"-v1(\.\d+)?$")
# The ending of a file for llama.cpp, as in `bge-small-en-v1.5-q8_0.gguf`.
_FILE = re.compile(r"([-.](b?f16|f32|i?q\d\w*))?[-.]gguf$")


def known_model(name: str) -> KnownModel | None:
    """Return the row for a model's name, without regard to registry, namespace and tag.

    None if the model is unknown; then only the server's facts count.
    """
    bare = name.lower().rsplit("/", 1)[-1].partition(":")[0]
    bare = _FILE.sub("", bare)
    for candidate in (bare, _VERSION.sub("", bare)):
        for row in KNOWN_MODELS:
            if re.fullmatch(row.names, candidate):
                return row
    return None


def effective_chunk_size(facts: ModelFacts, size: int, overlap: int) -> tuple[int, int, str | None]:
    """Return `chunk.size` and `chunk.overlap` as the model allows them, and a sentence if smaller.

    The document prompt is subtracted, because it precedes each chunk. The overlap shrinks in
    proportion, so that the cost of indexing stays the same.
    """
    prompt_tokens = len(facts.tokenizer.offsets(facts.document_prompt))
    limit = max(facts.max_tokens - prompt_tokens, 1)
    if size <= limit:
        return size, overlap, None
    smaller = overlap * limit // size
    note = limit_note(facts.name, ChunkSize(limit, smaller), ChunkSize(size, overlap))
    return limit, smaller, note
