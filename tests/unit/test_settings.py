"""Settings out of the environment."""

import pytest

from mirage.errors import ConfigError
from mirage.settings import load_settings


def test_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.ollama.model == "mxbai-embed-large"
    assert (settings.chunk.size, settings.chunk.overlap) == (400, 100)
    assert str(settings.documents.path) == "/data/documents"


def test_variables_fill_their_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRAGE_OLLAMA_URL", "http://ollama:11434")
    monkeypatch.setenv("MIRAGE_DOCUMENTS_MAX_UPLOAD_BYTES", "3221225472")
    settings = load_settings()
    assert settings.ollama.url == "http://ollama:11434"
    assert settings.documents.max_upload_bytes == 3221225472


def test_service_links_of_kubernetes_are_not_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MIRAGE_API_SERVICE_HOST": "10.43.0.7",
        "MIRAGE_API_SERVICE_PORT": "8000",
        "MIRAGE_API_SERVICE_PORT_HTTP": "8000",
        "MIRAGE_API_PORT": "tcp://10.43.0.7:8000",
        "MIRAGE_API_PORT_8000_TCP": "tcp://10.43.0.7:8000",
        "MIRAGE_API_PORT_8000_TCP_PROTO": "tcp",
        "MIRAGE_API_PORT_8000_TCP_PORT": "8000",
        "MIRAGE_API_PORT_8000_TCP_ADDR": "10.43.0.7",
        "MIRAGE_POSTGRESQL_SERVICE_HOST": "10.43.0.8",
    }.items():
        monkeypatch.setenv(name, value)
    assert load_settings().api.port == 8000


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MIRAGE_CHUNK_SZIE", "400", "MIRAGE_CHUNK_SZIE is not a setting of miRAGe"),
        ("MIRAGE_CHUNK_SIZE", "many", "MIRAGE_CHUNK_SIZE: must be a whole number"),
        ("MIRAGE_CHUNK_SIZE", "9000", "MIRAGE_CHUNK_SIZE: must be at most 8,192"),
        ("MIRAGE_LOG_LEVEL", "loud", "LOG_LEVEL: must be debug, info, warning or error"),
        ("MIRAGE_WEB_USER_HEADER", "X-User", "is set without web.trusted_proxies: name the"),
        ("MIRAGE_WEB_USER_HEADER", "X User", "MIRAGE_WEB_USER_HEADER"),
        ("MIRAGE_WEB_TRUSTED_PROXIES", "traefik", "'traefik' does not appear to be an IPv4 or"),
        ("MIRAGE_WEB_TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("MIRAGE_WEB_TRUSTED_PROXIES", "10.0.0.0/8,::/0", "::/0 is every address"),
        ("MIRAGE_CHUNK_OVERLAP", "400", r"chunk.overlap \(400\) must be smaller"),
        (
            "MIRAGE_CHUNK",
            "1",
            "set one of its fields, for example MIRAGE_CHUNK_SIZE",
        ),
        (
            "MIRAGE_CHUNK",
            "large",
            "set one of its fields, for example MIRAGE_CHUNK_SIZE",
        ),
        ("MIRAGE_OLLAMA_URL", "ollama:11434", "MIRAGE_OLLAMA_URL: must be an address"),
    ],
)
def test_mistake_is_named_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=sentence):
        load_settings()


def test_mistaken_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRAGE_API_PORT", "hunter2")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_unknown_group_is_said_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MIRAGE_CHUNKS_SIZE", "400")
    load_settings()
    assert "MIRAGE_CHUNKS_SIZE is not a setting" in caplog.text


@pytest.mark.parametrize("variable", ["MIRAGE_API_KEY", "MIRAGE_OPENAI_KEY"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_line_end_of_a_key_does_not_count(
    monkeypatch: pytest.MonkeyPatch, variable: str, end: str
) -> None:
    monkeypatch.setenv(variable, f"secret{end}")
    settings = load_settings()
    key = settings.api.key if variable == "MIRAGE_API_KEY" else settings.openai.key
    assert key is not None
    assert key.get_secret_value() == "secret"


@pytest.mark.parametrize("key", ["\n", "hunter2\nb", "\x1bhunter2", " hunter2", "hunter2\t\n"])
def test_key_that_no_header_can_carry_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MIRAGE_API_KEY", key)
    with pytest.raises(
        ConfigError, match="MIRAGE_API_KEY: the key does not fit into a header"
    ) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_key_in_other_letters_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRAGE_API_KEY", "пароль der Woche")
    key = load_settings().api.key
    assert key is not None
    assert key.get_secret_value() == "пароль der Woche"
