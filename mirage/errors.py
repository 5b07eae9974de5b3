"""Every error that a person can meet, as a tree. The docstring is the remedy.

MirageError
├── InvalidInput            4xx: the caller can mend it
│   ├── InvalidName, UnknownField, InvalidRequest
│   ├── EmptyFile, UploadTooLarge
│   ├── UnsupportedMediaType (WrongExtension)                in parse/detect.py
│   ├── Unauthorized, Forbidden
│   ├── NotFound (ProjectNotFound, DocumentNotFound, GenerationNotFound, KeyNotFound)
│   └── ProjectExists, DocumentExists, KeyExists, GenerationInUse, GenerationIncomplete
├── Unreadable              final: the document ends `failed` with this sentence
│   └── Encrypted, Damaged, NoText (Blank), ParserKilled, UnsafeArchive
├── Unavailable             wait: something outside is away; work resumes by itself
│   ├── EmbedderUnavailable, ModelMissing, DatabaseUnavailable, GenerationMismatch
│   ├── GenerationRetired, TooManyStreams, ShuttingDown, DatabaseFull
│   └── StorageUnavailable (StorageFull, OriginalMissing, StoreOfAnotherDatabase,
│                           UnknownOriginals)
├── BadEmbedding            retry: the embedder gave an answer that cannot be used
├── TextTooLong             the text exceeds the model's limit: split it and try again
└── ConfigError             the process does not start
"""

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar


class Retry(Enum):
    """What an indexer does after an error."""

    FINAL = "final"
    """The document is `failed`; only a person can help."""
    COUNTED = "counted"
    """Tried again with backoff, at most `indexer.max_attempts` times."""
    WAIT = "wait"
    """Tried again for as long as it takes; attempts stay as they are."""


class MirageError(Exception):
    """Report this to the maintainers: it should have had a name of its own."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[Retry] = Retry.COUNTED

    def remedy(self) -> str:
        """What the reader can do about it, in one or two sentences."""
        return " ".join((self.__doc__ or "").split())


class InvalidInput(MirageError):
    """Mend the request as the detail says, and send it again."""

    code = "invalid-input"
    status = 422
    retry = Retry.FINAL


class InvalidRequest(InvalidInput):
    """Compare the request with the API's description at /docs."""

    code = "invalid-request"


class InvalidName(InvalidInput):
    """Choose another name, as the detail says that one must be."""

    code = "invalid-name"


class UnknownField(InvalidInput):
    """Remove the field, or write it as the API's description at /docs does."""

    code = "unknown-field"


class EmptyFile(InvalidInput):
    """Send the file's bytes; nothing can be found in an empty file."""

    code = "empty-file"


class UploadTooLarge(InvalidInput):
    """Send a smaller file, or raise `documents.max_upload_bytes`."""

    code = "upload-too-large"
    status = 413


class Unauthorized(InvalidInput):
    """Send the key in the header `X-API-Key` or as `Authorization: Bearer`."""

    code = "unauthorized"
    status = 401


class Forbidden(InvalidInput):
    """Use a key that may do this, or have one made with `mirage keys create`."""

    code = "forbidden"
    status = 403


class NotFound(InvalidInput):
    """Look at what there is with the list that belongs to it."""

    code = "not-found"
    status = 404


class ProjectNotFound(NotFound):
    """See `mirage projects list`, or create the project first."""

    code = "project-not-found"


class DocumentNotFound(NotFound):
    """See `mirage documents list`: it may be gone, or there under its bytes' first name."""

    code = "document-not-found"


class KeyNotFound(NotFound):
    """See `mirage keys list`; it may have been revoked already."""

    code = "key-not-found"


class ProjectExists(InvalidInput):
    """Use the project that is there, or choose another name."""

    code = "project-exists"
    status = 409


class DocumentExists(InvalidInput):
    """Choose another name, or rename or remove the document that has this one."""

    code = "document-exists"
    status = 409


class GenerationNotFound(NotFound):
    """See `mirage generations list`."""

    code = "generation-not-found"


