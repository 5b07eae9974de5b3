"""An Ollama that answers nonsense, and the kinds of it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from mirage.config import Embedding, Ollama
from mirage.embed import OllamaEmbedder

DIMENSIONS = 3
LONG_ERROR = "the input length exceeds the context length"
INFO = {
    "general.architecture": "bert",
    "bert.context_length": 512,
    "bert.embedding_length": DIMENSIONS,
}

Lie = Callable[[Sequence[str]], httpx.Response]


def answer(status: int, content: bytes | dict[str, Any]) -> httpx.Response:
    """A response that is still to be read, as one from a network is."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.Response(status, stream=httpx.ByteStream(raw))


def vectors(row: Any) -> Lie:
    """The same row for each text."""
    return lambda texts: answer(200, {"embeddings": [row] * len(texts)})


LIES: dict[str, Lie] = {
    "null": vectors(None),
    "null-numbers": vectors([None] * DIMENSIONS),
    "no-list": lambda _: answer(200, {"embeddings": None}),
    "nan": vectors([float("nan")] * DIMENSIONS),
    "nan-refused": lambda _: answer(500, {"error": "json: unsupported value: NaN"}),
    "infinity": vectors([float("inf"), 1.0, 0.0]),
    "zeros": vectors([0.0] * DIMENSIONS),
    "short": vectors([1.0] * (DIMENSIONS - 1)),
    "long": vectors([1.0] * (DIMENSIONS + 1)),
    "empty": vectors([]),
    "too-few": lambda texts: answer(200, {"embeddings": [[1, 1, 0]] * (len(texts) - 1)}),
    "too-many": lambda texts: answer(200, {"embeddings": [[1, 1, 0]] * (len(texts) + 1)}),
    "strings": vectors(["0.5"] * DIMENSIONS),
    "booleans": vectors([True, False, True]),
    "nested": vectors([[1, 0, 0]]),
    "context-length": lambda _: answer(400, {"error": LONG_ERROR}),
    "500": lambda _: answer(500, {"error": "llama runner process has terminated"}),
    "html": lambda _: answer(200, b"<html><body>It works!</body></html>"),
    "half": lambda _: answer(200, b'{"embeddings": [[1, 0'),
    "list": lambda _: answer(200, b"[]"),
}


class LyingOllama:
    """Answers requests for texts by `lie` where `lies(texts)` is true, else as it should.

    `asked` holds the texts of each request. `digests` are told in turns.
    """

    def __init__(self) -> None:
        self.lie: Lie = LIES["null"]
        self.lies: Callable[[Sequence[str]], bool] = lambda _: False
        self.asked: list[list[str]] = []
        self.info: dict[str, Any] = dict(INFO)
        self.digests: Callable[[], Any] = lambda: "sha-1"
        self.models = ["tiny:latest"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/tags":
            digest = self.digests()
            return answer(200, {"models": [{"name": n, "digest": digest} for n in self.models]})
        body = json.loads(request.content)
        if path == "/api/show":
            return answer(200, {"model_info": self.info, "parameters": ""})
        texts = body["input"]
        self.asked.append(texts)
        if self.lies(texts):
            return self.lie(texts)
        return answer(200, {"embeddings": [[len(text), 1, 0] for text in texts]})

    def embedder(self, model: str = "tiny") -> OllamaEmbedder:
        """One that asks this server."""
        return OllamaEmbedder(Ollama(model=model), Embedding(), transport=httpx.MockTransport(self))
