"""The Prometheus metrics, named by its conventions: seconds, totals, labels with few values."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

# From a search in memory to a batch on a slow processor.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

HTTP_SECONDS = Histogram(
    "mirage_http_seconds",
    "Time of HTTP requests by route and status.",
    ("method", "route", "status"),
    buckets=_BUCKETS,
    registry=REGISTRY,
)
SEARCH_SECONDS = Histogram(
    "mirage_search_seconds",
    "Time of a search by stage: embed (the query's vector), plan (its words and the passages"
    " with them, at the same time), database (vectors, fusion, citations), context.",
    ("stage",),
    buckets=_BUCKETS,
    registry=REGISTRY,
)
PARSE_SECONDS = Histogram(
    "mirage_parse_seconds",
    "Time of parsing a document by media type.",
    ("media_type",),
    buckets=_BUCKETS,
    registry=REGISTRY,
)
EMBED_SECONDS = Histogram(
    "mirage_embed_seconds",
    "Time of embedding one claim of passages.",
    buckets=_BUCKETS,
    registry=REGISTRY,
)
EMBED_TEXTS = Counter("mirage_embed_texts", "Passages embedded.", registry=REGISTRY)
MCP_CALLS = Counter(
    "mirage_mcp_calls",
    "Calls of the tools for agents by tool and outcome: ok, or the code of the error.",
    ("tool", "outcome"),
    registry=REGISTRY,
)
DOCUMENTS = Gauge("mirage_documents", "Documents by status.", ("status",), registry=REGISTRY)
CHUNKS = Gauge("mirage_chunks", "Passages by status.", ("status",), registry=REGISTRY)
OLDEST_PENDING_SECONDS = Gauge(
    "mirage_oldest_pending_seconds",
    "Age of the oldest document that is neither ready nor failed; 0 without one.",
    registry=REGISTRY,
)
BACKUP_FINISHED = Gauge(
    "mirage_backup_finished_timestamp_seconds",
    "When the last good backup was finished (Unix time); 0 without one.",
    registry=REGISTRY,
)
BACKUP_FAILED = Gauge(
    "mirage_backup_failed",
    "1 if the last backup failed, otherwise 0.",
    registry=REGISTRY,
)


@contextmanager
def timed(histogram: Histogram) -> Iterator[None]:
    """Observe the time of the block, even if it fails."""
    started = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - started)
