"""What is printed after an installation: the exact next commands, and no secret."""

from pathlib import Path

import pytest

from tests.chart.render import SECRETS, VALUES_FILES, notes, render

VALUES = Path(__file__).parent / "values"


def test_notes_are_the_customers_next_commands(every_helm: str) -> None:
    lines = [line.strip() for line in notes(helm=every_helm).splitlines()]
    for command in (
        "kubectl get pods -n rag -l app.kubernetes.io/instance=mirage",
        "kubectl exec -n rag deploy/mirage-ollama -- ollama pull mxbai-embed-large",
        "kubectl port-forward -n rag svc/mirage-api 8000:8000 >/dev/null &",
        "curl http://localhost:8000/health",
        "mirage documents add --project test test.pdf",
        "helm test mirage -n rag --logs",
    ):
        assert command in lines


def test_notes_read_the_key_from_the_secret_and_print_none() -> None:
    text = notes("auth.apiKey=the-key", "postgresql.auth.password=the-password")
    assert "get secret -n rag mirage-secret -o jsonpath='{.data.api-key}'" in text
    assert "the-key" not in text
    assert "the-password" not in text


def test_notes_name_the_users_own_secret() -> None:
    text = notes("auth.existingSecret=mine", "auth.existingSecretKey=my.key")
    assert "get secret -n rag mine -o jsonpath='{.data.my\\.key}'" in text


def test_notes_of_a_pulling_job_show_its_log_instead_of_the_command() -> None:
    text = notes("ollama.pullModel=true")
    assert "ollama pull" not in text
    assert "A Job is pulling mxbai-embed-large." in text
    assert "app.kubernetes.io/name=ollama-pull" in text


def test_notes_name_the_embedding_server_instead_of_ollama() -> None:
    text = notes(
        "ollama.enabled=false",
        "config.embedding.backend=openai",
        "config.openai.url=http://tei.models:8080",
        "config.openai.model=BAAI/bge-m3",
        "auth.openaiKey=the-openai-key",
    )
    assert "the embedding server at http://tei.models:8080 has the model BAAI/bge-m3" in text
    assert "ollama" not in text.lower()
    assert "the-openai-key" not in text


def test_notes_name_the_bucket_instead_of_a_claim() -> None:
    text = notes(files=(Path(__file__).parent / "values" / "s3-aws.yaml",))
    assert "from the bucket originals" in text
    assert "mirage-documents" not in text
    assert "the-secret-key" not in text


def test_notes_name_the_address_of_the_ingress() -> None:
    text = notes("ingress.enabled=true", "ingress.host=mirage.example.org")
    assert "https://mirage.example.org" in text


def _warnings(*sets: str, options: tuple[str, ...] = ()) -> list[str]:
    text = notes(*sets, options=options)
    return [
        line.removeprefix("WARNING: ") for line in text.splitlines() if line.startswith("WARNING")
    ]


_ALWAYS = [
    "the API has one replica, so it pauses while its pod moves to another node",
    "there are no NetworkPolicies, so every pod of the cluster may connect to all components: set "
    "networkPolicy.enabled=true if the cluster's network enforces them",
]
_GIVEN = ("auth.apiKey=key", "networkPolicy.enabled=true", "api.replicas=null")


def test_default_installation_is_warned_of_what_is_left_to_do() -> None:
    assert _warnings() == [
        *_ALWAYS,
        "the API key is generated and stands only in the Secret mirage-secret: keep a copy",
    ]


def test_nothing_to_warn_of_is_said() -> None:
    assert _warnings(*_GIVEN) == []


