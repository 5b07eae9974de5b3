"""XHTML, HTML and other XML of unknown origin to a tree, without ever losing a passage in silence.

There is no document type, hence no entity that expands and none that reads a file.
"""

import re
from html import escape
from html.entities import html5

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.cleaning import clean

_ENCODING = re.compile(rb"""<(?:\?xml|meta)[^>]{0,200}?(?:encoding|charset)\s*=\s*["']?([\w.-]+)""")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_NAMED_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z]\w{0,31});")
_UTF8 = "utf-8"  # What the parsers are told, whatever a declaration in the source says.
_OUT_OF_MEMORY = etree.ErrorTypes.ERR_NO_MEMORY
_TAG = re.compile(r"<[^>]*>")
_MIN_SAVED = 0.9  # guess: stray signs may be lost, but no passage


def parse_markup(content: bytes) -> etree._Element:
    """The root element; named entities are resolved, a document type is ignored.

    Raises Damaged when there is no markup at all.
    """
    source = _NAMED_ENTITY.sub(_character, _strip_prologue(_decode(content)))
    strict = etree.XMLParser(
        encoding=_UTF8,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(source.encode(), strict)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == _OUT_OF_MEMORY:
            raise MemoryError from error
        return _parse_broken(source)


def _parse_broken(source: str) -> etree._Element:
    """Of two lenient readings the one that saves more text."""
    readings: list[etree._Element] = []
    xml = etree.XMLParser(
        encoding=_UTF8,
        recover=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    lenient = etree.HTMLParser(
        encoding=_UTF8, no_network=True, remove_comments=True, remove_pis=True
    )
    for parser in (xml, lenient):
        try:
            root = etree.fromstring(source.encode(), parser)
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            readings.append(root)
    if not readings:
        raise Damaged("The book is damaged: one of its files holds no markup.")
    best = max(readings, key=_saved)
    # Both give up on markup that is nested too deeply, and would say nothing of what is left out.
    if _saved(best) < _MIN_SAVED * len("".join(_TAG.sub("", source).split())):
        raise Damaged("The book is damaged: the markup of one of its files is broken.")
    return best


def _saved(root: etree._Element) -> int:
    return sum(len("".join(str(text).split())) for text in root.itertext())


def _decode(content: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    declared = _ENCODING.search(content[:1024])
    for encoding in (declared.group(1).decode("ascii") if declared else "utf-8", "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


def _strip_prologue(source: str) -> str:
    return _DOCTYPE.sub("", _DECLARATION.sub("", clean(source), count=1), count=1)


def _character(entity: re.Match[str]) -> str:
    named = html5.get(f"{entity.group(1)};")
    return escape(named) if named else f"&amp;{entity.group(1)};"
