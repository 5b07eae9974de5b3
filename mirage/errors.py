"""The tree of errors. A class's docstring is its remedy: it tells the reader what to do.

Errors that only one module raises are declared there; docs/errors.md lists all of them.

MirageError
├── InvalidInput            4xx: the caller can correct it
│   ├── InvalidName, UnknownField, InvalidRequest
│   ├── EmptyFile, UploadTooLarge
│   ├── UnsupportedMediaType (WrongExtension)                in parse/detect.py
│   ├── Unauthorized, Forbidden
│   ├── NotFound (ProjectNotFound, DocumentNotFound, GenerationNotFound, KeyNotFound)
│   └── ProjectExists, DocumentExists, KeyExists, GenerationInUse, GenerationIncomplete
├── Unreadable              final: the document becomes `failed` with this sentence
│   └── Encrypted, Damaged, NoText (Blank), ParserKilled, UnsafeArchive
├── Unavailable             wait: a service is down; work resumes when it is back
│   ├── EmbedderUnavailable, ModelMissing, DatabaseUnavailable, GenerationMismatch
│   ├── GenerationRetired, TooManyStreams, ShuttingDown, DatabaseFull
│   └── StorageUnavailable (StorageFull, OriginalMissing, StoreOfAnotherDatabase,
│                           UnknownOriginals)
├── BadEmbedding            retry: the embedder returned an unusable answer
├── TextTooLong             the text exceeds the model's limit: split it and retry
└── ConfigError             the process does not start
"""

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar


class Retry(Enum):
    """The indexer's reaction to an error."""

    FINAL = "final"
    """Mark the document `failed`; only a person can help."""
    COUNTED = "counted"
    """Retry with backoff, at most `indexer.max_attempts` times."""
    WAIT = "wait"
    """Retry until it works; attempts are not counted."""


