"""An OCI image layout: a folder of blobs by their SHA-256, and an index with one tag.

Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from release.errors import Refused

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

Descriptor = dict[str, Any]
"""Media type, digest and size of a blob, and what else belongs to it."""

_NAME = "org.opencontainers.image.ref.name"
_PIECE_BYTES = 1 << 20
_GZIP_LEVEL = 6
"""The default of gzip; a fixed one, so that equal layers stay equal."""


class Layout:
    """A layout with one artifact, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path) -> "Layout":
        """Return a new layout without blobs, in place of what was there."""
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return cls(folder)

    def add(self, media_type: str, content: bytes, **more: Any) -> Descriptor:
        """Store a blob and return its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        self._path(f"sha256:{digest}").write_bytes(content)
        return {
            "mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content), **more
        }  # fmt: skip

    def add_json(self, media_type: str, document: Mapping[str, Any], **more: Any) -> Descriptor:
        """Store a document; equal documents have equal digests."""
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return self.add(media_type, text.encode(), **more)

    def add_layer(self, plain: IO[bytes]) -> Descriptor:
        """Store a tar archive compressed, without a time in the compressed file."""
        with (
            tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as packed,
            gzip.GzipFile("", "wb", _GZIP_LEVEL, packed, mtime=0) as compressed,
        ):
            shutil.copyfileobj(plain, compressed, _PIECE_BYTES)
        path = Path(packed.name)
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        size = path.stat().st_size
        path.rename(self._path(f"sha256:{digest}"))
        return {"mediaType": LAYER, "digest": f"sha256:{digest}", "size": size}

    def finish(self, root: Descriptor, tag: str) -> None:
        """Give the root of the artifact its tag, after which the layout is complete."""
        named = {**root, "annotations": {_NAME: tag}}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [named]}
        (self.folder / "index.json").write_text(json.dumps(index, sort_keys=True))

    @property
    def root(self) -> Descriptor:
        """Descriptor of the artifact that has a tag; oras also lists what belongs to it."""
        listed: list[Descriptor] = json.loads((self.folder / "index.json").read_text())["manifests"]
        (found,) = [each for each in listed if _NAME in each.get("annotations", {})]
        return found

    @property
    def digest(self) -> str:
        """Digest of the artifact."""
        digest: str = self.root["digest"]
        return digest

    @property
    def tag(self) -> str:
        """Tag of the artifact."""
        tag: str = self.root["annotations"][_NAME]
        return tag

    def json(self, digest: str) -> dict[str, Any]:
        """Return a document; refuse one whose bytes are not those of its digest."""
        content = self._path(digest).read_bytes()
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
            raise Refused(f"{self.folder.name} is damaged at {digest}: run `make package` again")
        document: dict[str, Any] = json.loads(content)
        return document

    def manifests(self) -> list[dict[str, Any]]:
        """Return the manifest of each platform, or that of the only artifact."""
        root = self.json(self.digest)
        if root.get("mediaType") != INDEX:
            return [root]
        return [self.json(each["digest"]) for each in root["manifests"]]

    @contextmanager
    def open(self, digest: str) -> Iterator[IO[bytes]]:
        """Open a blob for reading."""
        with self._path(digest).open("rb") as blob:
            yield blob

    def check(self) -> None:
        """Read all blobs; refuse the layout if one is not what its name says."""
        for path in sorted((self.folder / "blobs/sha256").iterdir()):
            with path.open("rb") as blob:
                if hashlib.file_digest(blob, "sha256").hexdigest() != path.name:
                    raise Refused(
                        f"{self.folder.name} was changed after `make package`, at blob "
                        f"{path.name[:12]}: run `make package` again"
                    )

    def _path(self, digest: str) -> Path:
        return self.folder / "blobs" / digest.replace(":", "/")
