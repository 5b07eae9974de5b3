"""Where the originals live."""

from mirage.files.volume import IncomingFile, VolumeStore

__all__ = ["IncomingFile", "VolumeStore"]
