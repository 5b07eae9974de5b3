"""What the customer was promised: names, defaults and the commands as they were written."""

from typing import Any

import pytest
from sqlalchemy import make_url

from tests.chart.render import SECRETS, Object, Release, refusal, render

CUSTOMER = (
    "postgresql.auth.password=secret",
    "auth.apiKey=the-key",
    "ingress.enabled=true",
    "ingress.host=mirage.your-domain.ru",
)
_ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


@pytest.fixture
def customer(every_helm: str) -> Release:
    """The release of the customer's own command line."""
    return render(*CUSTOMER, helm=every_helm)


def _container(release: Release, component: str) -> Object:
    pod = release.get("Deployment", f"mirage-{component}")["spec"]["template"]["spec"]
    container: Object = pod["containers"][0]
    return container


def test_configmap_has_the_customers_names_and_defaults(customer: Release) -> None:
    assert customer.get("ConfigMap", "mirage-config")["data"] == {
        "MIRAGE_OLLAMA_URL": "http://mirage-ollama:11434",
        "MIRAGE_OLLAMA_MODEL": "mxbai-embed-large",
        "MIRAGE_CHUNK_SIZE": "400",
        "MIRAGE_CHUNK_OVERLAP": "100",
        "MIRAGE_DOCUMENTS_PATH": "/data/documents",
        "MIRAGE_DOCUMENTS_STORAGE": "volume",
    }


def test_secret_has_the_customers_keys(customer: Release) -> None:
    assert customer.secret("mirage-secret") == {
        "postgresql-password": "secret",
        "api-key": "the-key",
        "database-url": "postgresql://mirage:secret@mirage-postgresql:5432/mirage",
    }


def test_secrets_are_handed_over_by_reference(customer: Release) -> None:
    def references(component: str) -> dict[str, Any]:
        return {
            one["name"]: one["valueFrom"]["secretKeyRef"]
            for one in _container(customer, component)["env"]
            if "valueFrom" in one
        }

    url = {"name": "mirage-secret", "key": "database-url"}
    assert references("api") == {
        "MIRAGE_DATABASE_URL": url,
        "MIRAGE_API_KEY": {"name": "mirage-secret", "key": "api-key"},
    }
    assert references("indexer") == {"MIRAGE_DATABASE_URL": url}
    assert references("postgresql") == {
        "POSTGRES_PASSWORD": {"name": "mirage-secret", "key": "postgresql-password"}
    }


@pytest.mark.parametrize(
    ("component", "requests", "limits"),
    [
        ("api", ("256Mi", "100m"), ("512Mi", "500m")),
        ("indexer", ("512Mi", "200m"), ("1Gi", "1000m")),
        ("postgresql", ("256Mi", "100m"), ("512Mi", "500m")),
        ("ollama", ("2Gi", "500m"), ("4Gi", "2000m")),
    ],
)
def test_resources(component: str, requests: tuple[str, str], limits: tuple[str, str]) -> None:
    resources = _container(render(*SECRETS), component)["resources"]
    assert (resources["requests"]["memory"], resources["requests"]["cpu"]) == requests
    assert (resources["limits"]["memory"], resources["limits"]["cpu"]) == limits


@pytest.mark.parametrize(
    ("component", "size"), [("postgresql", "5Gi"), ("ollama", "10Gi"), ("documents", "10Gi")]
)
def test_claims_are_local_read_write_once_and_kept(component: str, size: str) -> None:
    claim = render(*SECRETS).get("PersistentVolumeClaim", f"mirage-{component}")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "local-path",
        "resources": {"requests": {"storage": size}},
    }


def test_secret_is_kept(customer: Release) -> None:
    annotations = customer.get("Secret", "mirage-secret")["metadata"]["annotations"]
    assert annotations == {"helm.sh/resource-policy": "keep"}


@pytest.mark.parametrize(
    ("component", "port"), [("api", 8000), ("postgresql", 5432), ("ollama", 11434)]
)
def test_services_and_their_ports(component: str, port: int) -> None:
    service = render(*SECRETS).get("Service", f"mirage-{component}")
    assert service["spec"]["ports"][0]["port"] == port


