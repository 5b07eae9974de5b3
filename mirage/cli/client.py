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
"""Where `mirage up` leaves address and key for the other commands, mode 0600."""

_DEFAULT_URL = "http://localhost:8000"
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)

Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="MIRAGE_API_URL", help=f"Address of the API; without it {_DEFAULT_URL}."
    ),
]
ApiKey = Annotated[
    str | None, typer.Option("--api-key", envvar="MIRAGE_API_KEY", help="The API's key.")
]


class ApiUnreachable(MirageError):
    """Start it with `mirage up`, or name the right address with `--url` or `MIRAGE_API_URL`; see
    HTTPS_PROXY and NO_PROXY for the way there, SSL_CERT_FILE for a private authority."""

    code = "api-unreachable"


class FileRefused(InvalidInput):
    """Rename the file or make it readable, and add it again."""

    code = "file-refused"


class FileExists(InvalidInput):
    """Name another file with `--output`, or move that one away."""

    code = "file-exists"


class ApiRefused(InvalidInput):
    """See the API's answer above."""

    def __init__(self, detail: str, remedy: str, problem: str = "") -> None:
        super().__init__(detail)
        self.problem = problem
        """Last part of the problem's `type`, such as `project-not-found`."""
        self._remedy = remedy

    def remedy(self) -> str:
        return self._remedy


@dataclass(frozen=True, slots=True)
class Client:
    """Calls under `/api/v1`, as JSON in and out."""

    http: httpx.Client

    def get(self, path: str, **parameters: Any) -> Any:
        """GET, with the query parameters that are not None."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._call("GET", path, params=given)

    def post(self, path: str, body: Any) -> Any:
        """POST a JSON body."""
        return self._call("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH with a JSON body."""
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """DELETE."""
        self._call("DELETE", path)

    def upload(self, path: str, file: Path, name: str) -> Any:
        """POST a file, streamed from disk, under a name."""
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise FileRefused(f"the name {name!a} is not valid UTF-8") from error
        check_document_name(name)  # On the way its control characters would become escapes.
        if not os.path.isfile(file):  # noqa: PTH113 (Path.is_file raises where it may not look)
            raise FileRefused(f"{name} is not a file, or may not be looked at")
        try:
            stream = file.open("rb")
        except OSError as error:
            raise FileRefused(f"{name} cannot be read: {error.strerror}") from error
        with stream:
            return self._call("POST", path, files={"file": (name, stream)})

    def download(self, path: str, target: Path) -> int:
        """GET a file, whole or not at all; gives its size in bytes. Raises FileExists."""
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
    """A client for the address and key given; when neither is, for those that `mirage up` left.

    A key alone goes to the default address: what `mirage up` left belongs together.
    """
    left = _left_by_up() if url is None and key is None else {}
    headers: dict[bytes, bytes] = {}
    if key := key or left.get("key"):
        key = key.strip()  # A key out of a file brings its line end.
        if not key.isprintable():
            raise ConfigError("the API key holds control characters")
        try:
            headers[b"X-API-Key"] = key.encode()
        except UnicodeEncodeError as error:
            raise ConfigError("the API key is not valid text") from error
    base = url or left.get("url") or _DEFAULT_URL
    try:
        address = httpx.URL(base)
        _ = address.host  # Decodes it, which some names of `xn--` do not survive.
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
        raise ConfigError(f"--url: {base!r} is not an address") from error
    with http:
        yield Client(http)


def project_path(project: str, *rest: str) -> str:
    """`/projects/<project>/…`, every part escaped. Raises BadParameter for no project's name."""
    if not project or "/" in project or project in {".", ".."}:
        raise typer.BadParameter(f"{project!r} cannot be a project's name or id")
    return "/" + "/".join(quote(part, safe="") for part in ("projects", project, *rest))


@contextmanager
def _draft_of(target: Path) -> Iterator[BinaryIO]:
    """A file that becomes `target` when all went well, and goes when not."""
    _require_free(target)
    draft = target.with_name(f".{uuid4().hex}.part")
    try:
        file = draft.open("xb")
    except OSError as error:  # It is said of the file that was asked for.
        raise OSError(error.errno, error.strerror, str(target)) from error
    try:
        with file:
            yield file
        _require_free(target)  # One may have come meanwhile.
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _require_free(target: Path) -> None:
    if os.path.lexists(target):
        raise FileExists(f"{target} is there already")


@contextmanager
def _reachable(http: httpx.Client) -> Iterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as error:
        why = certificate_fault(error) or str(error) or type(error).__name__
        raise ApiUnreachable(
            f"no API answers at {http.base_url}{_through(http.base_url)}: {why}"
        ) from error


def _through(url: httpx.URL) -> str:
    """What a message about an address says of the proxy before it."""
    proxy = find_proxy(url)
    return f" through the proxy {proxy}" if proxy else ""


def _left_by_up() -> dict[str, str]:
    try:
        left = json.loads(CONNECTION_FILE.read_text())
    except (OSError, ValueError):
        return {}
    return left if isinstance(left, dict) else {}


def leave_connection(url: str, key: str) -> None:
    """Write the file that `connect` reads; nobody else may read it."""
    CONNECTION_FILE.parent.mkdir(parents=True, exist_ok=True)
    draft = CONNECTION_FILE.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump({"url": url, "key": key}, stream)
    draft.replace(CONNECTION_FILE)


def forget_connection(url: str) -> None:
    """Remove the file that `leave_connection` wrote for that address."""
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
        "See whether the address is that of a miRAGe API, not of something before it.",
    )
