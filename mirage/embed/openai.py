"""Embeds with any server that has OpenAI's API `/v1/embeddings`.

Servers differ beyond that. vLLM reports a model's limit and true name in `/v1/models`, TEI (Text
Embeddings Inference) in `/info`. A request to `/v1/embeddings` cannot forbid truncation. vLLM,
llama-server and OpenAI refuse a long text anyway; TEI may truncate it (`--auto-truncate`, the
default since 1.9), so its own `/embed` is used, where a request can forbid it. Ollama's `/v1`
always truncates: there only the count of tokens keeps texts whole.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from mirage.config import Embedding, OpenAI
from mirage.embed.facts import known_model
from mirage.embed.faults import MAX_DIMENSIONS, BatchTooLarge, vector_length
from mirage.embed.remote import PROBE_TEXT, RemoteEmbedder, Reply
from mirage.embed.server import MIB, AccessRefused, Answer, Refused, Server, StrangeAnswer
from mirage.embed.tokenizer import SPECIAL_TOKENS, CautiousTokenizer
from mirage.embed.vectors import Vectors, unit_vectors
from mirage.errors import (
    BadEmbedding,
    ConfigError,
    EmbedderUnavailable,
    ModelMissing,
    TextTooLong,
)
from mirage.foreign import clean
from mirage.model import ModelFacts

_DESCRIPTION_BYTES = 16 * MIB
_BYTES_PER_NUMBER = 32
_NAME_CHARACTERS = 200
_NO_SUCH_PATH = frozenset({400, 404, 405, 501})

# For a model without a known limit: the limit of BERT models, the smallest of the usual ones.
_DEFAULT_MAX_TOKENS = 512

# Tried in this order, because llama-server says "physical batch size" of a single long text.
_TEXT_TOO_LONG = re.compile(
    r"context (length|size|window)|context_length|contextwindow|must have less than \d+ tokens"
    r"|too large to process|longer than the maximum model length"
    r"|max(imum)? (input|sequence|model|context) length",
    re.IGNORECASE,
)
_BATCH_TOO_LARGE = re.compile(
    r"batch size|array (length|too long)|too many (inputs|texts|tokens in batch)"
    r"|tokens per request|length limit exceeded",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|(invalid|unknown|no such) model"
    r"|\bmodel\b.{0,320}\b(does not exist|not found|not available)",
    re.IGNORECASE | re.DOTALL,
)
_NO_EMBEDDINGS = re.compile(
    r"not support.{0,20} embedding|not an embedding model|no embedding model", re.IGNORECASE
)
_PAYLOAD_TOO_LARGE = 413
# Statuses for a refused request or text, for a text too long, and for a crash of the model's
# process (500, and 424 from TEI). All others mean a busy or missing server.
_TEXT_FAULTS = frozenset({400, _PAYLOAD_TOO_LARGE, 422, 424, 500})


@dataclass(frozen=True, slots=True)
class _Description:
    """The facts that a server reports of the model. `max_tokens` is 0 if it does not report it."""

    digest: str
    names: tuple[str, ...]
    max_tokens: int
    max_texts: int | None
    is_tei: bool


class OpenAIEmbedder(RemoteEmbedder):
    """An `Embedder` that asks such a server. `transport` is for tests.

    Raises ConfigError if the address or the model is not set.
    """

    text_faults = _TEXT_FAULTS

    def __init__(
        self,
        openai: OpenAI,
        embedding: Embedding,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        for name, value in (("URL", openai.url), ("MODEL", openai.model)):
            if not value:
                raise ConfigError(
                    f"MIRAGE_OPENAI_{name} is not set; MIRAGE_EMBEDDING_BACKEND=openai needs it"
                )
        root = str(openai.url).rstrip("/").removesuffix("/v1")
        setting, key = "MIRAGE_OPENAI_URL", openai.key
        seconds = openai.timeout_seconds
        server = Server(
            "the embedding server",
            root,
            seconds,
            transport,
            setting=setting,
            key=key,
            embedding=embedding,
        )
        super().__init__(str(openai.model), server, embedding.batch_tokens)
        self._openai = openai
        self._settings = openai, embedding, transport
        self._is_tei = False

    def _sibling(self, name: str) -> "OpenAIEmbedder":
        openai, embedding, transport = self._settings
        other = openai.model_copy(update={"model": name})
        return OpenAIEmbedder(other, embedding, transport=transport)

    async def _embed(self, texts: Sequence[str], dimensions: int) -> Reply:
        rows = await self._rows(texts, MIB + len(texts) * dimensions * _BYTES_PER_NUMBER)
        return Reply(unit_vectors(rows, len(texts), dimensions))

    async def _digest(self) -> str:
        return (await self._describe()).digest

    async def _read_facts(self, digest: str) -> ModelFacts:
        described = await self._describe()
        self._max_texts, self._is_tei = described.max_texts, described.is_tei
        known = next(filter(None, map(known_model, described.names)), None)
        limits = [described.max_tokens, known.max_tokens if known else 0]
        limits.append(self._openai.max_tokens or 0)
        limit = min(filter(None, limits), default=_DEFAULT_MAX_TOKENS)
        return ModelFacts(
            name=self._model,
            digest=described.digest,
            dimensions=await self._measure_dimensions(),
            max_tokens=max(limit - SPECIAL_TOKENS, 1),
            tokenizer=CautiousTokenizer(),
            query_prompt=known.query_prompt if known else "",
            document_prompt=known.document_prompt if known else "",
            languages=tuple(known.languages) if known else (),
        )

    async def _measure_dimensions(self) -> int:
        rows = await self._rows([PROBE_TEXT], MIB + MAX_DIMENSIONS * _BYTES_PER_NUMBER)
        length = vector_length(rows)
        self._proof.succeed()
        return length

    async def _rows(self, texts: Sequence[str], max_bytes: int) -> list[Any]:
        """Return what the server sends as vectors, one per text in order, unchecked."""
        shorter = {"dimensions": self._openai.dimensions} if self._openai.dimensions else {}
        try:
            if self._is_tei:
                body = {"inputs": list(texts), "truncate": False, **shorter}
                rows = await self._server.post_for_list("/embed", body, max_bytes=max_bytes)
            else:
                body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
                answer = await self._server.post(
                    "/v1/embeddings", body | shorter, max_bytes=max_bytes
                )
                rows = _in_order(answer)
        except Refused as refusal:
            raise self._meaning(refusal, len(texts)) from refusal
        if len(rows) != len(texts):
            raise BadEmbedding(f"the embedder returned {len(rows)} vectors for {len(texts)} texts")
        return rows

    async def _describe(self) -> _Description:
        """Return the facts from `/v1/models` and `/info`; a server may have neither path."""
        models = await self._optional("/v1/models")
        info = await self._optional("/info", or_strange=True)
        is_tei = isinstance(info.get("max_input_length"), int)
        told = info if is_tei else {}
        entry = {} if is_tei else self._entry(models)
        # Fields that change only with the model; `created` would change with the server's start.
        identity = {
            "model": self._model,
            "root": entry.get("root"),
            "tei": [told.get("model_id"), told.get("model_sha")] if is_tei else None,
            "llama": [_part(entry, "meta", field) for field in ("n_params", "size")],
        }
        names = (told.get("model_id"), entry.get("root"), self._model)
        limits = (
            told.get("max_input_length"),
            entry.get("max_model_len"),
            _part(entry, "meta", "n_ctx_train"),
        )
        return _Description(
            digest=hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest(),
            names=tuple(clean(name, _NAME_CHARACTERS) for name in names if isinstance(name, str)),
            max_tokens=min(filter(None, map(_positive, limits)), default=0),
            max_texts=_positive(told.get("max_client_batch_size")) or None,
            is_tei=is_tei,
        )

    def _entry(self, models: Answer) -> Answer:
        """Return the server's list entry of the model; empty if it lacks one, as with gateways.

        Raises ModelMissing if the only entry is another model, because such a server answers with
        that model whatever name a request has.
        """
        data = models.get("data")
        entries = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
        for entry in entries:
            if entry.get("id") in (self._model, f"{self._model}:latest"):
                return entry
        if len(entries) == 1:
            raise ModelMissing(
                f"the embedding server does not have the model {self._model}; it has"
                f" {clean(str(entries[0].get('id')), _NAME_CHARACTERS)} (openai.model)"
            )
        return {}

    async def _optional(self, path: str, *, or_strange: bool = False) -> Answer:
        """Return the answer of a path that some servers have; empty if missing or forbidden.

        Raises if the server is busy or unreachable, because it may have the path all the same.
        """
        try:
            return await self._server.get(path, max_bytes=_DESCRIPTION_BYTES)
        except AccessRefused:
            return {}
        except StrangeAnswer:
            if or_strange:
                return {}
            raise
        except Refused as refusal:
            if refusal.status in _NO_SUCH_PATH:
                return {}
            raise self._meaning(refusal, 1) from refusal

    def _meaning(
        self, refusal: Refused, texts: int
    ) -> EmbedderUnavailable | ModelMissing | TextTooLong | BadEmbedding | BatchTooLarge:
        """Return the error that a refusal of a request with so many texts means."""
        status, message = refusal.status, refusal.message
        if status in _TEXT_FAULTS and _TEXT_TOO_LONG.search(message):
            return TextTooLong("the model finds the text too long")
        if status in (400, 404, 422) and _NO_MODEL.search(message):
            return ModelMissing(f"the embedding server does not have the model {self._model}")
        if _NO_EMBEDDINGS.search(message):
            return ModelMissing(
                f"the model {self._model} makes no embeddings: set openai.model to one that does"
            )
        is_large = status == _PAYLOAD_TOO_LARGE
        if texts > 1 and (
            is_large or (status in _TEXT_FAULTS and _BATCH_TOO_LARGE.search(message))
        ):
            return BatchTooLarge(message)
        if is_large:
            return TextTooLong("the embedding server finds the text too long")
        return EmbedderUnavailable(f"the embedding server answered {status}: {message}")


def _in_order(answer: Answer) -> list[Any]:
    """Return the vectors sorted by `index`. Raises BadEmbedding unless each has its own."""
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise BadEmbedding("the embedder returned no list of vectors")
    places = [item.get("index", place) for place, item in enumerate(data)]
    if not all(type(place) is int for place in places) or sorted(places) != list(range(len(data))):
        raise BadEmbedding("the embedder returned vectors with missing or repeated indices")
    rows: list[Any] = [None] * len(data)
    for place, item in zip(places, data, strict=True):
        rows[place] = _numbers(item.get("embedding"))
    return rows


def _numbers(embedding: object) -> Any:
    """Return the numbers, decoded from base64 (little-endian float32) if a server sends that."""
    if not isinstance(embedding, str):
        return embedding
    try:
        numbers: Vectors = np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
    except (binascii.Error, ValueError) as error:
        raise BadEmbedding("the embedder returned a vector that is not base64 of floats") from error
    return numbers


def _part(entry: Answer, key: str, field: str) -> Any:
    part = entry.get(key)
    return part.get(field) if isinstance(part, dict) else None


def _positive(value: object) -> int:
    """Return a count from an untrusted answer; 0 if it is not a count."""
    return value if type(value) is int and value > 0 else 0
