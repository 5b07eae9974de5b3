"""What is printed after an installation: the exact next commands, and no secret."""

from tests.chart.render import notes


def test_notes_are_the_customers_next_commands(every_helm: str) -> None:
    lines = [line.strip() for line in notes(helm=every_helm).splitlines()]
    for command in (
        "kubectl get pods -n rag -l app.kubernetes.io/instance=mirage",
        "kubectl exec -n rag deploy/mirage-ollama -- ollama pull mxbai-embed-large",
        "kubectl port-forward -n rag svc/mirage-api 8000:8000",
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
    assert "get secret -n rag mine -o" in notes("auth.existingSecret=mine")


def test_notes_of_a_pulling_job_show_its_log_instead_of_the_command() -> None:
    text = notes("ollama.pullModel=true")
    assert "ollama pull" not in text
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


def test_notes_name_the_address_of_the_ingress() -> None:
    text = notes("ingress.enabled=true", "ingress.host=mirage.example.org")
    assert "https://mirage.example.org" in text
