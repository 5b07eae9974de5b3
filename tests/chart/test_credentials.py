"""Credentials come from Secrets, under the users' keys, and stand nowhere else."""

from pathlib import Path
from typing import Any

import pytest

from tests.chart.render import Object, Release, render

VALUES = Path(__file__).parent / "values"


def _secrets(release: Release, name: str) -> dict[str, Any]:
    pod = release.get("Deployment", name)["spec"]["template"]["spec"]
    container: Object = pod["containers"][0]
    return {
        one["name"]: (reference["name"], reference["key"])
        for one in container["env"]
        if (reference := one.get("valueFrom", {}).get("secretKeyRef"))
    }


def test_keys_of_existing_secrets_are_the_users() -> None:
    release = render(files=(VALUES / "existing-secrets.yaml",))
    assert _secrets(release, "mirage-api") == {
        "MIRAGE_DATABASE_PASSWORD": ("database", "password"),
        "MIRAGE_API_KEY": ("keys", "mirage"),
    }
    assert _secrets(release, "mirage-postgresql") == {"POSTGRES_PASSWORD": ("database", "password")}


def test_token_and_proxy_of_an_external_ollama() -> None:
    release = render(files=(VALUES / "only-api.yaml",))
    assert _secrets(release, "reader-api") == {
        "MIRAGE_DATABASE_PASSWORD": ("db", "password"),
        "MIRAGE_API_KEY": ("keys", "api-key"),
        "MIRAGE_OLLAMA_TOKEN": ("ollama", "token"),
        "MIRAGE_EMBEDDING_PROXY_AUTH": ("proxy", "user"),
    }


def test_given_token_stands_only_in_the_secret() -> None:
    release = render(files=(VALUES / "external.yaml",))
    assert release.secret("mirage-secret")["ollama-token"] == "user:password"
    for component in ("api", "indexer"):
        token = _secrets(release, f"mirage-{component}")["MIRAGE_OLLAMA_TOKEN"]
        assert token == ("mirage-secret", "ollama-token")
    assert "user:password" not in str([one for one in release.objects if one["kind"] != "Secret"])


def test_job_has_the_token_and_all_models() -> None:
    sets = (
        "ollama.enabled=false",
        "ollama.url=https://ollama.example.org",
        "ollama.pullModel=true",
        "ollama.models={all-minilm,mxbai-embed-large}",
        "auth.ollamaToken=t",
    )
    (job,) = [one for one in render(*sets).objects if one["kind"] == "Job"]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["pull-model", "mxbai-embed-large", "all-minilm"]
    assert "MIRAGE_OLLAMA_TOKEN" in [one["name"] for one in container["env"]]


@pytest.mark.parametrize(
    ("file", "parameters"),
    [
        ("existing-url", "sslmode=verify-full&sslrootcert=%2Fetc%2Fmirage%2Fca%2Fca.crt"),
        (
            "external",
            "application_name=mirage%20%26%20co&sslmode=verify-full&sslrootcert=system"
            "&target_session_attrs=primary",
        ),
        ("existing-secrets", None),
    ],
)
def test_parameters_of_the_database(file: str, parameters: str | None) -> None:
    release = render(files=(VALUES / f"{file}.yaml",))
    data = release.get("ConfigMap", "mirage-config")["data"]
    assert data.get("MIRAGE_DATABASE_PARAMETERS") == parameters


def test_authorities_may_be_in_a_secret() -> None:
    release = render(files=(VALUES / "existing-url.yaml",))
    pod = release.get("Deployment", "mirage-indexer")["spec"]["template"]["spec"]
    assert {"name": "ca", "secret": {"secretName": "cluster-ca"}} in pod["volumes"]
