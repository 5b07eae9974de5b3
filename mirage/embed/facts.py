"""What is known of embedding models beyond what a server tells: prompts, limits, languages.

Prompts are those of the models' own cards (and of `config_sentence_transformers.json` beside
them), spaces included; they are part of what a model was trained on, and a query without its
prompt finds less. Languages are those that a card names; a card that names dozens stands as many.
Most were compared with what MTEB measures the models by (github.com/embeddings-benchmark/mteb of
2026-08-22, folder `mteb/models/model_implementations`) and agree but for what is said beside a row;
the prompts of arctic 1 and 2 and of embeddinggemma were only seen in code that uses them.
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
    """A row of the table. `dimensions` is 0 where a name stands for several sizes; then the server
    tells. `max_tokens` includes special tokens; the server's own limit counts too, and the smaller
    one holds. `names` is a regular expression for the whole bare name."""

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
    # that text longer than 256 word pieces is cut, though their positions reach to 512 (and the
    # `sentence_bert_config.json` beside L12 says 128)
    KnownModel(r"all-minilm(-l6|-l12)?(-v2)?", 384, 256, ENGLISH),
    # https://huggingface.co/BAAI/bge-large-en-v1.5, and its table for the smaller ones
    KnownModel(r"bge-small(-en)?", 384, 512, ENGLISH, _SEARCHING),
    KnownModel(r"bge-base(-en)?", 768, 512, ENGLISH, _SEARCHING),
    KnownModel(r"bge-large(-en)?", 1024, 512, ENGLISH, _SEARCHING),
    # https://huggingface.co/Snowflake/snowflake-arctic-embed-l, table of the family (m-long has
    # 2048 without the scaling of its positions, which no server here does)
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
    # behind `Query:`, nothing before passages); Ollama's name without a tag is the 8B
    KnownModel(r"qwen3-embedding(-[\d.]+b)?", 0, 32768, MANY_LANGUAGES, _WEB_SEARCH),
)

_VERSION = re.compile(r"-v1(\.\d+)?$")
# How files for llama.cpp are called: `bge-small-en-v1.5-q8_0.gguf`.
_FILE = re.compile(r"([-.](b?f16|f32|i?q\d\w*))?[-.]gguf$")


def known_model(name: str) -> KnownModel | None:
    """The row for a model's name, whatever registry, namespace and tag stand around it.

    None: nothing is known, and what the server tells has to do.
    """
    bare = name.lower().rsplit("/", 1)[-1].partition(":")[0]
    bare = _FILE.sub("", bare)
    for candidate in (bare, _VERSION.sub("", bare)):
        for row in KNOWN_MODELS:
            if re.fullmatch(row.names, candidate):
                return row
    return None


def effective_chunk_size(facts: ModelFacts, size: int, overlap: int) -> tuple[int, int, str | None]:
    """`chunk.size` and `chunk.overlap` as the model allows them, and a sentence if it is less.

    The document prompt is taken off, for it stands in front of every chunk. The overlap shrinks
    in proportion, so that indexing costs what it would have cost.
    """
    prompt_tokens = len(facts.tokenizer.offsets(facts.document_prompt))
    limit = max(facts.max_tokens - prompt_tokens, 1)
    if size <= limit:
        return size, overlap, None
    smaller = overlap * limit // size
    note = limit_note(facts.name, ChunkSize(limit, smaller), ChunkSize(size, overlap))
    return limit, smaller, note
