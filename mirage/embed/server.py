"""Sends JSON requests to an embedding server and turns each failure into a MirageError.

The server is not trusted: redirects are not followed, only the proxy `embedding.proxy` is used, and
time and size of an answer are bounded. The server's key is sent in one header and is removed from
messages, even if the server repeats it.
"""

import asyncio
import base64
import json
from typing import Any

import httpx
from pydantic import SecretStr

from mirage.config import Embedding
from mirage.embed import route
from mirage.embed.tokenizer import replace_surrogates
from mirage.errors import ConfigError, EmbedderUnavailable, MirageError
from mirage.foreign import clean

MIB = 1024 * 1024
# A search waits that long when the server is off and packets to it are dropped. The indexer tries
# again anyway.
_CONNECT_SECONDS = 1.5
_ERROR_BYTES = 64 * 1024
_ERROR_CHARACTERS = 300
# The key is removed from a message before it is shortened, so that no part of the key stays.
_MESSAGE_CHARACTERS = 4096

# A larger answer is parsed in a thread, because 1 MiB would block other requests for 15 ms.
_THREAD_BYTES = MIB

Answer = dict[str, Any]


class AccessRefused(EmbedderUnavailable):
    """Set the server's key (`openai.key`, `ollama.token`), or turn the server's check off."""


class StrangeAnswer(EmbedderUnavailable):
    """Check whether `ollama.url` or `openai.url` is the address of an embedding server."""


class NoAnswer(EmbedderUnavailable):
    """Check whether the server is overloaded; if it is only slow, raise `timeout_seconds`."""


class NoConnection(EmbedderUnavailable):
    """Check that the embedding server runs, and that no firewall or NetworkPolicy is in between."""


class Refused(Exception):
    """The server answered with a status 4xx or 5xx; the caller knows the meaning."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def authorization(key: str, *, basic: bool) -> str:
    """Return the header for a token; if `basic`, a key with a colon is `user:password`."""
    if basic and ":" in key:
        return f"Basic {base64.b64encode(key.encode()).decode()}"
    return f"Bearer {key}"


class Server:
    """A client for one server. `name` is for messages; the variable `setting` holds its address.

    If `basic`, the key may be `user:password`.
    """

    def __init__(
        self,
        name: str,
        url: str,
        timeout_seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        setting: str,
        key: SecretStr | None = None,
        basic: bool = False,
        embedding: Embedding | None = None,
    ) -> None:
        self._name = name
        self._embedding = embedding or Embedding()
        self._key = key.get_secret_value() if key else ""
        self._timeout_seconds = timeout_seconds
        self._connect_seconds = min(_CONNECT_SECONDS, timeout_seconds)
        # Compressed answers could unpack to any size.
        headers = {"Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = authorization(self._key, basic=basic)
        trusted = route.trusted(self._embedding)
        proxy = route.proxy(self._embedding, trusted)
        try:
            self._client = httpx.AsyncClient(
                base_url=url,
                timeout=httpx.Timeout(timeout_seconds, connect=self._connect_seconds),
                headers=headers,
                follow_redirects=False,
                trust_env=False,
                transport=transport,
                verify=trusted,
                proxy=proxy,
            )
            _ = (
                self._client.base_url.host
            )  # Decodes the name, which fails for some that begin with `xn--`.
        except (httpx.InvalidURL, ValueError) as error:
            raise ConfigError(f"{setting} is not an address: {error}") from error

    @property
    def name(self) -> str:
        """Return the name of the server in messages."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> Answer:
        """Return the answer to a GET. Raises EmbedderUnavailable and Refused."""
        return self._object(await self._send("GET", path, None, max_bytes))

    async def post(self, path: str, body: Answer, *, max_bytes: int) -> Answer:
        """Return the answer to a POST of JSON. Raises EmbedderUnavailable and Refused."""
        return self._object(await self._send("POST", path, body, max_bytes))

    async def post_for_list(self, path: str, body: Answer, *, max_bytes: int) -> list[Any]:
        """Return the answer to a POST of JSON that must be a list. Raises as `post` does."""
        answer = await self._send("POST", path, body, max_bytes)
        if not isinstance(answer, list):
            raise self._strange("JSON that is not a list")
        return answer

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _send(self, method: str, path: str, body: Answer | None, max_bytes: int) -> Any:
        content = None
        if body is not None:
            content = replace_surrogates(json.dumps(body, ensure_ascii=False)).encode()
        request = self._client.build_request(
            method, path, content=content, headers={"Content-Type": "application/json"}
        )
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.send(request, stream=True)
                try:
                    raw = await self._read(response, max_bytes)
                finally:
                    await response.aclose()
        except httpx.ConnectTimeout as error:
            raise NoConnection(
                f"{self._name} accepted no connection in {self._connect_seconds:g} seconds"
            ) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoAnswer(
                f"{self._name} did not answer in {self._timeout_seconds:g} seconds"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise route.unreachable(self._name, error, self._embedding) from error
        if not response.is_success:
            raise self._failure(response, raw)
        return await self._parse(raw)

    async def _read(self, response: httpx.Response, max_bytes: int) -> bytes:
        limit = max_bytes if response.is_success else _ERROR_BYTES
        raw = bytearray()
        async for part in response.aiter_raw():
            raw += part
            if len(raw) > limit:
                if response.is_success:
                    raise self._strange(f"more than {limit} bytes")
                break
        return bytes(raw)

    async def _parse(self, raw: bytes) -> Any:
        try:
            if len(raw) > _THREAD_BYTES:
                return await asyncio.to_thread(json.loads, raw)
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise self._strange("something that is not JSON") from error

    def _object(self, answer: Any) -> Answer:
        if not isinstance(answer, dict):
            raise self._strange("JSON that is not an object")
        return answer

    def _failure(self, response: httpx.Response, raw: bytes) -> MirageError | Refused:
        status = response.status_code
        if response.is_redirect or status < 400:
            return EmbedderUnavailable(
                f"{self._name} redirects ({status}), which is not followed: set its final address"
            )
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED and self._embedding.proxy:
            return route.ProxyRefused(f"the proxy {self._embedding.proxy} refuses access (407)")
        if status in (401, 403, 407):
            return AccessRefused(f"{self._name} refuses access ({status})")
        message = clean(_message(raw), _MESSAGE_CHARACTERS)
        if self._key:
            message = message.replace(self._key, "…")
        return Refused(status, clean(message, _ERROR_CHARACTERS))

    def _strange(self, what: str) -> StrangeAnswer:
        return StrangeAnswer(f"{self._name} answered with {what}: is its address right?")


def _message(raw: bytes) -> str:
    """Return the `error`, `message` or `detail` of an answer with its code; else the whole answer.

    OpenAI's form is `{"error": {"message": …, "code": …}}`, Ollama's `{"error": …}`, TEI's
    `{"message": …}`, FastAPI's `{"detail": …}`.
    """
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    text = None
    if isinstance(answer, dict):
        error = answer.get("error")
        told = error if isinstance(error, dict) else answer
        said = error if isinstance(error, str) else told.get("message", told.get("detail"))
        if isinstance(said, str):
            code = told.get("code")
            text = f"{said} ({code})" if isinstance(code, str) else said
    return text or raw.decode("utf-8", "replace")
