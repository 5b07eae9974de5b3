"""The store of originals: `Store` is what all kinds of it can do (store.py)."""

from mirage.files.incoming import IncomingFile
from mirage.files.orphans import Orphan
from mirage.files.owner import UNREADABLE
from mirage.files.sidecar import Sidecar
from mirage.files.store import LocalFile, OpenedFile, Store
from mirage.files.volume import VolumeStore

__all__ = [
    "UNREADABLE",
    "IncomingFile",
    "LocalFile",
    "OpenedFile",
    "Orphan",
    "Sidecar",
    "Store",
    "VolumeStore",
]
