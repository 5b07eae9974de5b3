"""The Secret that the chart's Job makes, at an API server that speaks over a real connection."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from mirage.kubernetes import (
    Cluster,
    ClusterRefused,
    ClusterUnavailable,
    NoCluster,
    address,
    make_secret,
)
from tests.certificates import make_authority

NAME = "mirage-secret"
GENERATED = re.compile("[A-Za-z0-9]{32}")


class FakeKubernetes(HTTPServer):
    """Keeps one Secret, with versions, as the API server does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret: dict[str, Any] | None = None
        self.version = 0
        self.writes: list[str] = []
        self.tokens: set[str | None] = set()
        self.refusal: tuple[int, bytes] | None = None
        self.rivals: list[dict[str, str]] = []
        """Data that others write before the next write here."""

    def keep(self, data: dict[str, str], **metadata: Any) -> None:
        """Replace the Secret."""
        self.version += 1
        self.secret = {
            "metadata": {"name": NAME, "resourceVersion": str(self.version), **metadata},
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }

    @property
    def data(self) -> dict[str, str]:
        """The data of the Secret as text."""
        assert self.secret is not None
        return {key: base64.b64decode(one).decode() for key, one in self.secret["data"].items()}


class _Handler(BaseHTTPRequestHandler):
    server: FakeKubernetes

    def do_GET(self) -> None:
        self._answer(*((200, self.server.secret) if self.server.secret else (404, {})))

    def do_POST(self) -> None:
        body = self._body()
        if self.server.secret is not None:
            return self._answer(409, {})
        self.server.keep({})
        assert self.server.secret is not None
        self.server.secret["data"] = body["data"]
        self.server.secret["metadata"]["labels"] = body["metadata"]["labels"]
        return self._answer(201, self.server.secret)

    def do_PATCH(self) -> None:
        body, secret = self._body(), self.server.secret
        assert secret is not None
        if body["metadata"]["resourceVersion"] != secret["metadata"]["resourceVersion"]:
            return self._answer(409, {})
        secret["data"] |= body["data"]
        return self._answer(200, secret)

    def _body(self) -> Any:
        self.server.writes.append(self.command)
        if self.server.rivals:
            self.server.keep(self.server.rivals.pop(0))
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, body: Any) -> None:
        assert self.path.startswith("/api/v1/namespaces/rag/secrets")
        self.server.tokens.add(self.headers["Authorization"])
        status, text = self.server.refusal or (status, json.dumps(body).encode())
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its base names it so
        """Nothing."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Kubernetes mounts for a ServiceAccount."""
    folder = make_authority(tmp_path_factory.mktemp("pod") / "account").folder
    (folder / "token").write_text("the-token\n")
    (folder / "namespace").write_text("rag")
    return folder


@pytest.fixture
def server() -> Iterator[FakeKubernetes]:
    server = FakeKubernetes()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def _make(
    server: FakeKubernetes, account: Path, *, api_key: bool = True, postgresql: str | None = "db"
) -> list[str]:
    async with Cluster(f"http://127.0.0.1:{server.server_address[1]}", account) as cluster:
        return await make_secret(
            cluster, NAME, api_key=api_key, postgresql=postgresql, metadata={"labels": {"a": "b"}}
        )


async def test_missing_secret_is_made_whole(server: FakeKubernetes, account: Path) -> None:
    assert await _make(server, account) == ["api-key", "database-url", "postgresql-password"]
    data = server.data
    assert GENERATED.fullmatch(data["api-key"])
    assert GENERATED.fullmatch(data["postgresql-password"])
    assert data["api-key"] != data["postgresql-password"]
    assert (
        data["database-url"] == f"postgresql://mirage:{data['postgresql-password']}@db:5432/mirage"
    )
    assert server.secret is not None
    assert server.secret["metadata"]["labels"] == {"a": "b"}
    assert server.tokens == {"Bearer the-token"}


async def test_second_run_changes_nothing(server: FakeKubernetes, account: Path) -> None:
    await _make(server, account)
    before, writes = server.data, len(server.writes)
    assert await _make(server, account) == []
    assert (server.data, len(server.writes)) == (before, writes)


async def test_keys_that_are_there_stay(server: FakeKubernetes, account: Path) -> None:
    server.keep({"api-key": "", "postgresql-password": "p@ss w%rd", "other": "mine"})
    assert await _make(server, account) == ["api-key", "database-url"]
    assert GENERATED.fullmatch(server.data["api-key"])
    assert server.data["postgresql-password"] == "p@ss w%rd"
    assert make_url(server.data["database-url"]).password == "p@ss w%rd"
    assert server.data["other"] == "mine"


async def test_only_what_is_asked_for_is_generated(server: FakeKubernetes, account: Path) -> None:
    assert await _make(server, account, postgresql=None) == ["api-key"]
    assert set(server.data) == {"api-key"}


async def test_what_others_write_meanwhile_is_kept(server: FakeKubernetes, account: Path) -> None:
    server.rivals = [{"api-key": "theirs"}, {"api-key": "theirs", "postgresql-password": "theirs"}]
    assert await _make(server, account) == ["database-url"]
    assert server.data["api-key"] == server.data["postgresql-password"] == "theirs"


async def test_secret_that_never_rests_is_no_endless_loop(
    server: FakeKubernetes, account: Path
) -> None:
    server.rivals = [{} for _ in range(9)]
    with pytest.raises(ClusterUnavailable, match="mirage-secret is changed all the time"):
        await _make(server, account)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            403,
            b'{"message": "secrets is\\u0000 forbidden"}',
            ClusterRefused,
            "secrets is forbidden",
        ),
        (422, b'{"message": ["odd"]}', ClusterRefused, r"\['odd'\]"),
        (401, b"<html>", ClusterRefused, "401"),
        (503, b"", ClusterUnavailable, "Kubernetes answers 503"),
        (429, b"", ClusterUnavailable, "Kubernetes answers 429"),
        (200, b"<html>", ClusterUnavailable, "something else than JSON"),
        (200, b"[]", ClusterUnavailable, "something else than a Secret"),
    ],
)
async def test_refusal_is_one_sentence(
    server: FakeKubernetes,
    account: Path,
    status: int,
    body: bytes,
    kind: type[Exception],
    said: str,
) -> None:
    server.refusal = (status, body)
    with pytest.raises(kind, match=said):
        await _make(server, account)


async def test_server_that_is_away_is_named(account: Path) -> None:
    async with Cluster("http://127.0.0.1:9", account) as cluster:
        with pytest.raises(ClusterUnavailable, match="Kubernetes cannot be reached"):
            await cluster.get(NAME)


@pytest.mark.parametrize("missing", ["token", "namespace", "ca.crt"])
def test_pod_without_a_token_is_told_so(account: Path, tmp_path: Path, missing: str) -> None:
    for name in {"token", "namespace", "ca.crt"} - {missing}:
        (tmp_path / name).write_bytes((account / name).read_bytes())
    with pytest.raises(NoCluster, match=f"{missing}: the file cannot be read"):
        Cluster("http://127.0.0.1:9", tmp_path)


def test_address_is_that_of_the_environment() -> None:
    host = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT_HTTPS": "6443"}
    assert address(host) == "https://10.0.0.1:6443"
    assert address({"KUBERNETES_SERVICE_HOST": "fd00::1"}) == "https://[fd00::1]:443"
    with pytest.raises(NoCluster, match="KUBERNETES_SERVICE_HOST is not set"):
        address({})