class GenerationInUse(InvalidInput):
    """See `mirage generations list` for the state of each generation."""

    code = "generation-in-use"
    status = 409


class GenerationIncomplete(InvalidInput):
    """Set model and `chunk.*` to that generation's and run `mirage generations build`."""

    code = "generation-incomplete"
    status = 409


class KeyExists(InvalidInput):
    """Choose another name, or revoke the key that has this one."""

    code = "key-exists"
    status = 409


class Unreadable(MirageError):
    """Open the file in a reader of its kind and save it anew, then upload that."""

    code = "unreadable"
    status = 422
    retry = Retry.FINAL


class Encrypted(Unreadable):
    """Save a copy without a password and upload that."""

    code = "encrypted"


class Damaged(Unreadable):
    """The file is not a whole file of its kind: open it in a reader and save it anew."""

    code = "damaged"


class NoText(Unreadable):
    """The file holds pictures of text at best: run text recognition (OCR) over it first."""

    code = "no-text"


class Blank(NoText):
    """See whether it is the right file; save a page that scripts fill in from a browser."""

    code = "blank"


class UnsafeArchive(Unreadable):
    """The archive reaches out of its folder or unpacks to an absurd size; it is not opened."""

    code = "unsafe-archive"


class ParserKilled(Unreadable):
    """Raise `indexer.parse_*` if the file is sound and only large; else save it anew."""

    code = "parser-killed"


class Unavailable(MirageError):
    """Nothing is lost; the work goes on by itself once this is mended."""

    code = "unavailable"
    status = 503
    retry = Retry.WAIT


class DatabaseUnavailable(Unavailable):
    """See whether PostgreSQL runs and whether its address and password are right."""

    code = "database-unavailable"


class DatabaseFull(DatabaseUnavailable):
    """Enlarge PostgreSQL's volume, or free space on it; deleting documents helps."""

    code = "database-full"


class EmbedderUnavailable(Unavailable):
    """See whether the embedding server runs and `ollama.url` (or `openai.url`) is right."""

    code = "embedder-unavailable"


class ModelMissing(Unavailable):
    """Pull the model (`ollama pull <model>`), or name one that the server has."""

    code = "model-missing"


class GenerationMismatch(Unavailable):
    """Bring back the model that the index was built with, or let a new index be built."""

    code = "generation-mismatch"


class GenerationRetired(Unavailable):
    """Run `mirage generations activate` or `build`, or set model and `chunk.*` back."""

    code = "generation-retired"


class StorageUnavailable(Unavailable):
    """Free space on the volume of the originals, or make it writable (`documents.path`)."""

    code = "storage-unavailable"


class StorageFull(StorageUnavailable):
    """Delete documents, or enlarge the volume; what is stored stays readable."""

    code = "storage-full"


class OriginalMissing(StorageUnavailable):
    """Upload the file again: the same bytes repair the document."""

    code = "original-missing"
    retry = Retry.FINAL


class StoreOfAnotherDatabase(StorageUnavailable):
    """Set the right database or volume, else run `mirage files check`; nothing is removed."""

    code = "store-of-another-database"


class UnknownOriginals(StorageUnavailable):
    """Run `mirage files check`, then `mirage files adopt` or `prune`; nothing is removed."""

    code = "unknown-originals"


class TooManyStreams(Unavailable):
    """Close streams that nobody reads, or ask for the documents every now and then instead."""

    code = "too-many-streams"


class ShuttingDown(Unavailable):
    """Connect again; another process answers, or this one once it is back."""

    code = "shutting-down"


class BadEmbedding(MirageError):
    """See the log of the embedding server; the answer is not one vector per text."""

    code = "bad-embedding"
    status = 502
    retry = Retry.COUNTED


class TextTooLong(MirageError):
    """Shorten the query, or search with `mode` lexical; of a document the text is split instead."""

    code = "text-too-long"
    status = 422
    retry = Retry.FINAL

    def __init__(self, message: str, positions: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.positions = tuple(positions)
        """Which of the texts that were given are too long."""


class ConfigError(MirageError):
    """Mend the setting that the message names, and start again."""

    code = "config"
    retry = Retry.FINAL
