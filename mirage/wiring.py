"""Builds the parts of the program from the settings, for API, indexer and embedded mode."""

from collections.abc import Callable

from mirage.db import Database
from mirage.embed import Embedder, OllamaEmbedder, OpenAIEmbedder
from mirage.errors import ConfigError
from mirage.files import Store, VolumeStore
from mirage.index import Indexer
from mirage.parse import Sandbox
from mirage.settings import Settings


def build_embedder(settings: Settings) -> Embedder:
    """Return the embedder for `embedding.backend`. Raises ConfigError if a setting is missing."""
    if settings.embedding.backend == "local":
        # Imported here, because numpy takes 30 MB that a pod with Ollama does not need.
        from mirage.embed.local import LocalEmbedder

        return LocalEmbedder(settings.embedding)
    if settings.embedding.backend == "openai":
        return OpenAIEmbedder(settings.openai, settings.embedding)
    return OllamaEmbedder(settings.ollama, settings.embedding)


def open_store(settings: Settings) -> Store:
    """Return the store of originals as it is, also if its folder is missing.

    Raises ConfigError if a setting of the bucket is missing or wrong.
    """
    if settings.documents.storage == "s3":
        # Imported here, because its client takes memory that a volume does not need.
        from mirage.files.s3.bucket import BucketStore
        from mirage.files.s3.client import MAX_OBJECT_BYTES

        if settings.documents.max_upload_bytes > MAX_OBJECT_BYTES:
            raise ConfigError(
                f"MIRAGE_DOCUMENTS_MAX_UPLOAD_BYTES: must be at most {MAX_OBJECT_BYTES:,} with"
                " MIRAGE_DOCUMENTS_STORAGE=s3, because S3 copies no larger object at once"
            )
        return BucketStore(settings.s3)
    return VolumeStore(settings.documents.path, min_free_bytes=settings.documents.min_free_bytes)


def build_store(settings: Settings) -> Store:
    """Return the store of originals.

    Raises ConfigError if its folder is not writable, or a setting of the bucket is wrong.
    """
    store = open_store(settings)
    try:
        store.prepare()
    except OSError as error:
        raise ConfigError(
            f"MIRAGE_DOCUMENTS_PATH: {settings.documents.path} cannot be written: {error.strerror}"
        ) from error
    return store


def build_indexer(
    settings: Settings,
    database: Database,
    store: Store,
    embedder: Embedder,
    *,
    require_space: Callable[[], None] | None = None,
) -> Indexer:
    """Return an indexer with its parser. `require_space` raises while it must not write."""
    sandbox = Sandbox(
        timeout_seconds=settings.indexer.parse_timeout_seconds,
        cpu_seconds=settings.indexer.parse_cpu_seconds,
        memory_bytes=settings.indexer.parse_memory_bytes,
    )
    return Indexer(
        database,
        store,
        embedder,
        sandbox,
        settings.indexer,
        settings.chunk,
        orphan_days=settings.documents.orphan_days,
        require_space=require_space,
    )
