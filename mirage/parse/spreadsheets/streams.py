"""Reads the XML of large sheets row by row, without keeping the rows in memory."""

from collections.abc import Iterator

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.archive import Archive


def stream_elements(
    archive: Archive, entry: str, tags: tuple[str, ...], kept: tuple[str, ...] = ()
) -> Iterator[tuple[str, etree._Element]]:
    """Return the end of each element with one of the tags, after which it is emptied.

    The elements of `kept` are returned where they begin, with nothing in them. Raises Damaged or
    UnsafeArchive; KeyError if the archive has no such entry.
    """
    with archive.open(entry) as file:
        walk = etree.iterparse(
            file,
            events=("start", "end"),
            tag=(*tags, *kept),
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        starting = {tag.rpartition("}")[2] for tag in kept}
        try:
            for event, element in walk:
                is_kept = etree.QName(element).localname in starting
                if event == "start" and is_kept:
                    yield event, element
                elif event == "end" and not is_kept:
                    yield event, element
                    _empty(element)
        except etree.XMLSyntaxError as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise Damaged(
                f"The spreadsheet is damaged: the markup of {entry} is broken."
            ) from error


def _empty(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