class MirageError(Exception):
    """Report this to the maintainers, with the log: it is an error without a class of its own."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[Retry] = Retry.COUNTED

    def remedy(self) -> str:
        """Return what the reader can do, in one or two sentences."""
        return " ".join((self.__doc__ or "").split())


class InvalidInput(MirageError):
    """Correct the request as the detail says, then send it again."""

    code = "invalid-input"
    status = 422
    retry = Retry.FINAL


class InvalidRequest(InvalidInput):
    """Compare the request with the API description at /docs."""

    code = "invalid-request"


class InvalidName(InvalidInput):
    """Choose a name that follows the rule in the detail."""

    code = "invalid-name"


class UnknownField(InvalidInput):
    """Remove the field, or correct its spelling; the API description at /docs lists all fields."""

    code = "unknown-field"


class EmptyFile(InvalidInput):
    """The file has 0 bytes: save or download it once more, then upload it."""

    code = "empty-file"


class UploadTooLarge(InvalidInput):
    """Send a smaller file, or raise `documents.max_upload_bytes`."""

    code = "upload-too-large"
    status = 413


class Unauthorized(InvalidInput):
    """Send a valid key in the header `X-API-Key` or as `Authorization: Bearer`."""

    code = "unauthorized"
    status = 401


class Forbidden(InvalidInput):
    """Use a key with this permission; an administrator creates it with `mirage keys create`."""

    code = "forbidden"
    status = 403


class NotFound(InvalidInput):
    """List what exists, and check the name or id."""

    code = "not-found"
    status = 404


class ProjectNotFound(NotFound):
    """Run `mirage projects list` to see the projects, or create the project first."""

    code = "project-not-found"


class DocumentNotFound(NotFound):
    """Run `mirage documents list`: the document may have been deleted, or the same content is
    stored under another name."""

    code = "document-not-found"


class KeyNotFound(NotFound):
    """Run `mirage keys list`: the key may have been revoked already."""

    code = "key-not-found"


class ProjectExists(InvalidInput):
    """Use the existing project, or choose another name."""

    code = "project-exists"
    status = 409


class DocumentExists(InvalidInput):
    """Choose another name, or rename or delete the document that has this name."""

    code = "document-exists"
    status = 409


class GenerationNotFound(NotFound):
    """Run `mirage generations list` to see the generations and their ids."""

    code = "generation-not-found"


class GenerationInUse(InvalidInput):
    """Run `mirage generations list` to see the state of each generation."""

    code = "generation-in-use"
    status = 409


class GenerationIncomplete(InvalidInput):
    """Set the model and `chunk.*` as in that generation, then run `mirage generations build`."""

    code = "generation-incomplete"
    status = 409


class KeyExists(InvalidInput):
    """Choose another name, or revoke the key that has this name."""

    code = "key-exists"
    status = 409


class Unreadable(MirageError):
    """Open the file in an application for its format, save a new copy, and upload that."""

    code = "unreadable"
    status = 422
    retry = Retry.FINAL


class Encrypted(Unreadable):
    """Save a copy without password or copy protection, and upload that."""

    code = "encrypted"


class Damaged(Unreadable):
    """Get an intact copy; or open the file in an application, save a new copy, and upload that."""

    code = "damaged"


class NoText(Unreadable):
    """Run text recognition (OCR) on the file, for example with OCRmyPDF, and upload the result."""

    code = "no-text"


class Blank(NoText):
    """Check that it is the right file. If scripts fill in the page, save it from a browser."""

    code = "blank"


class UnsafeArchive(Unreadable):
    """Save the document again in its application, or convert it to PDF, and upload that."""

    code = "unsafe-archive"


class ParserKilled(Unreadable):
    """If the file is intact but large, raise `indexer.parse_*`; otherwise save a new copy of it."""

    code = "parser-killed"


class Unavailable(MirageError):
    """Repair what the detail names; nothing is lost, and work resumes by itself."""

    code = "unavailable"
    status = 503
    retry = Retry.WAIT


class DatabaseUnavailable(Unavailable):
    """Check that PostgreSQL is running, and that its address and password are right."""

    code = "database-unavailable"


class DatabaseFull(DatabaseUnavailable):
    """Enlarge the volume of PostgreSQL, or free space on it, for example by deleting documents."""

    code = "database-full"


class EmbedderUnavailable(Unavailable):
    """Check that the embedding server is running and `ollama.url` (or `openai.url`) is right."""

    code = "embedder-unavailable"


class ModelMissing(Unavailable):
    """Pull the model with `ollama pull <model>`, or configure a model that the server has."""

    code = "model-missing"


class GenerationMismatch(Unavailable):
    """Restore the model that the index was built with, or build a new index for this model."""

    code = "generation-mismatch"


class GenerationRetired(Unavailable):
    """Run `mirage generations activate` or `build`, or restore the old model and `chunk.*`."""

    code = "generation-retired"


class StorageUnavailable(Unavailable):
    """Free space on the volume of the originals (`documents.path`), or make it writable."""

    code = "storage-unavailable"


class StorageFull(StorageUnavailable):
    """Delete documents, or enlarge the volume; stored documents stay readable."""

    code = "storage-full"


class OriginalMissing(StorageUnavailable):
    """Upload the same file again; that repairs the document."""

    code = "original-missing"
    retry = Retry.FINAL


class OriginalsAway(StorageUnavailable):
    """Mount the volume of the originals, set the right bucket, or copy them with `mirage files
    copy`. If they are lost, run `mirage files adopt` to start again."""

    code = "originals-away"


class StoreOfAnotherDatabase(StorageUnavailable):
    """Set the right database or volume, or run `mirage files check`; no file is deleted."""

    code = "store-of-another-database"


class UnknownOriginals(StorageUnavailable):
    """Run `mirage files check`, then `mirage files adopt` or `prune`; no file is deleted."""

    code = "unknown-originals"


class TooManyStreams(Unavailable):
    """Close unused streams, or poll the list of documents instead."""

    code = "too-many-streams"


class ShuttingDown(Unavailable):
    """Connect again: another process answers, or this one after its restart."""

    code = "shutting-down"


class BadEmbedding(MirageError):
    """Check the log of the embedding server: it must return one usable vector per text."""

    code = "bad-embedding"
    status = 502
    retry = Retry.COUNTED


class TextTooLong(MirageError):
    """Shorten the query, or search with `mode` lexical; long texts in documents are split."""

    code = "text-too-long"
    status = 422
    retry = Retry.FINAL

    def __init__(self, message: str, positions: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.positions = tuple(positions)
        """Positions, in the given sequence, of the texts that are too long."""


class ConfigError(MirageError):
    """Correct the setting that the message names, then start again."""

    code = "config"
    retry = Retry.FINAL
