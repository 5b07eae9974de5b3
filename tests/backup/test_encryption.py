"""An encrypted folder: nothing to read without the passphrase, and `age` itself opens it."""

import gzip
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyrage
import pytest

from mirage.backup.encryption import Encryption, decrypt, make_key, open_key
from mirage.backup.errors import BackupDamaged, WrongPassphrase
from mirage.backup.verify import list_backups, verify
from mirage.model import Project
from tests.backup.conftest import TEXTS, Installation

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
async def project(ours: Installation) -> Project:
    """A project with documents that are ready."""
    project = await ours.project("shelf")
    await ours.fill(project)
    return project


async def test_backup_is_made_without_and_restored_with_the_passphrase(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    assert (await ours.create(folder, passphrase=PASSPHRASE)).copied.originals == 3
    created = await ours.create(folder, project)
    assert created.copied.originals == 0
    assert [item.error for item in verify(folder, passphrase=PASSPHRASE)] == [None, None]
    for wrong in (None, "another"):
        with pytest.raises(WrongPassphrase):
            await other.restore(folder, passphrase=wrong)
    await other.restore(folder, passphrase=PASSPHRASE)
    assert await other.rows() == await ours.rows()


async def test_nothing_of_the_documents_can_be_read(
    ours: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder, project, passphrase=PASSPHRASE)
    (listed,) = list_backups(folder)
    assert listed.backup is not None
    assert listed.backup.manifest.project is not None
    assert listed.backup.manifest.project.name is None
    stored = [path for path in folder.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in stored)
    for secret in (b"harbour", b"shelf", b"folder/grain", PASSPHRASE.encode()):
        assert secret not in content
    plain = {"lock", "mirage-backups.json", "manifest.json", "SHA256SUMS"}
    assert {path.name for path in stored if path.suffix != ".age"} == plain


async def test_files_are_in_the_format_of_age(
    ours: Installation, folder: Path, project: Project, tmp_path: Path
) -> None:
    created = await ours.create(folder, passphrase=PASSPHRASE)
    key = pyrage.passphrase.decrypt((folder / "key.age").read_bytes(), PASSPHRASE)
    identity = pyrage.x25519.Identity.from_str(key.decode())
    table = folder / "backups" / created.name / "section.gz.age"
    rows = gzip.decompress(pyrage.decrypt(table.read_bytes(), [identity]))
    assert b"The harbour master counts ships" in rows
    originals = [path for path in (folder / "originals").rglob("*") if path.is_file()]
    assert {pyrage.decrypt(path.read_bytes(), [identity]).decode() for path in originals} == set(
        TEXTS.values()
    )
    if (age := shutil.which("age")) is not None:
        (tmp_path / "key").write_bytes(key)
        command = [age, "-d", "-i", str(tmp_path / "key"), str(originals[0])]
        assert subprocess.check_output(command).decode() in TEXTS.values()  # noqa: ASYNC221


async def test_flipped_bits_are_found(ours: Installation, folder: Path, project: Project) -> None:
    created = await ours.create(folder, passphrase=PASSPHRASE)
    original = next(path for path in (folder / "originals").rglob("*") if path.is_file())
    for path in (original, folder / "backups" / created.name / "chunk.gz.age"):
        intact = path.read_bytes()
        path.write_bytes(intact[:-20] + bytes([intact[-20] ^ 1]) + intact[-19:])
        (checked,) = verify(folder, passphrase=PASSPHRASE)
        assert isinstance(checked.error, BackupDamaged)
        path.write_bytes(intact)
    description = json.loads((folder / "mirage-backups.json").read_text())
    description["recipient"] = str(pyrage.x25519.Identity.generate().to_public())
    (folder / "mirage-backups.json").write_text(json.dumps(description))
    with pytest.raises(BackupDamaged, match=r"key\.age does not belong to the public key"):
        verify(folder, passphrase=PASSPHRASE)


@pytest.fixture(scope="module")
def key() -> tuple[str, Any]:
    """A public key and its private key."""
    recipient, sealed = make_key("x")
    return recipient, open_key(sealed, "x", recipient)


def test_much_is_encrypted_in_pieces(key: tuple[str, Any]) -> None:
    recipient, identity = key
    target = io.BytesIO()
    encryption = Encryption(recipient, target)
    for number in range(1000):
        encryption.write(bytes([number % 256]) * 5000)
    encryption.close()
    parts = list(decrypt(io.BytesIO(target.getvalue()), identity))
    assert b"".join(parts) == b"".join(bytes([number % 256]) * 5000 for number in range(1000))
    cut_off = io.BytesIO(target.getvalue()[:-1])
    with pytest.raises(BackupDamaged):
        list(decrypt(cut_off, identity))


def test_reader_may_stop_early(key: tuple[str, Any]) -> None:
    recipient, identity = key
    target = io.BytesIO()
    encryption = Encryption(recipient, target)
    encryption.write(bytes(5_000_000))
    encryption.close()
    parts = decrypt(io.BytesIO(target.getvalue()), identity)
    assert next(parts)
    parts.close()  # type: ignore[attr-defined]
