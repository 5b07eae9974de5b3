"""What `/health` says of a trouble, and since when."""

import asyncio
import re
import shutil
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
from sqlalchemy import insert, text

from mirage import config
from mirage.db import Database
from mirage.db.backup.outcome import record_failure, record_success
from mirage.db.queue.blockers import clear_blockers, record_finding, report_blocker
from mirage.db.tables import CompatibilityRow
from mirage.errors import (
    EmbedderUnavailable,
    GenerationMismatch,
    ModelMissing,
    StorageUnavailable,
    UnknownOriginals,
)
from mirage.files import VolumeStore
from mirage.files.probe import StoreProbe
from mirage.health import HealthChecks
from mirage.testing import FakeEmbedder
from tests.api.conftest import DEADLINE_SECONDS


async def test_trouble_is_dated_when_it_began_not_when_it_is_asked_for(
    database: Database, store: VolumeStore, embedder: FakeEmbedder
) -> None:
    health_checks = HealthChecks(database, store, embedder, "ollama")
    embedder.failure = EmbedderUnavailable("away")
    first = (await health_checks.examine())["ollama"]
    seen = datetime.now(UTC)
    second = (await health_checks.examine())["ollama"]
    assert first is not None
    assert second is not None
    assert second.since == first.since <= seen


async def test_another_trouble_begins_anew_and_so_does_the_same_after_it_was_over(
    database: Database, store: VolumeStore, embedder: FakeEmbedder
) -> None:
    health_checks = HealthChecks(database, store, embedder, "ollama")
    dates = []
    for failure in (EmbedderUnavailable("away"), ModelMissing("none"), None, ModelMissing("none")):
        embedder.failure = failure
        trouble = (await health_checks.examine())["ollama"]
        if failure is None:
            assert trouble is None
        else:
            assert trouble is not None
            dates.append(trouble.since)
    assert len(set(dates)) == 3