@pytest.mark.parametrize(
    ("component", "strategy"),
    [
        ("api", _ROLLING),
        ("indexer", _ROLLING),
        ("postgresql", {"type": "Recreate"}),
        ("ollama", {"type": "Recreate"}),
    ],
)
def test_one_replica_and_how_it_is_replaced(component: str, strategy: Object) -> None:
    spec = render(*SECRETS).get("Deployment", f"mirage-{component}")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, strategy)


def test_ingress_asks_traefik_and_cert_manager(customer: Release) -> None:
    ingress = customer.get("Ingress", "mirage-api")
    assert ingress["metadata"]["annotations"] == {
        "cert-manager.io/cluster-issuer": "letsencrypt-prod"
    }
    backend = {"service": {"name": "mirage-api", "port": {"name": "http"}}}
    assert ingress["spec"] == {
        "ingressClassName": "traefik",
        "tls": [{"hosts": ["mirage.your-domain.ru"], "secretName": "mirage-tls"}],
        "rules": [
            {
                "host": "mirage.your-domain.ru",
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }
        ],
    }


def test_ingress_without_tls_has_neither_certificate_nor_issuer() -> None:
    ingress = render(*CUSTOMER, "ingress.tls.enabled=false").get("Ingress", "mirage-api")
    assert "annotations" not in ingress["metadata"]
    assert "tls" not in ingress["spec"]


def test_probes_ask_the_program_itself_and_not_its_neighbours(customer: Release) -> None:
    api = _container(customer, "api")
    paths = {
        name: api[f"{name}Probe"]["httpGet"]["path"]
        for name in ("startup", "liveness", "readiness")
    }
    assert paths == {
        "startup": "/health/ready?wait=50",
        "liveness": "/health/live",
        "readiness": "/health/ready",
    }
    command = _container(customer, "postgresql")["readinessProbe"]["exec"]["command"]
    assert command[:3] == ["pg_isready", "-U", "mirage"]
    assert _container(customer, "ollama")["readinessProbe"]["httpGet"]["path"] == "/api/version"


def test_indexer_migrates_before_it_starts(customer: Release) -> None:
    pod = customer.get("Deployment", "mirage-indexer")["spec"]["template"]["spec"]
    assert [one["args"] for one in pod["initContainers"]] == [["migrate"]]
    assert [one["args"] for one in pod["containers"]] == [["indexer"]]


@pytest.mark.parametrize(
    ("sets", "image"),
    [
        ((), "ghcr.io/mirage-rag/mirage:0.1.0"),
        (("image.registry=", "image.repository=mirage", "image.tag=latest"), "mirage:latest"),
        (
            ("image.tag=v1", f"image.digest=sha256:{'0' * 64}"),
            f"ghcr.io/mirage-rag/mirage@sha256:{'0' * 64}",
        ),
    ],
)
def test_image(sets: tuple[str, ...], image: str) -> None:
    api = _container(render(*SECRETS, *sets), "api")
    assert (api["image"], api["imagePullPolicy"]) == (image, "IfNotPresent")


@pytest.mark.parametrize(
    "password",
    [
        "a@b:c/d?e#f%g'h\"i j+k",
        "&=;$!*()[]{}<>|~`^",
        "пароль",
        " leading and trailing ",
        "back\\slash",
    ],
)
def test_password_of_any_characters_comes_through_the_url(password: str, every_helm: str) -> None:
    escaped = "".join(f"\\{char}" if char in ",\\{}[]=" else char for char in password)
    release = render(f"postgresql.auth.password={escaped}", helm=every_helm)
    secret = release.secret("mirage-secret")
    assert secret["postgresql-password"] == password
    assert make_url(secret["database-url"]).password == password


@pytest.mark.parametrize("host", ["fd00::1", "[fd00::1]"])
def test_address_of_ipv6_stands_in_brackets_in_the_url(host: str, every_helm: str) -> None:
    external = ("postgresql.enabled=false", "externalDatabase.password=p", "auth.apiKey=key")
    release = render(*external, f"externalDatabase.host={host}", helm=every_helm)
    url = release.secret("mirage-secret")["database-url"]
    assert url == "postgresql://mirage:p@[fd00::1]:5432/mirage"


