"""Reads what the parts of an Office document refer to."""

import posixpath
from dataclasses import dataclass

from lxml import etree

from mirage.parse.archive import Archive, resolve
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.tree import parse_xml


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: a part of a kind by its name, or an address outside of the file."""

    kind: str
    part: str | None
    address: str | None


def read_relations(archive: Archive, part: str) -> dict[str, Relation]:
    """Return what a part refers to, by the ids that it uses; `''` is the package.

    Raises Damaged, Encrypted or UnsafeArchive.
    """
    folder, file = posixpath.split(part)
    name = posixpath.join(folder, "_rels", f"{file}.rels")
    found: dict[str, Relation] = {}
    if name not in archive:
        return found
    for element in parse_xml(archive.read(name)).iter("{*}Relationship"):
        reference = element.get("Target", "")
        kind = element.get("Type", "").rpartition("/")[2]
        # Without ids, which is against the rules, each keeps a place of its own.
        identity = element.get("Id") or f"#{len(found)}"
        if element.get("TargetMode") == "External":
            found.setdefault(identity, Relation(kind, None, reference))
            continue
        base = "" if reference.startswith("/") else part
        target = resolve(base, reference.removeprefix("/"))
        if target is not None:
            found.setdefault(identity, Relation(kind, target[0], None))
    return found


def parts_of_kind(archive: Archive, relations: dict[str, Relation], kind: str) -> list[str]:
    """Return the parts of a kind that are in the archive, each once."""
    names = [each.part for each in relations.values() if each.kind == kind and each.part]
    return [name for name in dict.fromkeys(names) if name in archive]


class Part:
    """A part of an Office document, by its name in the archive; `''` is the package itself.

    Each method may raise Damaged, Encrypted or UnsafeArchive.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self.name = name
        self._archive = archive
        self._relations = read_relations(archive, name)

    def root(self) -> etree._Element:
        """Return the root element."""
        return parse_xml(self._archive.read(self.name))

    def part(self, identity: str | None) -> "Part | None":
        """Return the part that this one calls by an id; None if it is not there."""
        relation = self._relations.get(identity or "")
        if relation is None or relation.part is None or relation.part not in self._archive:
            return None
        return Part(self._archive, relation.part)

    def related(self, kind: str) -> list["Part"]:
        """Return the parts of a kind that this one refers to, such as `header`."""
        return [
            Part(self._archive, name)
            for name in parts_of_kind(self._archive, self._relations, kind)
        ]

    def address(self, identity: str | None) -> str | None:
        """Return the address outside of the file that this part calls by an id."""
        relation = self._relations.get(identity or "")
        return relation.address if relation else None

    def title(self) -> str | None:
        """Return the title in the properties of the package; None without one."""
        for properties in self.related("core-properties"):
            for title in properties.root().iter("{*}title"):
                return one_line(title.text or "") or None
        return None


def main_part(package: Part) -> Part | None:
    """Return the part that holds the document; None if there is none."""
    return next(iter(package.related("officeDocument")), None)
