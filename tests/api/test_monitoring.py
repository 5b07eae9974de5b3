"""The port for Prometheus and probes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from mirage.api.monitoring import create_monitoring_app
from mirage.config import Database as DatabaseSettings
from mirage.db import Database
from mirage.db.backup.outcome import record_failure, record_success
from tests.api.conftest import Index, upload


@pytest.fixture
async def monitor(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the monitoring port."""
    transport = httpx.ASGITransport(create_monitoring_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_metrics_show_the_queue_and_what_was_done(
    client: httpx.AsyncClient, shelf: str, index: Index, monitor: httpx.AsyncClient
) -> None:
    await upload(client, shelf, "a.md", b"# Lamp\n\nThe keeper lit the lamp.\n")
    waiting = (await monitor.get("/metrics")).text
    assert 'mirage_documents{status="pending"} 1.0' in waiting
    await index()
    await client.post(f"{shelf}/search", json={"query": "lamp"})
    done = (await monitor.get("/metrics")).text
    assert 'mirage_documents{status="pending"} 0.0' in done
    assert 'mirage_documents{status="ready"} 1.0' in done
    assert 'mirage_chunks{status="ready"} 1.0' in done
    assert "mirage_oldest_pending_seconds 0.0" in done
    assert 'mirage_parse_seconds_count{media_type="text/markdown"}' in done
    assert 'mirage_search_seconds_count{stage="embed"}' in done
    assert 'route="/projects/{project}/search",status="200"' in done


async def test_requests_are_counted_by_pattern_and_never_by_a_clients_path(
    client: httpx.AsyncClient, monitor: httpx.AsyncClient
) -> None:
    await client.get("/api/v1/secret-path-of-a-client")
    metrics = (await monitor.get("/metrics")).text
    assert "secret-path" not in metrics
    assert 'route="none",status="404"' in metrics


async def test_metrics_are_served_without_the_database() -> None:
    gone = Database(DatabaseSettings(host="/nonexistent"))
    transport = httpx.ASGITransport(create_monitoring_app(gone))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/health/live")).status_code == 200
        first = await client.get("/health/ready")
        assert first.status_code == 503
        component = first.json()["components"]["database"]
        assert set(component) == {"state", "since"}  # Nobody shows a key here.
        assert component["state"] == "database unavailable"
        assert (await client.get("/health/ready")).json() == first.json()
        assert "mirage_http_seconds" in (await client.get("/metrics")).text


async def test_monitoring_routes_nothing_else(monitor: httpx.AsyncClient) -> None:
    assert (await monitor.get("/api/v1/projects")).status_code == 404
    assert (await monitor.get("/docs")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/nothing", "route-not-found"), ("POST", "/metrics", "method-not-allowed")],
)
async def test_what_is_not_there_is_a_problem(
    monitor: httpx.AsyncClient, method: str, path: str, code: str
) -> None:
    answer = await monitor.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:mirage:problem:{code}"


async def test_metrics_show_the_last_backup(database: Database, monitor: httpx.AsyncClient) -> None:
    first = (await monitor.get("/metrics")).text
    assert "mirage_backup_finished_timestamp_seconds 0.0" in first
    async with database.transaction() as connection:
        await record_success(connection, "2026-11-30T093000Z")
    good = (await monitor.get("/metrics")).text
    assert "mirage_backup_finished_timestamp_seconds 0.0" not in good
    assert "mirage_backup_failed 0.0" in good
    async with database.transaction() as connection:
        await record_failure(connection, "the folder is full")
    bad = (await monitor.get("/metrics")).text
    assert "mirage_backup_failed 1.0" in bad
    assert "mirage_backup_finished_timestamp_seconds 0.0" not in bad
