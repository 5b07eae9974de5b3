"""A small Ollama with the vectors of the fake embedder, which can be stopped and started."""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mirage.errors import TextTooLong
from mirage.testing import FakeEmbedder

MODEL = "chaos"
_DIMENSIONS = 64
# Below `chunk.size`, so that documents carry a warning, which must not be there twice.
_CONTEXT = 322
# Words that the model really takes: some chunks have more, so that halving is in play as well.
_WORDS = 205
# The speed of a small model on one core, so that there is time to be killed while it computes.
_WORDS_PER_SECOND = 20_000


class FakeOllama:
    """Serves on a port of its own, the same one after each start."""

    def __init__(self) -> None:
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.refused_as_too_long = 0

    @property
    def url(self) -> str:
        """Its address; known once it was started."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Close the port; requests that are under way get no answer."""
        if self._server is not None:
            server, self._server = self._server, None
            server.shutdown()
            server.server_close()

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and content."""
        if path == "/api/tags":
            return 200, {"models": [{"name": MODEL, "model": MODEL, "digest": "chaos"}]}
        if path == "/api/show":
            info = {
                "general.architecture": "chaos",
                "chaos.embedding_length": _DIMENSIONS,
                "chaos.context_length": _CONTEXT,
            }
            return 200, {"model_info": info}
        embedder = FakeEmbedder(dimensions=_DIMENSIONS, max_tokens=_WORDS)
        words = sum(text.count(" ") + 1 for text in body["input"])
        time.sleep(words / _WORDS_PER_SECOND)
        try:
            vectors = asyncio.run(embedder.embed_documents(body["input"]))
        except TextTooLong:
            self.refused_as_too_long += 1
            return 400, {"error": "the input length exceeds the context length"}
        return 200, {"embeddings": vectors.tolist(), "prompt_eval_count": words}

    def serves(self, server: ThreadingHTTPServer) -> bool:
        """Whether it still runs under this very server."""
        return self._server is server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], ollama: FakeOllama) -> None:
        super().__init__(address, _Handler)
        self.ollama = ollama

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that was killed is the point of all this."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._reply({})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self._reply(json.loads(self.rfile.read(length)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its base names it so
        """Nothing."""

    def _reply(self, body: dict[str, Any]) -> None:
        status, answer = self.server.ollama.answer(self.path, body)
        if not self.server.ollama.serves(self.server):
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
