"""Looks into the elements of a Word document by local names: two editions differ in namespaces."""

from collections.abc import Iterator

from lxml import etree

MAX_NUMBER = 2**31 - 1
_OFF = ("0", "false", "off")


def tag_of(element: etree._Element) -> str:
    """Return the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Return the child elements, without comments and processing instructions."""
    return element.iterchildren(etree.Element)


def attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its local name."""
    for key, value in element.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def setting(element: etree._Element, path: str) -> str | None:
    """Return the value of the element at a path; empty without value, None without element."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return None if found is None else attribute(found, "val") or ""


def is_on(element: etree._Element, path: str) -> bool:
    """Return whether the switch at a path is on; without a value it is."""
    value = setting(element, path)
    return value is not None and value not in _OFF


def is_true(value: str | None) -> bool:
    """Return whether an attribute's value switches something on."""
    return value is not None and value not in _OFF


def number(value: str | None, otherwise: int) -> int:
    """Return a whole number from 0 to `MAX_NUMBER`; `otherwise` for anything else."""
    if not value or not value.isascii() or not value.isdigit():
        return otherwise
    return int(value) if len(value) < len(str(MAX_NUMBER)) else MAX_NUMBER
