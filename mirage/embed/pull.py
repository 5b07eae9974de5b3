"""Makes Ollama pull a model. The server downloads it; this module asks and reports the progress."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx

from mirage import config
from mirage.embed import route
from mirage.embed.server import authorization
from mirage.errors import EmbedderUnavailable, ModelMissing
from mirage.foreign import clean

_RETRY_SECONDS = 5.0
_LOG_EVERY_PERCENT = 10
_LINE_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


class PullRefused(ModelMissing):
    """Check the model's name, and whether Ollama reaches the registry."""

    code = "pull-refused"


async def pull_model(
    settings: config.Ollama,
    embedding: config.Embedding,
    *,
    models: Sequence[str] = (),
    insecure: bool = False,
) -> None:
    """Pull the models, by default that of the settings, waiting while Ollama is unreachable.

    Raises PullRefused if Ollama refuses.
    """
    timeout = httpx.Timeout(settings.timeout_seconds, connect=10.0)
    trusted = route.trusted(embedding)
    token = settings.token
    headers = {}
    if token:
        headers["Authorization"] = authorization(token.get_secret_value(), basic=True)
    async with httpx.AsyncClient(
        base_url=settings.url,
        timeout=timeout,
        trust_env=False,
        verify=trusted,
        proxy=route.proxy(embedding, trusted),
        headers=headers,
    ) as client:
        for model in models or [settings.model]:
            await _pull_when_reachable(client, model, embedding, insecure=insecure)


async def _pull_when_reachable(
    client: httpx.AsyncClient, model: str, embedding: config.Embedding, *, insecure: bool
) -> None:
    while True:
        try:
            await _pull(client, model, insecure=insecure)
        except httpx.HTTPError as error:
            said = route.unreachable("Ollama", error, embedding)
            _log.info("%s; trying again in %.0f s", said, _RETRY_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)
        except EmbedderUnavailable as error:
            _log.info("%s; trying again in %.0f s", error, _RETRY_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            _log.info("the model is there", extra={"model": model})
            return


async def _pull(client: httpx.AsyncClient, model: str, *, insecure: bool) -> None:
    said = -_LOG_EVERY_PERCENT
    async for event in _events(client, {"model": model, "insecure": insecure}):
        # A failed pull is HTTP 200 with an error among its lines.
        if "error" in event:
            raise PullRefused(f"Ollama cannot pull {model}: {clean(str(event['error']))}")
        total, done = _count(event.get("total")), _count(event.get("completed"))
        if total and (percent := min(100 * done // total, 100)) >= said + _LOG_EVERY_PERCENT:
            said = percent
            _log.info("pulling", extra={"model": model, "percent": percent})


async def _events(client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    try:
        async with client.stream("POST", "/api/pull", json=body) as response:
            if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise EmbedderUnavailable(f"Ollama answers {response.status_code}")
            if response.status_code in (401, 403):
                raise PullRefused(f"Ollama refuses access ({response.status_code})")
            async for line in _lines(response):
                event = json.loads(line)
                if not isinstance(event, dict):
                    raise EmbedderUnavailable("Ollama answers with JSON that is not an object")
                yield event
    except (ValueError, RecursionError) as error:
        raise EmbedderUnavailable("Ollama does not answer") from error


async def _lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return the lines that are not blank. Raises ValueError for a line that is too long."""
    line = bytearray()
    async for part in response.aiter_bytes():
        *whole, rest = (bytes(line) + part).split(b"\n")
        for one in whole:
            if one.strip():
                yield one
        line = bytearray(rest)
        if len(line) > _LINE_BYTES:
            raise ValueError("a line without an end")
    if line.strip():
        yield bytes(line)


def _count(value: object) -> int:
    """Return a number of bytes from an untrusted answer; 0 if it is not a number."""
    return value if type(value) is int and value > 0 else 0
