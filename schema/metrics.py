"""Objects for Prometheus and Grafana."""

from typing import Annotated

from pydantic import Field

from schema.rules import text
from schema.section import Labels, Section


class PodMonitor(Section):
    """A PodMonitor of the Prometheus Operator, by which Prometheus reads the metrics."""

    enabled: bool = False
    """Create it; the cluster needs the Prometheus Operator."""
    interval: Annotated[str, text("duration")] = "30s"
    """Time between two scrapes."""
    labels: Labels | None = {}
    """Additional labels, by which a Prometheus selects it, such as `release: prometheus`."""


class MetricRules(Section):
    """A PrometheusRule with the alerts of docs/alerts.md."""

    enabled: bool = False
    """Create it; the cluster needs the Prometheus Operator."""
    waiting_seconds: Annotated[int, Field(ge=60)] = 3600
    """Age of the oldest document in the queue from which on MirageWaits fires."""
    backup_age_hours: Annotated[int, Field(ge=1)] = 50
    """Age of the last backup from which on MirageBackupOld fires; use more than the schedule."""
    labels: Labels | None = {}
    """Additional labels, by which a Prometheus selects it."""


class Dashboard(Section):
    """A Grafana dashboard in a ConfigMap, for the sidecar that the chart of Grafana offers."""

    enabled: bool = False
    """Create it."""
    labels: Labels | None = {"grafana_dashboard": "1"}
    """Labels by which the sidecar finds it."""


class Metrics(Section):
    """Monitoring. API and indexer serve their metrics on port 9090, `/metrics`."""

    pod_monitor: PodMonitor = PodMonitor()
    rules: MetricRules = MetricRules()
    dashboard: Dashboard = Dashboard()