async def test_trouble_is_as_old_as_the_indexers_know(
    client: httpx.AsyncClient, database: Database, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("away")
    async with database.transaction() as connection:
        await report_blocker(connection, EmbedderUnavailable.code, "away")
        await connection.execute(text("UPDATE blocker SET since = '2026-01-01 12:00:00+00'"))
    body = (await client.get("/health")).json()
    assert body == {
        "status": "unavailable",
        "components": {
            "database": {"state": "ok"},
            "storage": {"state": "ok"},
            "ollama": {
                "state": "embedder unavailable",
                "since": "2026-01-01T12:00:00Z",
                "detail": "away",
                "remedy": EmbedderUnavailable("").remedy(),
            },
            "index": {"state": "ok"},
        },
    }


async def test_index_says_since_when_it_does_not_fit_the_model(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await report_blocker(connection, GenerationMismatch.code, "another model")
        await connection.execute(text("UPDATE blocker SET since = '2026-01-01 12:00:00+00'"))
    index = (await client.get("/health")).json()["components"]["index"]
    assert (index["state"], index["since"], index["detail"]) == (
        "generation mismatch",
        "2026-01-01T12:00:00Z",
        "another model",
    )
    client.headers.pop("X-API-Key")
    public = (await client.get("/health")).json()
    assert public["components"] == {
        "database": "ok",
        "storage": "ok",
        "ollama": "ok",
        "index": "generation mismatch",
    }


async def test_readiness_says_since_when_to_holders_of_the_key_alone(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM compatibility"))
    before = datetime.now(UTC) - timedelta(seconds=1)
    full = await client.get("/health/ready")
    trouble = full.json()["components"]["database"]
    assert full.status_code == 503
    assert before <= datetime.fromisoformat(trouble["since"]) <= datetime.now(UTC)
    assert trouble["detail"]
    client.headers.pop("X-API-Key")
    public = await client.get("/health/ready")
    assert public.json() == {
        "status": "unavailable",
        "components": {"database": trouble["state"]},
    }


async def test_database_that_is_away_is_dated_and_the_index_left_at_what_is_known(
    store: VolumeStore, embedder: FakeEmbedder
) -> None:
    away = Database(config.Database(host="127.0.0.1", port=1, connect_timeout_seconds=1))
    health_checks = HealthChecks(away, store, embedder, "ollama")
    first, second = [await health_checks.examine() for _ in range(2)]
    assert first["database"] is not None
    assert second["database"] is not None
    assert first["database"].since == second["database"].since
    assert (second["ollama"], second["index"]) == (None, None)
    await away.dispose()


async def test_running_api_dates_a_trouble_before_anybody_asks(
    client: httpx.AsyncClient, embedder: FakeEmbedder
) -> None:
    app = client._transport.app  # type: ignore[attr-defined]  # httpx names no public way
    embedder.failure = EmbedderUnavailable("away")
    async with app.router.lifespan_context(app), asyncio.timeout(DEADLINE_SECONDS):
        while not app.state.parts.health_checks.last_seen:
            await asyncio.sleep(0.01)
    dated = app.state.parts.health_checks.last_seen["ollama"].since
    since = (await client.get("/health")).json()["components"]["ollama"]["since"]
    assert since == f"{dated:%FT%TZ}"
    assert app.state.parts.health_checks.last_seen["ollama"].since == dated


async def test_store_that_lost_its_folder_makes_it_again(
    client: httpx.AsyncClient, store: VolumeStore
) -> None:
    (store.root / "incoming").rmdir()
    assert (await client.get("/health")).json() == {"status": "ok"}


async def test_store_that_cannot_be_written_is_said_with_its_reason(
    client: httpx.AsyncClient, store: VolumeStore
) -> None:
    shutil.rmtree(store.root)
    body = (await client.get("/health")).json()
    storage = body["components"]["storage"]
    assert (storage["state"], storage["remedy"]) == (
        "storage unavailable",
        StorageUnavailable("").remedy(),
    )
    assert "No such file or directory" in storage["detail"]
    assert storage["since"]
    client.headers.pop("X-API-Key")
    assert (await client.get("/health")).json()["components"]["storage"] == "storage unavailable"


async def test_store_of_another_database_is_said(
    client: httpx.AsyncClient, store: VolumeStore
) -> None:
    store.claim(other := uuid4())
    storage = (await client.get("/health")).json()["components"]["storage"]
    assert storage["state"] == "store of another database"
    assert str(other) in storage["detail"]
    assert "mirage files check" in storage["remedy"]


async def test_finding_of_the_sweep_is_dated_and_outlives_obstacles(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await record_finding(connection, UnknownOriginals.code, "no document names 50 of 60")
        await connection.execute(text("UPDATE blocker SET since = '2026-01-01 12:00:00+00'"))
        await clear_blockers(connection)
    storage = (await client.get("/health")).json()["components"]["storage"]
    assert (storage["state"], storage["since"], storage["detail"]) == (
        "unknown originals",
        "2026-01-01T12:00:00Z",
        "no document names 50 of 60",
    )


async def test_store_is_tried_once_however_many_ask(store: VolumeStore) -> None:
    tries: list[None] = []

    class Counted(VolumeStore):
        def probe(self) -> None:
            tries.append(None)
            super().probe()

    probe = StoreProbe(Counted(store.root))
    await asyncio.gather(*(probe.check() for _ in range(20)))
    await probe.check()
    assert len(tries) == 1


async def test_readiness_waits_for_the_schema(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        rows = (await connection.execute(text("DELETE FROM compatibility RETURNING *"))).mappings()
        kept = [dict(row) for row in rows]
    assert (await client.get("/health/ready")).status_code == 503
    waiting = asyncio.create_task(client.get("/health/ready", params={"wait": 60}))
    await asyncio.sleep(0)
    assert not waiting.done()
    async with database.transaction() as connection:
        await connection.execute(insert(CompatibilityRow), kept)
    assert (await waiting).status_code == 200


async def test_readiness_does_not_wait_longer_than_it_is_asked_to(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM compatibility"))
    assert (await client.get("/health/ready", params={"wait": 0.1})).status_code == 503
    assert (await client.get("/health/ready", params={"wait": 61})).status_code == 422


async def test_readiness_does_not_hold_up_a_server_that_stops(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM compatibility"))
    client._transport.app.state.parts.intake.stop()  # type: ignore[attr-defined]
    async with asyncio.timeout(30):
        answer = await client.get("/health/ready", params={"wait": 60})
    assert answer.status_code == 503


async def test_failed_backup_is_a_note_until_the_next_one_works(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await record_success(connection, "2026-11-30T093000Z")
    assert "notes" not in (await client.get("/health")).json()
    async with database.transaction() as connection:
        await record_failure(connection, "the folder of backups is full")
        await clear_blockers(connection)  # As an indexer does when nothing holds it up.
    answer = await client.get("/health")
    assert answer.status_code == 200
    (note,) = answer.json()["notes"]
    assert re.fullmatch(
        r"The backup of \d{4}-\d\d-\d\d \d\d:\d\d UTC failed: the folder of backups is full\.", note
    )
    async with database.transaction() as connection:
        await record_success(connection, "2026-12-01T093000Z")
    assert "notes" not in (await client.get("/health")).json()
