"""`package`: makes all files of a release from one commit, without a registry."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from release import chart, contents, image, sbom, source, statement
from release.errors import Refused
from release.layout import Layout
from release.shell import ROOT
from release.source import Source

DIST = ROOT / "dist"
SUMS = "SHA256SUMS"
"""Name of the file of checksums."""


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a release, in a folder of `dist`."""

    folder: Path
    source: Source

    @property
    def image(self) -> Layout:
        """The image."""
        return Layout(self.folder / "image")

    @property
    def chart(self) -> Layout:
        """The chart."""
        return Layout(self.folder / "chart")

    def statements(self, part: str) -> list[statement.Statement]:
        """Return what is said about a part, `image` or `chart`: its bill and its provenance."""
        return [
            json.loads((self.folder / f"{part}.{kind}.intoto.json").read_text())
            for kind in ("sbom", "provenance")
        ]


def make(revision: str, platforms: Sequence[str], folder: Path | None = None) -> Package:
    """Build image and chart of a commit with their bills, provenance and checksums.

    Files that are not committed have no part in it, so that the provenance is true.
    """
    of = source.at(revision)
    made = Package(folder or DIST / of.version, of)
    shutil.rmtree(made.folder, ignore_errors=True)
    made.folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as exported:
        context = Path(exported)
        source.export(of, context)
        base = image.base()
        built = image.build(context, of, base, platforms, made.folder / "image")
        archive = chart.package(context, of, built.digest, made.folder)
        wrapped = chart.wrap(archive, of, made.folder / "chart")
        how = statement.provenance(of, base, context, platforms)
    bills = {
        "image": sbom.of_image(of, built.digest, installed(built)),
        "chart": sbom.of_chart(of, wrapped.digest, chart.images(archive)),
    }
    write(made, bills, how)
    return made


def write(made: Package, bills: Mapping[str, sbom.Bill], how: Mapping[str, Any]) -> None:
    """Write what is said about image and chart of a release, and the checksums of its files."""
    for part, layout in {"image": made.image, "chart": made.chart}.items():
        name = f"mirage-{part}"
        bill = statement.about(name, layout.digest, statement.SBOM, bills[part])
        provenance = statement.about(name, layout.digest, statement.PROVENANCE, how)
        _write(made.folder / f"{part}.cdx.json", bills[part])
        _write(made.folder / f"{part}.sbom.intoto.json", bill)
        _write(made.folder / f"{part}.provenance.intoto.json", provenance)
    _write(made.folder / "release.json", asdict(made.source))
    (made.folder / SUMS).write_text(sums(_files(made.folder)))


def load(folder: Path) -> Package:
    """Return a release that `make` made; refuse one whose files have changed since."""
    if not (folder / SUMS).exists():
        raise Refused(f"{folder} holds no release: run `make package` first")
    present = sums(_files(folder)).splitlines()
    for line in (folder / SUMS).read_text().splitlines():
        if line not in present:
            name = line.rpartition("  ")[2]
            raise Refused(f"{name} was changed after `make package`: run `make package` again")
    found = Package(folder, Source(**json.loads((folder / "release.json").read_text())))
    found.image.check()
    found.chart.check()
    return found


def installed(built: Layout) -> list[contents.Package]:
    """Return the packages of an image, on any of its platforms."""
    platforms = [contents.packages(built, manifest) for manifest in built.manifests()]
    return sorted({package for found in platforms for package in found})


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def sums(files: Iterable[Path]) -> str:
    """Return the checksums of files, as `sha256sum --check` reads them."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(files)
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and path.name != SUMS]
