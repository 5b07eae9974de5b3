import pytest

from mirage.embed import LocalEmbedder, OllamaEmbedder, OpenAIEmbedder
from mirage.embedded import choose_backend
from mirage.errors import ConfigError
from mirage.settings import load_settings
from mirage.wiring import build_embedder

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
