"""Looks into elements by local names, because old files have other namespaces."""

from collections.abc import Iterator

from lxml import etree


def tag_of(element: etree._Element) -> str:
    """Return the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its local name."""
    for key, value in element.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def count(element: etree._Element, name: str, otherwise: int, at_most: int) -> int:
    """Return an attribute that is a number from 1; `otherwise` for anything else."""
    value = attribute(element, name) or ""
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        return otherwise
    return min(int(value), at_most) or otherwise


def descend(container: etree._Element, names: frozenset[str]) -> Iterator[etree._Element]:
    """Return the outermost elements of these names, also those inside of wrappers."""
    for child in container.iterchildren(etree.Element):
        if tag_of(child) in names:
            yield child
        else:
            yield from descend(child, names)
