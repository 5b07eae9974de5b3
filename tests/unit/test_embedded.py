"""What `mirage up` does to its folder, and what it says."""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mirage import embedded
from mirage.cli.installation import NothingRuns, installed_settings
from mirage.cli.roles import _login_address, _next_steps
from mirage.embedded import _close_to_others
from mirage.errors import ConfigError
from mirage.running import borrowed_environment, left_environment


@pytest.mark.parametrize("mode", [None, 0o755])
def test_documents_are_closed_to_other_users(tmp_path: Path, mode: int | None) -> None:
    documents = tmp_path / "documents"
    if mode is not None:
        documents.mkdir(mode=mode)
    _close_to_others(documents)
    assert documents.stat().st_mode & 0o777 == 0o700


async def test_mistaken_setting_ends_the_start_before_there_is_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRAGE_CHUNK_SIZE", "many")

    def silent(*_: object) -> None:
        """Say nothing."""

    with pytest.raises(ConfigError, match="MIRAGE_CHUNK_SIZE: must be a whole number"):
        await embedded.run(tmp_path, 0, ready=silent, say=silent, progress=silent)
    assert not (tmp_path / "postgresql").exists()


def test_model_of_the_one_that_runs_is_borrowed_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRAGE_OLLAMA_MODEL", "bge-m3")
    monkeypatch.setenv("MIRAGE_OPENAI_KEY", "secret")
    with left_environment(tmp_path):
        file = tmp_path / "environment.json"
        assert file.stat().st_mode & 0o777 == 0o600
        assert "secret" not in file.read_text()
        monkeypatch.setenv("MIRAGE_OLLAMA_MODEL", "other")
        monkeypatch.setenv("MIRAGE_EMBEDDING_BACKEND", "openai")
        monkeypatch.setenv("MIRAGE_OPENAI_KEY", "mine")
        with borrowed_environment(tmp_path):
            assert os.environ["MIRAGE_OLLAMA_MODEL"] == "bge-m3"
            assert os.environ["MIRAGE_OPENAI_KEY"] == "mine"
            assert "MIRAGE_EMBEDDING_BACKEND" not in os.environ
        assert os.environ["MIRAGE_OLLAMA_MODEL"] == "other"
    assert list(tmp_path.iterdir()) == []
    with borrowed_environment(tmp_path):
        assert os.environ["MIRAGE_OLLAMA_MODEL"] == "other"


@pytest.mark.parametrize("is_environment", [True, False])
def test_next_steps_activate_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_environment: bool
) -> None:
    folder = tmp_path / "an env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "activate").touch()
    monkeypatch.setattr(sys, "prefix", str(folder if is_environment else sys.base_prefix))
    lines = _next_steps("http://localhost:8000", None)
    assert lines[0].startswith("In another terminal: ")
    assert (f". '{folder}/bin/activate'" in lines[0]) is is_environment
    assert lines[-1].strip() == "mirage search --project books 'your question'"


def test_commands_on_an_installation_say_that_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "default_folder", lambda: tmp_path)
    for name in [name for name in os.environ if name.startswith("MIRAGE_DATABASE_")]:
        monkeypatch.delenv(name)
    with pytest.raises(NothingRuns) as caught:
        installed_settings(None)
    assert str(caught.value) == f"no `mirage up` runs on {tmp_path}"
    monkeypatch.setenv("MIRAGE_DATABASE_HOST", "elsewhere")
    assert installed_settings(None).database.host == "elsewhere"


def test_login_address_has_the_key_where_only_the_browser_sees_it() -> None:
    address = urlsplit(_login_address("http://localhost:8000", "a&b+c#d %"))
    assert (address.path, address.query) == ("/login", "")
    assert parse_qs(address.fragment) == {"key": ["a&b+c#d %"]}
