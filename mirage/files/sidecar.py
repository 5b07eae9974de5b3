"""The note next to each original: which document it belongs to.

A database that is lost takes all names with it. The note keeps them, so that `mirage files adopt`
can make the same documents of the same originals again.
"""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MAX_BYTES = 64 * 1024
"""A longer note is damaged: a name has at most 4,096 bytes, each written as six at most."""


class Sidecar(BaseModel):
    """What the database knows of an original. `sha256` is in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    project: str
    project_id: UUID
    sha256: str
    stored_at: AwareDatetime

    def encode(self) -> bytes:
        """Return the note as JSON that a person can read."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def decode(content: bytes) -> Sidecar | None:
    """Return the note; None when it is damaged, such as cut short by a power failure."""
    try:
        return Sidecar.model_validate_json(content)
    except ValidationError:
        return None


def make(name: str, project: str, project_id: UUID, sha256: bytes, stored_at: datetime) -> Sidecar:
    """Return the note of a document's file."""
    return Sidecar(
        name=name, project=project, project_id=project_id, sha256=sha256.hex(), stored_at=stored_at
    )
