"""What is installed in an image, read out of its layers, so that any platform can be read."""

import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import Any

from release.layout import Layout

_STATUS = "var/lib/dpkg/status"
_DISTRIBUTION = re.compile(r".+/site-packages/[^/]+\.dist-info/METADATA")
_PYTHON = re.compile(r"^PYTHON_VERSION=(.+)$")
_REMOVED = ".wh."
_OPAQUE = ".wh..wh..opq"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """An installed package. `kind` is its type in package URLs: `deb`, `pypi` or `generic`."""

    kind: str
    name: str
    version: str
    licence: str = ""


def packages(image: Layout, manifest: Mapping[str, Any]) -> list[Package]:
    """Return the Python distributions and Debian packages of one platform, sorted."""
    files = _files(image, manifest)
    found = {_distribution(text) for path, text in files.items() if path != _STATUS}
    found |= set(_debian(files.get(_STATUS, "")))
    for variable in image.json(manifest["config"]["digest"])["config"].get("Env") or []:
        # The official image builds Python itself, so no package tells its version.
        if built := _PYTHON.match(variable):
            found.add(Package("generic", "python", built[1]))
    return sorted(found)


def _files(image: Layout, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that name packages, as the last layer leaves them, by path."""
    found: dict[str, str] = {}
    for layer in manifest["layers"]:
        with image.open(layer["digest"]) as packed, tarfile.open(fileobj=packed) as archive:
            for entry in archive:
                path = PurePosixPath(entry.name)
                if path.name.startswith(_REMOVED):
                    gone = path.parent if path.name == _OPAQUE else path.parent / path.name[4:]
                    found = {
                        name: text
                        for name, text in found.items()
                        if not PurePosixPath(name).is_relative_to(gone)
                    }
                elif entry.isfile() and _names_packages(entry.name):
                    content = archive.extractfile(entry)
                    found[entry.name] = content.read().decode(errors="replace") if content else ""
    return found


def _names_packages(path: str) -> bool:
    return path == _STATUS or bool(_DISTRIBUTION.fullmatch(path))


def _distribution(text: str) -> Package:
    metadata = HeaderParser().parsestr(text)
    name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
    return Package("pypi", name, metadata["Version"], metadata["License-Expression"] or "")


def _debian(status: str) -> Iterator[Package]:
    for paragraph in status.split("\n\n"):
        fields = HeaderParser().parsestr(paragraph.strip() + "\n")
        if fields["Package"] and fields["Status"] == "install ok installed":
            yield Package("deb", fields["Package"], fields["Version"])
