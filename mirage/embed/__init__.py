"""Texts into vectors. `Embedder` is what the rest of the program knows of it.

`ollama.py` and `openai.py` ask a server (what both do is in `remote.py`), `local.py` computes
inside of the process. `proof.py` knows whether a server works, `settling.py` whether its model
stays the same. `facts.py` is the table of models, `tokenizer.py` and `vocabulary.py` count
tokens as the model does, `batch.py` plans the requests for documents, `coalescing.py` puts queries
together, `weights.py` brings the local model's files.
"""

from collections.abc import Sequence
from typing import Protocol

from mirage.embed.facts import effective_chunk_size, known_model
from mirage.embed.local import LocalEmbedder
from mirage.embed.ollama import OllamaEmbedder
from mirage.embed.openai import OpenAIEmbedder
from mirage.embed.settling import Unsettled
from mirage.embed.vectors import Vector, Vectors
from mirage.embed.weights import fetch_weights
from mirage.model import ModelFacts

__all__ = [
    "Embedder",
    "LocalEmbedder",
    "OllamaEmbedder",
    "OpenAIEmbedder",
    "Unsettled",
    "Vector",
    "Vectors",
    "effective_chunk_size",
    "fetch_weights",
    "known_model",
]


class Embedder(Protocol):
    """Makes vectors. All methods may raise EmbedderUnavailable and ModelMissing (wait)."""

    async def facts(self) -> ModelFacts:
        """What has to be known of the model; a new digest means a new model.

        Cheap: remembered, and compared with the server's digest every few seconds. A caller that
        stores vectors compares the digest with that of its generation before each call.
        """
        ...

    async def settled_facts(self, seconds: float) -> ModelFacts:
        """The facts for an index that is begun: read again, and proven by a right vector.

        Raises Unsettled until the model has been the same for so many seconds.
        """
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One vector per text, same order, `dimensions` long, L2-normalised, finite.

        Puts the document prompt in front. Raises TextTooLong, whose `positions` are those of the
        texts that have to be split, and BadEmbedding (counted). Nothing is cut.
        """
        ...

    async def embed_query(self, text: str) -> Vector:
        """The query's vector, made with the query prompt; L2-normalised, finite.

        Raises TextTooLong: a query longer than the model takes is refused, for half a question
        finds the wrong passages.
        """
        ...

    def for_model(self, name: str) -> "Embedder":
        """The embedder of another model of the same backend; closed together with this one.

        Costs nothing until it is used. That the model is not there is said then (ModelMissing).
        """
        ...

    async def check(self) -> None:
        """Raise unless the embedder has the model and embeds a harmless text.

        Cheap: a right vector, also one for other texts, proves it for a minute, and a failure is
        believed for 15 s (proof.py). Raises as `facts` does.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and threads."""
        ...
