"""NetworkPolicies: what each component may reach."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.chart.render import CHART, SECRETS, Object, render

VALUES = Path(__file__).parent / "values"


def _reached(policy: Object) -> list[tuple[list[int | str], list[str] | None]]:
    """Ports and components or CIDRs of each egress rule; None: anywhere."""
    return [
        (
            [port["port"] for port in rule["ports"]],
            [_component(peer) for peer in rule["to"]] if "to" in rule else None,
        )
        for rule in policy["spec"].get("egress", [])
    ]


def _component(peer: dict[str, Any]) -> str:
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    labels = peer["podSelector"]["matchLabels"]
    assert labels["app.kubernetes.io/instance"] == "mirage"
    name: str = labels["app.kubernetes.io/name"]
    return name


DNS: tuple[list[int | str], None] = ([53, 53], None)


@pytest.mark.parametrize(
    ("component", "reached"),
    [
        ("api", [DNS, ([5432], ["postgresql"]), ([11434], ["ollama"])]),
        ("indexer", [DNS, ([5432], ["postgresql"]), ([11434], ["ollama"])]),
        ("postgresql", []),
        ("ollama", [DNS, ([443, 5055], None)]),
        ("ollama-pull", [DNS, ([11434], ["ollama"])]),
        ("test", [DNS, (["http"], ["api"])]),
    ],
)
def test_each_component_reaches_only_what_it_needs(component: str, reached: Any) -> None:
    release = render(
        *SECRETS,
        "networkPolicy.enabled=true",
        "networkPolicy.registryPorts={443,5055}",
        "ollama.pullModel=true",
    )
    policy = release.get("NetworkPolicy", f"mirage-{component}")
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert _reached(policy) == reached


@pytest.mark.parametrize(
    ("version", "sets", "there"),
    [
        ("v1.34.1+k3s1", (), True),
        ("v1.34.1+k3s1", ("networkPolicy.enabled=false",), False),
        ("v1.34.1-gke.100", (), False),
        ("v1.34.1-gke.100", ("networkPolicy.enabled=true",), True),
    ],
)
def test_policies_are_there_where_the_cluster_enforces_them(
    version: str, sets: tuple[str, ...], there: bool, tmp_path: Path
) -> None:
    # Helm 3 shortens --kube-version, but not the version that a cluster has.
    chart = tmp_path / "mirage"
    shutil.copytree(CHART, chart)
    policy = chart / "templates" / "_policy.tpl"
    asked = ".Capabilities.KubeVersion.Version"
    assert policy.read_text().count(asked) == 1
    policy.write_text(policy.read_text().replace(asked, f'"{version}"'))
    release = render(*SECRETS, *sets, chart=chart)
    names = [name for name in release.inventory() if name.startswith("NetworkPolicy/")]
    assert len(names) == (5 if there else 0)


def test_ports_are_written_as_kubernetes_keeps_them() -> None:
    """Otherwise each `kubectl apply` has something to change."""
    policies = [
        one
        for file in ("everything", "gitops")
        for one in render(files=(VALUES / f"{file}.yaml",)).objects
        if one["kind"] == "NetworkPolicy"
    ]
    ports = [
        port
        for policy in policies
        for rule in (*policy["spec"].get("ingress", []), *policy["spec"].get("egress", []))
        for port in rule["ports"]
        if port["port"] != 4317  # The user's own.
    ]
    assert len(ports) > 20
    assert [port for port in ports if port.get("protocol") not in ("TCP", "UDP")] == []


def test_external_services_are_reached_by_their_ports() -> None:
    release = render(files=(VALUES / "external.yaml",))
    assert _reached(release.get("NetworkPolicy", "mirage-api")) == [
        DNS,
        ([6432], ["10.0.0.0/8"]),
        ([443], None),
    ]


def test_embedding_server_is_reached_by_its_port_and_no_ollama() -> None:
    release = render(files=(VALUES / "openai.yaml",))
    for component in ("api", "indexer"):
        policy = release.get("NetworkPolicy", f"mirage-{component}")
        assert _reached(policy) == [DNS, ([5432], ["postgresql"]), ([8080], None)]


@pytest.mark.parametrize("component", ["api", "indexer", "ollama-pull"])
def test_embedder_is_reached_through_the_port_of_its_proxy(component: str) -> None:
    release = render(
        *SECRETS,
        "networkPolicy.enabled=true",
        "ollama.pullModel=true",
        "config.embedding.proxy=http://proxy:3128",
    )
    policy = release.get("NetworkPolicy", f"mirage-{component}")
    assert _reached(policy)[-1] == ([3128], None)


def test_named_callers_of_the_api_do_not_shut_out_the_tests() -> None:
    policy = render(files=(VALUES / "everything.yaml",)).get("NetworkPolicy", "mirage-rag-api")
    rule, _ = policy["spec"]["ingress"]
    assert _component(rule["from"][0]) == "test"
    assert "namespaceSelector" in rule["from"][1]


def test_peers_and_further_egress_are_the_users() -> None:
    release = render(files=(VALUES / "everything.yaml",))
    collector: tuple[list[int | str], None] = ([4317], None)
    assert _reached(release.get("NetworkPolicy", "mirage-rag-api")) == [
        DNS,
        ([5432], ["postgresql"]),
        ([3128], ["10.1.0.0/16"]),
        collector,
    ]
    assert _reached(release.get("NetworkPolicy", "mirage-rag-ollama")) == [
        DNS,
        ([443, 5000, 3128], ["10.2.0.0/16"]),
        collector,
    ]
