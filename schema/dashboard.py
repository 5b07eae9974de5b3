"""The Grafana dashboard: its panels, and their questions to Prometheus.

`$namespace` and `$release` are variables of the dashboard; `METRICS` selects a release's series.
"""

import json
from dataclasses import dataclass
from typing import Any

METRICS = 'namespace="$namespace",job=~"$release-(api|indexer)"'
_SEARCHES = f'{METRICS},route=~".*/search"'
_WIDTH = 24
"""Columns of Grafana's grid."""
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: pairs of a legend and a question, its unit, and columns."""

    title: str
    unit: str
    questions: tuple[tuple[str, str], ...]
    columns: int = 12
    kind: str = "timeseries"

    @property
    def rows(self) -> int:
        """Rows of Grafana's grid."""
        return 4 if self.kind == "stat" else 8


def _quantile(share: float, metric: str, by: str, selector: str, window: str) -> str:
    rate = f"rate({metric}_bucket{{{selector}}}[{window}])"
    return f"histogram_quantile({share}, sum by ({by}) ({rate}))"


_PENDING = f'mirage_chunks{{{METRICS},status="pending"}}'
_EMBEDDED = f"rate(mirage_embed_texts_total{{{METRICS}}}[5m])"
_STAGES = "sum by (stage) (rate(mirage_search_seconds_{part}{{{metrics}}}[5m]))"

PANELS = (
    Panel("Documents", "short",
          (("{{status}}", f"max by (status) (mirage_documents{{{METRICS}}})"),), 8, "stat"),
    Panel("Passages to embed", "short", (("", f"max({_PENDING})"),), 4, "stat"),
    Panel("Oldest document in the queue", "s",
          (("", f"max(mirage_oldest_pending_seconds{{{METRICS}}})"),), 4, "stat"),
    Panel("Passages embedded per minute", "short", (("", f"60 * sum({_EMBEDDED})"),), 4, "stat"),
    Panel("Time since the last backup", "s",
          (("", f"time() - max(mirage_backup_finished_timestamp_seconds{{{METRICS}}} > 0)"),),
          4, "stat"),
    Panel("Backlog", "short",
          (("{{status}}", f'max by (status) (mirage_chunks{{{METRICS},status!="ready"}})'),)),
    Panel("Time until the backlog is done", "s",
          (("", f"max({_PENDING}) / clamp_min(sum({_EMBEDDED}), 0.01)"),)),
    Panel("Search: median and 95 %", "s", (
        ("median", _quantile(0.5, "mirage_http_seconds", "le", _SEARCHES, "5m")),
        ("95 %", _quantile(0.95, "mirage_http_seconds", "le", _SEARCHES, "5m")),
    )),
    Panel("Search: mean time per stage", "s", ((
        "{{stage}}",
        f"{_STAGES.format(part='sum', metrics=METRICS)} / "
        f"{_STAGES.format(part='count', metrics=METRICS)}",
    ),)),
    Panel("Requests by status", "reqps", (
        ("{{status}}", f"sum by (status) (rate(mirage_http_seconds_count{{{METRICS}}}[5m]))"),
    )),
    Panel("Reading a file, 95 %", "s", (
        ("{{media_type}}",
         _quantile(0.95, "mirage_parse_seconds", "le, media_type", METRICS, "15m")),
    )),
    Panel("Embedding a claim of passages, 95 %", "s", (
        ("", _quantile(0.95, "mirage_embed_seconds", "le", METRICS, "5m")),
    )),
    Panel("Memory", "bytes", (("{{pod}}", f"process_resident_memory_bytes{{{METRICS}}}"),)),
)  # fmt: skip


def dashboard() -> str:
    """Return the dashboard as Grafana reads it."""
    board = {
        "title": "miRAGe",
        "uid": "mirage",
        "schemaVersion": 39,
        "tags": ["mirage"],
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(_variables())},
        "panels": _placed(),
    }
    return json.dumps(board, indent=1, ensure_ascii=False) + "\n"


def _placed() -> list[dict[str, Any]]:
    """Return the panels, from left to right in rows."""
    placed: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(PANELS, 1):
        if x + panel.columns > _WIDTH:
            x, y = 0, y + placed[-1]["gridPos"]["h"]
        position = {"x": x, "y": y, "w": panel.columns, "h": panel.rows}
        placed.append(_panel(panel, number, position))
        x += panel.columns
    return placed


def _panel(panel: Panel, number: int, position: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "gridPos": position,
        "datasource": _DATASOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + i), "expr": question, "legendFormat": legend}
            for i, (legend, question) in enumerate(panel.questions)
        ],
    }


def _variables() -> list[dict[str, Any]]:
    def asked(name: str, query: str, **more: str) -> dict[str, Any]:
        return {"name": name, "type": "query", "query": query, "datasource": _DATASOURCE, **more}

    releases = 'label_values(mirage_documents{namespace="$namespace"}, job)'
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        asked("namespace", "label_values(mirage_documents, namespace)"),
        asked("release", releases, regex="(.*)-(?:api|indexer)"),
    ]