@pytest.mark.parametrize(
    ("sets", "warning"),
    [
        (
            ("ingress.enabled=true", "ingress.host=h"),
            "the cluster has no cert-manager, so nothing makes the certificate in the Secret "
            "mirage-tls: install cert-manager, or put a certificate there, or set "
            "ingress.tls.defaultCertificate=true",
        ),
        (
            ("ingress.enabled=true", "ingress.host=h", "ingress.tls.enabled=false"),
            "the Ingress serves HTTP, so keys and documents travel in clear text: "
            "set ingress.tls.enabled=true",
        ),
        (("ingress.host=h",), "ingress.host has no effect, because ingress.enabled is false"),
        (
            ("httpRoute.hostnames={h}",),
            "httpRoute.hostnames has no effect, because httpRoute.enabled is false",
        ),
        (
            ("ollama.persistence.enabled=false",),
            "ollama.persistence.enabled is false: its data is lost with the pod",
        ),
        (("indexer.replicas=0",), "indexer.replicas is 0: it does not run"),
        (
            (
                "config.embedding.backend=openai",
                "config.openai.url=http://tei",
                "config.openai.model=m",
            ),
            "Ollama runs, but config.embedding.backend is openai: set ollama.enabled=false",
        ),
    ],
)
def test_values_that_are_hardly_meant_are_warned_of(sets: tuple[str, ...], warning: str) -> None:
    assert _warnings(*_GIVEN, *sets) == [warning]


def test_ignored_policy_is_warned_of() -> None:
    warnings = _warnings("auth.apiKey=k", "networkPolicy.apiFrom[0].podSelector.matchLabels.a=b")
    assert (
        "networkPolicy.apiFrom has no effect, because networkPolicy.enabled is not true" in warnings
    )


def test_certificate_of_cert_manager_is_not_warned_of() -> None:
    sets = (*_GIVEN, "ingress.enabled=true", "ingress.host=h")
    assert _warnings(*sets, options=("--api-versions", "cert-manager.io/v1")) == []


def test_notes_show_what_is_installed() -> None:
    lines = notes("api.rootPath=/rag", "ingress.enabled=true", "ingress.host=h").splitlines()
    table = lines[lines.index("API         mirage-api:8000/rag") :][:5]
    assert table == [
        "API         mirage-api:8000/rag",
        "            https://h/rag",
        "Indexer     chunks of 400 tokens, from the volume mirage-documents",
        "PostgreSQL  docker.io/pgvector/pgvector:0.8.5-pg16",
        "Embeddings  mxbai-embed-large from http://mirage-ollama:11434",
    ]


@pytest.mark.parametrize(
    ("sets", "address"),
    [
        ((), "http://localhost:8000/"),
        (("api.rootPath=/rag",), "http://localhost:8000/rag/"),
        (("ingress.enabled=true", "ingress.host=h", "api.rootPath=/rag"), "https://h/rag"),
        (("config.api.publicUrl=https://rag.example.com",), "https://rag.example.com"),
    ],
)
def test_notes_name_the_page_for_people(sets: tuple[str, ...], address: str) -> None:
    assert f"   Open {address} in a browser, and log in with the key" in notes(*sets)


def test_notes_of_an_upgrade_are_short() -> None:
    text = notes(*_GIVEN, options=("--is-upgrade",))
    assert "helm test mirage -n rag --logs" in text
    assert "port-forward" not in text
    assert "ollama pull" not in text


def test_notes_say_how_to_work_with_kubectl_alone() -> None:
    assert (
        "kubectl exec -i -n rag deploy/mirage-api -- "
        "mirage documents add --project test --name test.pdf - < test.pdf"
    ) in notes()


def test_notes_name_all_that_uninstalling_leaves() -> None:
    release = render(*SECRETS)
    kept = [
        f"{'pvc' if one['kind'] == 'PersistentVolumeClaim' else 'secret'}/{one['metadata']['name']}"
        for one in release.objects
        if one["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
    ]
    tests = [name.lower() for name in release.inventory() if name.startswith("Pod/")]
    (line,) = [line for line in notes().splitlines() if "kubectl delete" in line]
    named = line.split("--ignore-not-found ")[1].split()
    assert sorted(named) == sorted([*kept, *tests])


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda file: file.stem)
def test_notes_of_every_values_file_show_no_secret(file: Path) -> None:
    text = notes(files=(file,))
    assert text.startswith("miRAGe 0.1.0: release mirage in namespace rag.")
    assert "<no value>" not in text
    for secret in ("user:password", "p@ss", "the-openai-key"):
        assert secret not in text


def test_notes_name_an_external_database() -> None:
    text = notes(files=(VALUES / "external.yaml",))
    assert "PostgreSQL  db.example.org:6432\n" in text
    text = notes(files=(VALUES / "existing-url.yaml",))
    assert "PostgreSQL  at the URL in the Secret cluster-app\n" in text
