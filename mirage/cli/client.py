"""Speaks to the API: where it is, which key, and its problems as our errors."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote
from uuid import uuid4

import httpx
import platformdirs
import typer

from mirage.cli.proxies import find_proxy
from mirage.errors import ConfigError, InvalidInput, MirageError
from mirage.names import check_document_name
from mirage.tls import certificate_fault, public_authorities

CONNECTION_FILE = Path(platformdirs.user_config_dir("mirage")) / "connection.json"
_ALIVE_SECONDS = 2.0
"""File (mode 0600) in which `mirage up` stores address and key for the other commands."""

_DEFAULT_URL = "http://localhost:8000"
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)

Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="MIRAGE_API_URL", help=f"Address of the API (default: {_DEFAULT_URL})."
    ),
]
Project = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]
ApiKey = Annotated[
    str | None, typer.Option("--api-key", envvar="MIRAGE_API_KEY", help="Key of the API.")
]


class ApiUnreachable(MirageError):
    """Start the API with `mirage up`, or set its address with `--url` or `MIRAGE_API_URL`. Check
    HTTPS_PROXY and NO_PROXY, and set SSL_CERT_FILE for a private certificate authority."""

    code = "api-unreachable"


class FileRefused(InvalidInput):
    """Rename the file or make it readable, then add it again."""

    code = "file-refused"


class FileExists(InvalidInput):
    """Choose another file with `--output`, or move the existing one."""

    code = "file-exists"


class ApiRefused(InvalidInput):
    """Read the answer of the API above."""

    def __init__(self, detail: str, remedy: str, problem: str = "") -> None:
        super().__init__(detail)
        self.problem = problem
        """Last part of the problem's `type`, such as `project-not-found`."""
        self._remedy = remedy

    def remedy(self) -> str:
        return self._remedy


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to `/api/v1`, with JSON bodies and answers."""

    http: httpx.Client

    def get(self, path: str, **parameters: Any) -> Any:
        """Send a GET, with the query parameters that are not None."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._call("GET", path, params=given)

    def post(self, path: str, body: Any) -> Any:
        """Send a POST with a JSON body."""
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """Send a PATCH with a JSON body."""
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Send a DELETE."""
        self._call("DELETE", path)

    def upload(self, path: str, file: Path, name: str) -> Any:
        """Upload a file under a name, streamed from disk."""
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise FileRefused(f"the name {name!a} is not valid UTF-8") from error
        check_document_name(name)  # The upload itself would turn control characters into escapes.
        if not os.path.isfile(file):  # noqa: PTH113 (Path.is_file raises without permission)
            raise FileRefused(f"{name} is not a file, or access to it is denied")
        try:
            stream = file.open("rb")
        except OSError as error:
            raise FileRefused(f"{name} cannot be read: {error.strerror}") from error
        with stream:
            return self._call("POST", path, files={"file": (name, stream)})

    def download(self, path: str, target: Path) -> int:
        """Download a file completely or not at all; return its size in bytes. Raises FileExists."""
        with (
            _draft_of(target) as file,
            _reachable(self.http),
            self.http.stream("GET", f"/api/v1{path}") as response,
        ):
            if not response.is_success:
                response.read()
                raise _refusal(response)
            for data in response.iter_bytes():
                file.write(data)
            return file.tell()

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        with _reachable(self.http):
            response = self.http.request(method, f"/api/v1{path}", **arguments)
        if not response.is_success:
            raise _refusal(response)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise _foreign(response) from error


@contextmanager
def connect(url: str | None, key: str | None) -> Iterator[Client]:
    """Yield a client for the address and key; without both, for those that `mirage up` stored.

    A key without an address is for the default address: never for the one `mirage up` stored.
    """
    left = _left_by_up() if url is None and key is None else {}
    headers: dict[bytes, bytes] = {}
    if key := key or left.get("key"):
        key = key.strip()  # A key read from a file ends with a line break.
        if not key.isprintable():
            raise ConfigError("the API key contains control characters")
        try:
            headers[b"X-API-Key"] = key.encode()
        except UnicodeEncodeError as error:
            raise ConfigError("the API key is not valid text") from error
    base = url or left.get("url") or _DEFAULT_URL
    try:
        address = httpx.URL(base)
        _ = address.host  # Decodes the host; some `xn--` names fail to decode.
        proxy = find_proxy(address)
        http = httpx.Client(
            base_url=base,
            headers=headers,
            timeout=_TIMEOUT,
            trust_env=False,
            verify=public_authorities(),
            proxy=str(proxy.url) if proxy else None,
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"--url: {base!r} is not a valid URL") from error
    with http:
        yield Client(http)


def project_path(project: str, *rest: str) -> str:
    """Return `/projects/<project>/…` with each part escaped.

    Raises BadParameter if no project can have this name.
    """
    if not project or "/" in project or project in {".", ".."}:
        raise typer.BadParameter(f"{project!r} cannot be a project's name or id")
    return "/" + "/".join(quote(part, safe="") for part in ("projects", project, *rest))


@contextmanager
def _draft_of(target: Path) -> Iterator[BinaryIO]:
    """Yield a file that becomes `target` on success and is deleted on failure."""
    _require_free(target)
    draft = target.with_name(f".{uuid4().hex}.part")
    try:
        file = draft.open("xb")
    except OSError as error:  # The message names the file that the user asked for.
        raise OSError(error.errno, error.strerror, str(target)) from error
    try:
        with file:
            yield file
        _require_free(target)  # Another program may have created it meanwhile.
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _require_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExists(f"{target} already exists")


@contextmanager
def _reachable(http: httpx.Client) -> Iterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as error:
        why = certificate_fault(error) or str(error) or type(error).__name__
        raise ApiUnreachable(
            f"cannot reach the API at {http.base_url}{_through(http.base_url)}: {why}"
        ) from error


def _through(url: httpx.URL) -> str:
    """Return how a message names the proxy for an address."""
    proxy = find_proxy(url)
    return f" through the proxy {proxy}" if proxy else ""


def _left_by_up() -> dict[str, str]:
    try:
        left = json.loads(CONNECTION_FILE.read_text())
    except (OSError, ValueError):
        return {}
    return left if isinstance(left, dict) else {}


def leave_connection(url: str, key: str) -> str | None:
    """Write the file that `connect` reads; only this user may read it.

    Keeps the file of another `mirage up` that still answers, and returns its address: commands must
    not change to another library while they are in use.
    """
    other = _left_by_up().get("url")
    if other and other != url and _answers(other):
        return other
    CONNECTION_FILE.parent.mkdir(parents=True, exist_ok=True)
    draft = CONNECTION_FILE.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump({"url": url, "key": key}, stream)
    draft.replace(CONNECTION_FILE)
    return None


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=_ALIVE_SECONDS, trust_env=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def forget_connection(url: str) -> None:
    """Delete the file that `leave_connection` wrote for that address."""
    if _left_by_up().get("url") == url:
        CONNECTION_FILE.unlink(missing_ok=True)


def _refusal(response: httpx.Response) -> MirageError:
    try:
        problem = response.json()
        kind = str(problem["type"]).rpartition(":")[2]
        return ApiRefused(str(problem["detail"]), str(problem["remedy"]), kind)
    except (ValueError, KeyError, TypeError):
        return _foreign(response)


def _foreign(response: httpx.Response) -> ApiRefused:
    return ApiRefused(
        f"{response.url} answered {response.status_code} {response.reason_phrase}"
        f"{_through(response.url)}, not in JSON",
        "Check that the address is that of the miRAGe API, not of a proxy or another program.",
    )
