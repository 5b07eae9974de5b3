"""One line per request, without what the client said."""

import json
import logging
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mirage.api import create_app
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.log import JsonFormatter
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from tests.api.conftest import KEY, upload


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Return the lines until now, as they are written."""
    caplog.set_level(logging.INFO, logger="mirage.requests")

    def written() -> list[str]:
        return [
            JsonFormatter().format(record)
            for record in caplog.records
            if record.name == "mirage.requests"
        ]

    return written


async def test_request_is_one_line_without_its_text(
    client: httpx.AsyncClient, shelf: str, lines: Any
) -> None:
    await upload(client, shelf, "secret-name.md", b"# Lamp\n\nThe keeper lit the lamp.\n")
    answer = await client.post(f"{shelf}/search", json={"query": "secret question"})
    *_, line = lines()
    fields = json.loads(line)
    assert fields.pop("time")
    assert 0 < fields.pop("milliseconds") < 60_000
    assert fields == {
        "level": "info",
        "logger": "mirage.requests",
        "message": "request",
        "method": "POST",
        "route": "/projects/{project}/search",
        "status": 200,
        "bytes": len(answer.content),
        "key": "settings",
    }
    for line in lines():
        assert "\n" not in line
        for word in ("secret", "keeper", "shelf", KEY):
            assert word not in line


async def test_created_key_is_named_by_its_id(client: httpx.AsyncClient, lines: Any) -> None:
    body = {"name": "reader", "scope": "read"}
    made = (await client.post("/api/v1/keys", json=body)).json()
    await client.get("/api/v1/projects", headers={"X-API-Key": made["token"]})
    *_, line = lines()
    assert json.loads(line)["key"] == made["id"]
    assert made["token"] not in "".join(lines())


async def test_refused_request_is_logged_without_a_key(
    client: httpx.AsyncClient, lines: Any
) -> None:
    await client.get("/api/v1/projects", headers={"X-API-Key": "wrong"})
    await client.get("/api/v1/secret-path-of-a-client")
    refused, unknown = map(json.loads, lines())
    assert (refused["status"], refused["key"]) == (401, None)
    assert (unknown["status"], unknown["route"]) == (404, "none")


async def test_probes_are_left_out(client: httpx.AsyncClient, lines: Any) -> None:
    await client.get("/health/live")
    await client.get("/health/ready")
    assert lines() == []
    await client.get("/health")
    assert len(lines()) == 1


async def test_log_of_requests_can_be_turned_off(
    database: Database, store: VolumeStore, embedder: FakeEmbedder, lines: Any
) -> None:
    settings = load_settings(
        api={"key": SecretStr(KEY)}, documents={"path": store.root}, log={"requests": False}
    )
    app = create_app(settings, database=database, store=store, embedder=embedder)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers={"X-API-Key": KEY}
    ) as client:
        assert (await client.get("/api/v1/projects")).is_success
    assert lines() == []
