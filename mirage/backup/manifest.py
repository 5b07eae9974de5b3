"""The manifest of a backup, and the digests of its files."""

import json
import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mirage.backup.errors import BackupDamaged, BackupTooNew

FORMAT = 1
"""Version of the format; a release reads its own and all before."""
MAX_BYTES = 256 * 1024
"""Limit of the manifest and of the digests, far above what is ever written."""

_Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
_SUM = re.compile(r"([0-9a-f]{64})  ([a-z0-9_.]{1,80})")


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TableFacts(_Facts):
    """A table: its columns as they are in the file, and the number of its rows."""

    name: _Name
    columns: list[_Name] = Field(max_length=500)
    rows: int = Field(ge=0)


class ModelRecipe(_Facts):
    """What the vectors of the active generation were made with."""

    model: str
    digest: str
    dimensions: int
    document_prompt: str


class ProjectFacts(_Facts):
    """The only project in the backup. An encrypted backup does not tell its name."""

    id: UUID
    name: str | None


class Manifest(_Facts):
    """Origin and contents of a backup.

    `revision` is that of the database's schema, `missing` counts documents whose original was
    missing or damaged in the store. `original_bytes` are of all originals.
    """

    format: int
    mirage: str
    revision: int = Field(ge=1)
    postgresql: str
    created_at: AwareDatetime
    database: UUID
    database_created_at: AwareDatetime
    project: ProjectFacts | None
    model: ModelRecipe | None
    documents: int
    originals: int
    original_bytes: int
    missing: int
    tables: list[TableFacts] = Field(max_length=100)

    @property
    def scope(self) -> UUID | None:
        """Return the id of the only project, or None."""
        return self.project.id if self.project else None

    def encode(self) -> bytes:
        """Return it as indented JSON."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def decode_manifest(content: bytes) -> Manifest:
    """Return the manifest. Raises BackupTooNew, BackupDamaged."""
    try:
        found: Any = json.loads(content)
        check_format(found["format"])
        return Manifest.model_validate(found)
    except (ValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BackupDamaged(f"manifest.json is damaged: {type(error).__name__}") from error


def check_format(version: object) -> None:
    """Raise BackupTooNew for a format that this release does not know, BackupDamaged for none."""
    if not isinstance(version, int) or version < 1:
        raise BackupDamaged(f"{str(version)[:20]!r} is not a version of the format")
    if version > FORMAT:
        raise BackupTooNew(f"the format is version {version}, this program reads up to {FORMAT}")


def encode_sums(sums: dict[str, str]) -> bytes:
    """Return digests by file name as `sha256sum` writes them."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()


def decode_sums(content: bytes) -> dict[str, str]:
    """Return digests by file name. Raises BackupDamaged, also for a name with a folder in it."""
    sums = {}
    for line in content.decode("utf-8", "replace").splitlines():
        found = _SUM.fullmatch(line)
        if found is None or ".." in found[2]:
            raise BackupDamaged(f"SHA256SUMS has a line that names no file in here: {line[:100]!r}")
        sums[found[2]] = found[1]
    return sums


def backup_name(moment: datetime) -> str:
    """Return the name of a backup of that moment (UTC)."""
    return f"{moment:%Y-%m-%dT%H%M%SZ}"
