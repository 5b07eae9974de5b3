"""Access from outside: Service, Ingress, HTTPRoute."""

from pathlib import Path

from tests.chart.render import SECRETS, Release, render

VALUES = Path(__file__).parent / "values"


def _everything() -> Release:
    return render(files=(VALUES / "everything.yaml",))


def test_service_is_the_users() -> None:
    spec = _everything().get("Service", "mirage-rag-api")["spec"]
    assert spec.pop("selector")
    assert spec == {
        "type": "LoadBalancer",
        "loadBalancerClass": "example.org/internal",
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Cluster",
        "ipFamilyPolicy": "PreferDualStack",
        "ipFamilies": ["IPv6", "IPv4"],
        "ports": [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30080}],
    }


def test_tests_and_route_use_the_port_of_the_service() -> None:
    release = _everything()
    pod = release.get("Pod", "mirage-rag-test-ingest")["spec"]["containers"][0]
    assert pod["env"][0] == {"name": "MIRAGE_API_URL", "value": "http://mirage-rag-api:80"}
    route = release.get("HTTPRoute", "mirage-rag-api")["spec"]
    assert route["rules"][0]["backendRefs"] == [{"name": "mirage-rag-api", "port": 80}]


def test_ingress_has_all_hosts_and_the_prefix() -> None:
    ingress = _everything().get("Ingress", "mirage-rag-api")["spec"]
    hosts = ["mirage.example.org", "rag.example.org"]
    assert ingress["tls"] == [{"hosts": hosts, "secretName": "certificate"}]
    assert [rule["host"] for rule in ingress["rules"]] == hosts
    assert {rule["http"]["paths"][0]["path"] for rule in ingress["rules"]} == {"/mirage"}


def test_certificate_of_the_controller_needs_no_secret_and_no_issuer() -> None:
    ingress = render(files=(VALUES / "external.yaml",)).get("Ingress", "mirage-api")
    assert ingress["spec"]["tls"] == [{"hosts": ["mirage.example.org"]}]
    assert "annotations" not in ingress["metadata"]


def test_two_releases_do_not_share_a_certificate() -> None:
    sets = (*SECRETS, "ingress.enabled=true", "ingress.host=h")
    for name in ("one", "two"):
        ingress = render(*sets, release=name).get("Ingress", f"{name}-api")
        assert ingress["spec"]["tls"][0]["secretName"] == f"{name}-tls"


def test_route_attaches_to_the_gateway() -> None:
    route = _everything().get("HTTPRoute", "mirage-rag-api")
    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"]["parentRefs"] == [
        {"name": "gateway", "namespace": "gateways", "sectionName": "https"}
    ]
    assert route["spec"]["hostnames"] == ["mirage.example.org"]
    assert route["spec"]["rules"][0]["matches"] == [
        {"path": {"type": "PathPrefix", "value": "/mirage"}}
    ]


def test_program_knows_the_prefix() -> None:
    data = _everything().get("ConfigMap", "mirage-rag-config")["data"]
    assert data["MIRAGE_API_ROOT_PATH"] == "/mirage"
