"""Objects for Prometheus and Grafana. tests/ollama/test_prometheus.py asks a real Prometheus."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from schema.dashboard import PANELS
from tests.chart.render import ROOT, SECRETS, Release, render

VALUES = Path(__file__).parent / "values"
METRICS = {"name": "metrics", "port": 9090, "targetPort": "metrics"}


def _scaled() -> Release:
    return render(files=(VALUES / "scaled.yaml",))


def _alerts(*sets: str) -> list[dict[str, Any]]:
    release = render(*SECRETS, "metrics.rules.enabled=true", *sets)
    spec: dict[str, Any] = release.get("PrometheusRule", "mirage")["spec"]
    rules: list[dict[str, Any]] = spec["groups"][0]["rules"]
    return rules


def test_services_have_the_port_unless_it_would_be_open_to_the_outside() -> None:
    release = render(*SECRETS)
    assert METRICS in release.get("Service", "mirage-api")["spec"]["ports"]
    assert release.get("Service", "mirage-indexer")["spec"]["ports"] == [METRICS]
    for kind in ("NodePort", "LoadBalancer"):
        service = render(*SECRETS, f"api.service.type={kind}").get("Service", "mirage-api")
        assert METRICS not in service["spec"]["ports"]


def test_monitor_finds_the_pods_that_have_metrics() -> None:
    release = _scaled()
    spec = release.get("PodMonitor", "mirage")["spec"]
    (rule,) = spec["selector"]["matchExpressions"]
    found = {
        name
        for name, pod in release.workloads()
        if spec["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        and pod["metadata"]["labels"][rule["key"]] in rule["values"]
    }
    serve = {
        name
        for name, pod in release.workloads()
        for container in pod["spec"]["containers"]
        if "metrics" in [port["name"] for port in container.get("ports", [])]
    }
    assert found == serve == {"Deployment/mirage-api", "Deployment/mirage-indexer"}
    (endpoint,) = spec["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["interval"]) == ("metrics", "15s")
    assert endpoint["relabelings"][0]["replacement"] == "mirage-$1"


def test_each_alert_has_instructions() -> None:
    headings = re.findall("^## (.*)$", (ROOT / "docs" / "alerts.md").read_text(), re.MULTILINE)
    alerts = _alerts("backup.enabled=true")
    assert {one["alert"] for one in alerts} == set(headings)
    for one in alerts:
        page, _, anchor = one["annotations"]["runbook_url"].partition("#")
        assert page == "https://github.com/mirage-rag/mirage/blob/main/docs/alerts.md"
        assert anchor == one["alert"].lower()


def test_alerts_are_about_this_release_alone() -> None:
    for one in _alerts("backup.enabled=true"):
        for selector in re.findall(r"\{(.*?)\}", one["expr"]):
            assert 'namespace="rag"' in selector
            assert re.search('job=~?"mirage-', selector)
        assert one["annotations"]["summary"].startswith("miRAGe rag/mirage: ")


def test_limits_of_alerts_are_the_users() -> None:
    expressions = {
        one["alert"]: one["expr"]
        for one in _alerts(
            "backup.enabled=true",
            "metrics.rules.waitingSeconds=1000000",
            "metrics.rules.backupAgeHours=30",
        )
    }
    assert expressions["MirageWaits"].endswith("> 1000000")
    assert expressions["MirageBackupOld"].endswith("> 108000")


@pytest.mark.parametrize(
    ("sets", "down", "old"),
    [
        ((), 2, False),
        (("indexer.enabled=false", "postgresql.enabled=false", "postgresql.auth.password=null",
          "externalDatabase.host=h", "externalDatabase.password=p"), 1, False),
        (("backup.enabled=true",), 2, True),
    ],
)  # fmt: skip
def test_alerts_are_for_what_runs(sets: tuple[str, ...], down: int, old: bool) -> None:
    names = [one["alert"] for one in _alerts(*sets)]
    assert names.count("MirageDown") == down
    assert ("MirageBackupOld" in names) == old


def test_dashboard_is_handed_over_whole() -> None:
    shipped = _scaled().get("ConfigMap", "mirage-dashboard")
    assert shipped["metadata"]["labels"]["dashboards"] == "grafana"
    board = json.loads(shipped["data"]["mirage.json"])
    titles = [panel["title"] for panel in board["panels"]]
    assert titles == [panel.title for panel in PANELS]
    assert len(titles) >= 12
    default = render(*SECRETS, "metrics.dashboard.enabled=true")
    labels = default.get("ConfigMap", "mirage-dashboard")["metadata"]["labels"]
    assert labels["grafana_dashboard"] == "1"


def test_panels_do_not_overlap() -> None:
    board = json.loads(_scaled().get("ConfigMap", "mirage-dashboard")["data"]["mirage.json"])
    cells = [
        (x, y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
