"""Serves `/metrics` and the probes on a separate port, which no Ingress routes.

API and indexer serve the same three paths; the indexer has no other port.
"""

from contextlib import suppress

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mirage import telemetry
from mirage.api.http import problems
from mirage.api.http.answers import Answers
from mirage.api.routes.health import live, readiness
from mirage.db import Database
from mirage.db.backup.outcome import last_outcome
from mirage.db.queue.backlog import measure_backlog
from mirage.errors import DatabaseUnavailable
from mirage.health import DatabaseHealth


def create_monitoring_app(database: Database) -> FastAPI:
    """Return an application with `/metrics`, `/health/live` and `/health/ready`."""
    app = FastAPI(title="miRAGe monitoring", docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app)
    app.add_middleware(Answers)
    health_checks = DatabaseHealth(database)
    app.get("/health/live")(live)

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        return await readiness(health_checks)

    @app.get("/metrics")
    async def metrics() -> Response:
        with suppress(DatabaseUnavailable):  # The metrics of the process are still useful.
            async with database.transaction() as connection:
                backlog = await measure_backlog(connection)
                backup = await last_outcome(connection)
            for status, count in backlog.documents.items():
                telemetry.DOCUMENTS.labels(status).set(count)
            for status, count in backlog.chunks.items():
                telemetry.CHUNKS.labels(status).set(count)
            telemetry.OLDEST_PENDING_SECONDS.set(backlog.oldest_pending_seconds)
            finished = backup.finished_at
            telemetry.BACKUP_FINISHED.set(finished.timestamp() if finished else 0)
            telemetry.BACKUP_FAILED.set(backup.failure is not None)
        return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return app
