import subprocess
import sys

import pytest

from mirage.embed import LocalEmbedder, OllamaEmbedder, OpenAIEmbedder
from mirage.embedded import choose_backend
from mirage.errors import ConfigError
from mirage.settings import load_settings
from mirage.wiring import build_embedder, open_store

OPENAI = {"MIRAGE_OPENAI_URL": "http://tei:8080", "MIRAGE_OPENAI_MODEL": "BAAI/bge-m3"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The process's own variables for embedders are out of the way."""
    for name in ("MIRAGE_EMBEDDING_BACKEND", "MIRAGE_OLLAMA_URL", *OPENAI):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("backend", "kind"),
    [("ollama", OllamaEmbedder), ("openai", OpenAIEmbedder), ("local", LocalEmbedder)],
)
async def test_backend_is_the_one_of_the_settings(
    environment: pytest.MonkeyPatch, backend: str, kind: type
) -> None:
    for name, value in {**OPENAI, "MIRAGE_EMBEDDING_BACKEND": backend}.items():
        environment.setenv(name, value)
    embedder = build_embedder(load_settings())
    assert type(embedder) is kind
    await embedder.aclose()


def test_backend_that_lacks_its_address_does_not_start(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MIRAGE_EMBEDDING_BACKEND", "openai")
    with pytest.raises(ConfigError, match="MIRAGE_OPENAI_URL is not set"):
        build_embedder(load_settings())


@pytest.mark.parametrize("address", ["http://[::1", "http://xn--/", "http://h:x"])
@pytest.mark.parametrize("backend", ["ollama", "openai"])
def test_backend_whose_address_is_none_does_not_start(
    environment: pytest.MonkeyPatch, backend: str, address: str
) -> None:
    setting = f"MIRAGE_{backend.upper()}_URL"
    for name, value in {**OPENAI, "MIRAGE_EMBEDDING_BACKEND": backend, setting: address}.items():
        environment.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{setting} is not an address"):
        build_embedder(load_settings())


@pytest.mark.parametrize(
    ("variables", "backend"),
    [
        ({}, "local"),
        ({"MIRAGE_OLLAMA_URL": "http://h"}, "ollama"),
        ({"MIRAGE_OPENAI_URL": "http://h"}, "openai"),
        ({"MIRAGE_EMBEDDING_BACKEND": "ollama"}, "ollama"),
        ({"MIRAGE_OLLAMA_URL": "http://h", "MIRAGE_EMBEDDING_BACKEND": "local"}, "local"),
    ],
)
def test_one_machine_takes_the_embedder_that_the_environment_names(
    environment: pytest.MonkeyPatch, variables: dict[str, str], backend: str
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert choose_backend() == backend


BUCKET = {
    "MIRAGE_DOCUMENTS_STORAGE": "s3",
    "MIRAGE_S3_BUCKET": "originals",
    "MIRAGE_S3_PREFIX": "team/mirage",
    "MIRAGE_S3_ACCESS_KEY": "key",
    "MIRAGE_S3_SECRET_KEY": "secret",
}


def test_store_is_the_one_of_the_settings(environment: pytest.MonkeyPatch) -> None:
    assert open_store(load_settings()).place == "/data/documents"
    for name, value in BUCKET.items():
        environment.setenv(name, value)
    assert open_store(load_settings()).place == "s3://originals/team/mirage"


@pytest.mark.parametrize(
    ("limit", "accepted"), [(5 * 1024**3, True), (5 * 1024**3 + 1, False)], ids=["at", "over"]
)
def test_uploads_that_s3_cannot_move_do_not_start(
    environment: pytest.MonkeyPatch, limit: int, accepted: bool
) -> None:
    for name, value in {**BUCKET, "MIRAGE_DOCUMENTS_MAX_UPLOAD_BYTES": str(limit)}.items():
        environment.setenv(name, value)
    if accepted:
        open_store(load_settings())
        return
    with pytest.raises(ConfigError, match="must be at most 5,368,709,120 with"):
        open_store(load_settings())


def test_volume_needs_no_client_of_s3() -> None:
    program = "import sys, mirage.api, mirage.wiring; print('obstore' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "False\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MIRAGE_S3_BUCKET", "s3://originals"),
        ("MIRAGE_S3_PREFIX", "/team"),
        ("MIRAGE_S3_ENDPOINT", "s3.example.org"),
        ("MIRAGE_S3_ENDPOINT", "https://key:secret@s3.example.org"),
        ("MIRAGE_S3_SECRET_KEY", "two words"),
    ],
)
def test_unfit_setting_of_a_bucket_does_not_start(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        load_settings()
    assert "secret@" not in str(caught.value)
    assert "two words" not in str(caught.value)
