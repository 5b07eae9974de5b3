"""The environment that the chart makes is the one that the program reads."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mirage.settings import Settings, load_settings
from schema.config import tables
from tests.chart.render import SECRETS, VALUES_FILES, Object, Release, containers, render

# What Kubernetes would add for the release's own Services, were service links not off.
SERVICE_LINKS = {
    "MIRAGE_API_PORT": "tcp://10.43.0.7:8000",
    "MIRAGE_API_SERVICE_HOST": "10.43.0.7",
    "MIRAGE_OLLAMA_PORT_11434_TCP_ADDR": "10.43.0.8",
}
# Above 1e6, where templates begin to write exponents.
LARGE = {
    "config.documents.maxUploadBytes": 3_221_225_472,
    "config.indexer.parseMemoryBytes": 68_719_476_736,
    "config.embedding.batchTokens": 1_000_000,
    "config.search.exactBelow": 10_000_000,
}
# Of knobs that are unset by default.
GIVEN = {
    "config.openai.url": "http://tei:8080/v1",
    "config.openai.model": "BAAI/bge-m3",
    "config.openai.maxTokens": 1_000_000,
    "config.openai.dimensions": 512,
    "config.embedding.proxy": "http://proxy:3128",
    "config.api.publicUrl": "https://mirage.example.com",
    "config.web.userHeader": "X-Forwarded-User",
    "config.web.trustedProxies": "10.42.0.0/16",
}
BUCKET = {
    "config.documents.storage": "s3",
    "config.s3.bucket": "originals",
    "config.s3.prefix": "team/mirage",
    "config.s3.endpoint": "https://minio:9000",
    "config.s3.region": "eu-central-1",
    "config.s3.pathStyle": False,
}


def _environment(release: Release, container: Object) -> dict[str, str]:
    variables: dict[str, str] = {}
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            variables |= release.get("ConfigMap", source["configMapRef"]["name"])["data"]
    for one in container.get("env", []):
        reference = one.get("valueFrom", {}).get("secretKeyRef")
        variables[one["name"]] = _looked_up(release, reference) if reference else one["value"]
    return variables


def _looked_up(release: Release, reference: dict[str, str]) -> str:
    if f"Secret/{reference['name']}" in release.inventory():
        return release.secret(reference["name"])[reference["key"]]
    return "postgresql://u:p@h/n" if reference["key"] == "uri" else "from:the-user's-Secret"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _settings(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    with monkeypatch.context() as patch:
        for name, value in {**SERVICE_LINKS, **variables}.items():
            patch.setenv(name, value)
        return load_settings()


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda file: file.stem)
def test_program_accepts_the_environment_of_each_of_its_containers(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = render(files=(file,))
    programs = [
        _environment(release, container)
        for _, pod in release.workloads()
        for container in containers(pod)
        if container.get("args", [None])[0] in ("api", "indexer", "migrate", "pull-model", "test")
    ]
    assert len(programs) >= 2
    for variables in programs:
        settings = _settings(monkeypatch, variables)
        assert settings.chunk.overlap < settings.chunk.size


def test_private_authorities_are_mounted_where_the_program_looks() -> None:
    release = render(*SECRETS, "caCertificates.configMap=my-ca", "ollama.pullModel=true")
    mount = {"name": "ca", "mountPath": "/etc/mirage/ca", "readOnly": True}
    volume = {"name": "ca", "configMap": {"name": "my-ca"}}
    trusting = []
    for name, pod in release.workloads():
        for container in containers(pod):
            file = _environment(release, container).get("MIRAGE_EMBEDDING_CA_FILE")
            assert (mount in container.get("volumeMounts", [])) is (file == "/etc/mirage/ca/ca.crt")
            if file:
                assert volume in pod["spec"]["volumes"]
                trusting.append((name.rpartition("-pull-")[0] or name, container["name"]))
    assert trusting == [
        ("Deployment/mirage-api", "api"),
        ("Deployment/mirage-indexer", "migrate"),
        ("Deployment/mirage-indexer", "indexer"),
        ("Job/mirage", "pull"),
    ]


def test_every_knob_of_the_bucket_arrives_as_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = ("auth.s3AccessKey=the-key", "auth.s3SecretKey=the-secret")
    release = render(*SECRETS, *keys, "caCertificates.secret=my-ca", values=BUCKET)
    pod = release.get("Deployment", "mirage-indexer")["spec"]["template"]
    settings = _settings(monkeypatch, _environment(release, pod["spec"]["containers"][0]))
    assert settings.documents.storage == "s3"
    assert settings.s3.model_dump(mode="json") == {
        "bucket": "originals",
        "prefix": "team/mirage",
        "endpoint": "https://minio:9000",
        "region": "eu-central-1",
        "path_style": False,
        "access_key": "**********",
        "secret_key": "**********",
        "ca_file": "/etc/mirage/ca/ca.crt",
    }
    assert settings.s3.access_key == SecretStr("the-key")
    assert settings.s3.secret_key == SecretStr("the-secret")


def test_every_knob_arrives_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    knobs = {
        f"config.{group}.{field.alias}": (group, name)
        for group, table in tables()
        if group != "s3"
        for name, field in table.model_fields.items()
    }
    defaults = Settings()
    values = {
        path: (LARGE | GIVEN).get(path, _plain(getattr(getattr(defaults, group), name)))
        for path, (group, name) in knobs.items()
    }
    # What the others need: a backend that reads `config.openai`, and memory for the parser.
    needed = {"config.embedding.backend": "openai", "indexer.resources": None}
    values |= {"config.embedding.backend": "openai"}
    release = render(*SECRETS, values=values | needed)
    pod = release.get("Deployment", "mirage-api")["spec"]["template"]
    variables = _environment(release, pod["spec"]["containers"][0])
    settings = _settings(monkeypatch, variables)
    assert values == {
        path: _plain(getattr(getattr(settings, group), name))
        for path, (group, name) in knobs.items()
    }
    # All of them came from the chart, for a missing one would have been the default too.
    assert {f"MIRAGE_{group}_{name}".upper() for group, name in knobs.values()} <= set(variables)


@pytest.mark.parametrize(("path", "value"), list(LARGE.items()))
def test_large_numbers_are_digits(path: str, value: int, every_helm: str) -> None:
    unlimited = {"indexer.resources": None}
    by_set = render(*SECRETS, f"{path}={value}", values=unlimited, helm=every_helm)
    by_file = render(*SECRETS, values={path: value, **unlimited}, helm=every_helm)
    for release in (by_set, by_file):
        assert str(value) in release.get("ConfigMap", "mirage-config")["data"].values()


def test_parts_of_the_database_are_given_where_no_url_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = next(file for file in VALUES_FILES if file.stem == "existing-secrets")
    release = render(files=(file,))
    pod = release.get("Deployment", "mirage-indexer")["spec"]["template"]
    database = _settings(monkeypatch, _environment(release, pod["spec"]["containers"][0])).database
    assert database.url is None
    assert (database.host, database.port) == ("mirage-postgresql", 5432)
    assert (database.user, database.name) == ("mirage", "mirage")
    assert database.password is not None
