"""How many pods there are, where, and who decides it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.render import ROOT, SECRETS, Object, Release, render
from tests.chart.test_tools import kubeconform

VALUES = Path(__file__).parent / "values"
MANY_NODES = ("documents.persistence.accessModes={ReadWriteMany}",)
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
EXAMPLES = ROOT / "docs" / "examples"


def _scaled() -> Release:
    return render(files=(VALUES / "scaled.yaml",))


def _pod(release: Release, component: str) -> Object:
    pod: Object = release.get("Deployment", f"mirage-{component}")["spec"]["template"]["spec"]
    return pod


def test_autoscaler_of_the_api_measures_its_cpu() -> None:
    assert _scaled().get("HorizontalPodAutoscaler", "mirage-api")["spec"] == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "mirage-api"},
        "minReplicas": 3,
        "maxReplicas": 9,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 70},
                },
            }
        ],
    }


def test_keda_asks_the_database_for_the_work_that_is_left() -> None:
    spec = _scaled().get("ScaledObject", "mirage-indexer")["spec"]
    triggers = spec.pop("triggers")
    assert spec == {
        "scaleTargetRef": {"name": "mirage-indexer"},
        "minReplicaCount": 2,
        "maxReplicaCount": 4,
        "pollingInterval": 15,
    }
    targets = {one["name"]: one["metadata"]["targetQueryValue"] for one in triggers}
    assert targets == {"documents": "10", "passages": "1000"}
    for trigger in triggers:
        assert trigger["type"] == "postgresql"
        assert trigger["metadata"]["host"] == "mirage-postgresql.rag.svc"
        assert trigger["authenticationRef"] == {"name": "mirage-indexer"}


@pytest.mark.parametrize(
    ("sets", "parameter", "secret", "key", "host", "mode"),
    [
        (SECRETS, "password", "mirage-secret", "postgresql-password", "mirage-postgresql.rag.svc",
         "disable"),
        (("auth.generate=job",), "password", "mirage-secret", "postgresql-password",
         "mirage-postgresql.rag.svc", "disable"),
        (("postgresql.enabled=false", "externalDatabase.host=db.example.org",
          "externalDatabase.existingSecret=s", "externalDatabase.passwordKey=k",
          "externalDatabase.sslMode=require", "auth.apiKey=k"),
         "password", "s", "k", "db.example.org", "require"),
        (("postgresql.enabled=false", "externalDatabase.existingSecret=s",
          "externalDatabase.urlKey=uri", "auth.apiKey=k"), "connection", "s", "uri", None, None),
    ],
)  # fmt: skip
def test_keda_gets_the_password_from_the_secret(
    sets: tuple[str, ...], parameter: str, secret: str, key: str, host: str | None, mode: str | None
) -> None:
    release = render(*sets, "indexer.autoscaling.enabled=true")
    spec = release.get("TriggerAuthentication", "mirage-indexer")["spec"]
    assert spec == {"secretTargetRef": [{"parameter": parameter, "name": secret, "key": key}]}
    trigger = release.get("ScaledObject", "mirage-indexer")["spec"]["triggers"][0]["metadata"]
    assert (trigger.get("host"), trigger.get("sslmode")) == (host, mode)


def test_keda_may_connect_to_postgresql() -> None:
    rules = _scaled().get("NetworkPolicy", "mirage-postgresql")["spec"]["ingress"]
    keda = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "autoscaling"}}}
    assert [rule["from"] for rule in rules[1:]] == [[keda]]
    without = render(*SECRETS, "networkPolicy.enabled=true")
    assert len(without.get("NetworkPolicy", "mirage-postgresql")["spec"]["ingress"]) == 1


@pytest.mark.parametrize("component", ["api", "indexer"])
def test_number_of_pods_has_one_owner(component: str) -> None:
    assert "replicas" not in _scaled().get("Deployment", f"mirage-{component}")["spec"]
    assert render(*SECRETS).get("Deployment", f"mirage-{component}")["spec"]["replicas"] == 1


@pytest.mark.parametrize("component", ["api", "indexer"])
@pytest.mark.parametrize(
    ("sets", "budget"),
    [
        ((), None),
        (("replicas=2",), 1),
        (("replicas=null",), 1),
        (("replicas=2", "disruptionBudget.maxUnavailable=null"), None),
        (("replicas=3", "disruptionBudget.maxUnavailable=2"), 2),
        (("autoscaling.enabled=true",), 1),
        (("autoscaling.enabled=true", "autoscaling.minReplicas=1", "autoscaling.maxReplicas=1"),
         None),
    ],
)  # fmt: skip
def test_budget_is_there_where_there_can_be_many_pods(
    component: str, sets: tuple[str, ...], budget: int | None
) -> None:
    release = render(*SECRETS, *(f"{component}.{one}" for one in sets))
    budgets = [one for one in release.objects if one["kind"] == "PodDisruptionBudget"]
    assert [one["spec"]["maxUnavailable"] for one in budgets] == ([budget] if budget else [])
    for one in budgets:
        assert one["metadata"]["name"] == f"mirage-{component}"
        labels = {"app.kubernetes.io/name": component, "app.kubernetes.io/instance": "mirage"}
        assert one["spec"]["selector"]["matchLabels"] == labels


@pytest.mark.parametrize("component", ["api", "indexer"])
def test_many_pods_are_spread_over_nodes_and_zones(component: str) -> None:
    pod = _pod(render(*SECRETS, *MANY_NODES, f"{component}.replicas=2"), component)
    labels = {"app.kubernetes.io/name": component, "app.kubernetes.io/instance": "mirage"}
    selector = {"matchLabels": labels}
    (term,) = pod["affinity"]["podAntiAffinity"][PREFERRED]
    assert term == {
        "weight": 100,
        "podAffinityTerm": {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"},
    }
    assert pod["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": selector,
        }
    ]


@pytest.mark.parametrize("sets", [("api.replicas=2",), MANY_NODES])
def test_one_pod_or_one_node_has_nothing_to_spread(sets: tuple[str, ...]) -> None:
    pod = _pod(render(*SECRETS, *sets), "api")
    assert "topologySpreadConstraints" not in pod
    assert "podAntiAffinity" not in pod.get("affinity", {})


def test_users_own_spread_replaces_the_charts() -> None:
    given: dict[str, Any] = {
        "documents.persistence.accessModes": ["ReadWriteMany"],
        "api.replicas": 2,
        "api.affinity": {
            "nodeAffinity": {},
            "podAntiAffinity": {PREFERRED: []},
        },
        "api.topologySpreadConstraints": [
            {"maxSkew": 2, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule"}
        ],
    }
    pod = _pod(render(*SECRETS, values=given), "api")
    assert pod["affinity"] == given["api.affinity"]
    assert [one["topologyKey"] for one in pod["topologySpreadConstraints"]] == ["rack"]


def test_example_for_cloudnativepg_is_what_the_operator_knows(tmp_path: Path) -> None:
    kubeconform(EXAMPLES / "cloudnativepg.yaml")
    cluster = yaml.safe_load((EXAMPLES / "cloudnativepg.yaml").read_text())
    broken = tmp_path / "cluster.yaml"
    broken.write_text(yaml.safe_dump(cluster | {"spec": cluster["spec"] | {"replicas": 3}}))
    with pytest.raises(AssertionError, match="replicas"):
        kubeconform(broken)


def test_example_for_cloudnativepg_fits_the_chart() -> None:
    cluster = yaml.safe_load((EXAMPLES / "cloudnativepg.yaml").read_text())
    release = render("auth.apiKey=k", files=(EXAMPLES / "cloudnativepg-values.yaml",))
    name = cluster["metadata"]["name"]
    api = _pod(release, "api")
    variables = {one["name"]: one.get("valueFrom") for one in api["containers"][0]["env"]}
    reference = {"secretKeyRef": {"name": f"{name}-app", "key": "uri"}}
    assert variables["MIRAGE_DATABASE_URL"] == reference
    assert {"name": "ca", "secret": {"secretName": f"{name}-ca"}} in api["volumes"]
