"""The store of originals."""

from mirage.files.incoming import IncomingFile
from mirage.files.orphans import Orphan
from mirage.files.owner import UNREADABLE
from mirage.files.sidecar import Sidecar
from mirage.files.volume import VolumeStore

__all__ = ["UNREADABLE", "IncomingFile", "Orphan", "Sidecar", "VolumeStore"]
