"""Embeds texts as vectors. The rest of the program uses only the protocol `Embedder`.

`ollama.py` and `openai.py` ask a server; `remote.py` holds what they share, `server.py` sends
their requests and `route.py` configures proxy and certificates. `local.py` computes within the
process by `bert.py`, with the files that `weights.py` downloads. `absent.py` stands for a missing
model, `pull.py` lets Ollama download one.

`proof.py` knows whether a server works, `settling.py` and `watch.py` whether its model stays the
same, `faults.py` what an unusable answer means. `facts.py` is the table of models, `tokenizer.py`
and `vocabulary.py` count tokens as the model does, `batch.py` plans the requests for documents,
`coalescing.py` joins queries, `vectors.py` checks the vectors.
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
    """Embeds texts. All methods may raise EmbedderUnavailable and ModelMissing (wait)."""

    async def facts(self) -> ModelFacts:
        """Return the facts of the model; a new digest means a new model.

        Cheap: the facts are cached and checked against the server's digest every few seconds. A
        caller that stores vectors compares the digest with its generation's before each call.
        """
        ...

    async def settled_facts(self, seconds: float) -> ModelFacts:
        """Return the facts for a new index: read again, and proven by a usable vector.

        Raises Unsettled until the model has stayed the same for `seconds`.
        """
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, same order, `dimensions` long, L2-normalised, finite.

        The document prompt is put in front. Raises TextTooLong, whose `positions` name the texts
        that must be split, and BadEmbedding (counted). No text is truncated.
        """
        ...

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text, in the same order; each L2-normalised and finite.

        The query prompt is put in front of each text. Raises TextTooLong if one exceeds the model's
        limit, because a truncated question finds the wrong passages, and BadEmbedding.
        """
        ...

    def for_model(self, name: str) -> "Embedder":
        """Return the embedder of another model of the same backend; closed together with this one.

        It costs nothing until it is used. Its methods raise ModelMissing if there is no such model.
        """
        ...

    async def check(self) -> None:
        """Raise as `facts` does unless the embedder has the model and embeds a harmless text.

        Cheap: a usable vector of any text is a proof for one minute, and a failure is cached for
        15 s (proof.py).
        """
        ...

    async def aclose(self) -> None:
        """Close connections and threads."""
        ...
