"""The note next to each original, with the name and project of its document.

If the database is lost, `mirage files adopt` creates the same documents from originals and notes.
"""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MAX_BYTES = 64 * 1024
"""A longer note is damaged: a name has at most 4,096 bytes, each written as at most six."""


class Sidecar(BaseModel):
    """The facts in the database about an original. `sha256` is hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    project: str
    project_id: UUID
    sha256: str
    stored_at: AwareDatetime

    def encode(self) -> bytes:
        """Return the note as indented JSON."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def decode(content: bytes) -> Sidecar | None:
    """Return the note, or None if it is damaged, for example by a power failure."""
    try:
        return Sidecar.model_validate_json(content)
    except ValidationError:
        return None


def make(name: str, project: str, project_id: UUID, sha256: bytes, stored_at: datetime) -> Sidecar:
    """Return the note of a document's file."""
    return Sidecar(
        name=name, project=project, project_id=project_id, sha256=sha256.hex(), stored_at=stored_at
    )