def test_password_of_digits_must_be_quoted(every_helm: str) -> None:
    path, digits = "postgresql.auth.password", "12345678901234567890"
    quoted = render(values={path: digits}, helm=every_helm)
    assert quoted.secret("mirage-secret")["postgresql-password"] == digits
    # Helm would make 12345678901234567000 of it.
    assert refusal(values={path: int(digits)}, helm=every_helm) == [
        "ERROR: postgresql.auth.password is not a text: put it in quotes, or use --set-string, "
        "because YAML rewrites numbers and words such as yes"
    ]


def test_helm_test_is_two_pods_with_a_deadline_below_helms(customer: Release) -> None:
    pods = [one for one in customer.objects if one["kind"] == "Pod"]
    assert [one["metadata"]["name"] for one in pods] == ["mirage-test-health", "mirage-test-ingest"]
    for weight, pod in enumerate(pods):
        assert pod["metadata"]["annotations"] == {
            "helm.sh/hook": "test",
            "helm.sh/hook-weight": str(weight),
            "helm.sh/hook-delete-policy": "before-hook-creation",
        }
        assert pod["spec"]["activeDeadlineSeconds"] < 300
        assert pod["spec"]["restartPolicy"] == "Never"
    assert pods[0]["spec"]["containers"][0]["command"][-1] == "http://mirage-api:8000/health"
    assert pods[1]["spec"]["containers"][0]["args"] == ["test"]


@pytest.mark.parametrize("version", ["1.29.0", "v1.31.4+k3s1", "v1.33.5-gke.1080000"])
def test_kubernetes_is_accepted(version: str, every_helm: str) -> None:
    assert render(helm=every_helm, options=("--kube-version", version)).objects


def test_older_kubernetes_is_refused(every_helm: str) -> None:
    with pytest.raises(AssertionError, match=r"requires kubeVersion: >=1\.29\.0-0"):
        render(helm=every_helm, options=("--kube-version", "1.28.15"))


def test_secrets_stand_nowhere_but_in_the_secret(customer: Release) -> None:
    for one in customer.objects:
        if one["kind"] != "Secret":
            assert "the-key" not in str(one)
            assert "secret@" not in str(one)


OPENAI = (
    "config.embedding.backend=openai",
    "config.openai.url=http://tei:8080",
    "config.openai.model=BAAI/bge-m3",
)


@pytest.mark.parametrize("component", ["api", "indexer"])
@pytest.mark.parametrize(
    ("sets", "secret"),
    [
        (("auth.openaiKey=the-openai-key",), "mirage-secret"),
        (("auth.openaiExistingSecret=mine",), "mine"),
    ],
)
def test_key_of_the_embedding_server_is_handed_over_by_reference(
    sets: tuple[str, ...], secret: str, component: str
) -> None:
    release = render(*SECRETS, *OPENAI, *sets)
    (variable,) = [
        one for one in _container(release, component)["env"] if one["name"] == "MIRAGE_OPENAI_KEY"
    ]
    reference = {"name": secret, "key": "openai-api-key"}
    assert variable["valueFrom"] == {"secretKeyRef": reference}
    assert (
        str(release.objects).count("MIRAGE_OPENAI_KEY") == 2
    )  # Not where only the schema is made.
    assert release.secret("mirage-secret").get("openai-api-key") == (
        "the-openai-key" if secret == "mirage-secret" else None
    )
    assert "the-openai-key" not in str([one for one in release.objects if one["kind"] != "Secret"])


def test_embedding_server_without_a_key_is_sent_none() -> None:
    release = render(*SECRETS, *OPENAI)
    assert "MIRAGE_OPENAI_KEY" not in str(release.objects)
    assert "openai-api-key" not in release.secret("mirage-secret")


def test_no_line_break_hides_in_a_secret() -> None:
    (line,) = refusal("auth.apiKey=a\nb")
    assert line == (
        "ERROR: auth.apiKey cannot be used: use a key that an HTTP header can carry: no line break "
        "or other control character (`echo -n` writes none), and no blank at either end"
    )
