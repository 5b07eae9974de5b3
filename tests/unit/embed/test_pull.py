"""Pulls, as a server tells of them, over a real connection."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from mirage.config import Embedding, Ollama
from mirage.embed.pull import PullRefused, pull_model


class FakeOllama(HTTPServer):
    """Answers the pulls with these bodies in turn, the last one again and again."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.asked: list[tuple[str | None, str]] = []

    @property
    def settings(self) -> Ollama:
        """Those that lead here."""
        return Ollama(url=f"http://127.0.0.1:{self.server_address[1]}", model="tiny")


class _Handler(BaseHTTPRequestHandler):
    server: FakeOllama

    def do_POST(self) -> None:
        bodies = self.server.bodies
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.headers["Authorization"], body["model"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bodies.pop(0) if len(bodies) > 1 else bodies[0])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its base names it so
        """Nothing."""


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    server = FakeOllama()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.slow
async def test_refusal_is_clean_and_short(server: FakeOllama) -> None:
    said = "pull model manifest:\x00 \ud800 \u202efile\x1b[2J " + "x" * 5000
    server.bodies = [json.dumps({"error": said}).encode() + b"\n"]
    with pytest.raises(PullRefused) as refused:
        await pull_model(server.settings, Embedding())
    message = str(refused.value)
    assert message.startswith("Ollama cannot pull tiny: pull model manifest: \ufffd file [2J xxx")
    assert len(message) < 350


@pytest.mark.parametrize(
    "line",
    [
        {"total": "many", "completed": [1]},
        {"total": 10, "completed": None},
        {"total": 10, "completed": 10**400},
        {"total": True, "completed": 1},
        {"total": -1, "completed": 1},
        {"status": "success"},
    ],
)
@pytest.mark.slow
async def test_strange_numbers_are_no_crash(server: FakeOllama, line: dict[str, Any]) -> None:
    server.bodies = [json.dumps(line).encode()]
    await pull_model(server.settings, Embedding())


@pytest.mark.parametrize("body", [b"[1]\n", b"<html>", b"[" * 100_000, b" " * 1_000_000 + b"x"])
async def test_strange_answers_are_tried_again(
    server: FakeOllama, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirage.embed.pull._RETRY_SECONDS", 0.01)
    server.bodies = [body, b'{"status": "success"}\n']
    async with asyncio.timeout(20):
        await pull_model(server.settings, Embedding())
    assert len(server.bodies) == 1


async def test_token_is_sent_for_each_model(server: FakeOllama) -> None:
    server.bodies = [b'{"status": "success"}\n']
    settings = server.settings.model_copy(update={"token": SecretStr("t")})
    await pull_model(settings, Embedding(), models=["a", "b"])
    assert server.asked == [("Bearer t", "a"), ("Bearer t", "b")]
