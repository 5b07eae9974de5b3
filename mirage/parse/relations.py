"""Reads what the parts of an Office document refer to."""

import posixpath
from dataclasses import dataclass

from mirage.parse.archive import Archive, resolve
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
