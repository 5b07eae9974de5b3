"""Parses XHTML, HTML and other XML from outside to a tree, without losing text silently.

The document type is removed, so no entity can expand or read a file.
"""

import contextlib
import re
from functools import lru_cache
from html import escape, unescape
from html.entities import html5

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.characters.cleaning import clean
from mirage.parse.characters.decoding import (
    WESTERN,
    declared_encoding,
    decode,
    decode_as,
    is_utf8,
    marked_encoding,
)
from mirage.parse.markup.unscripted import unwrap_unscripted

_ENCODING = re.compile(
    rb"""<(?:\?xml|meta)[^>]{0,200}?(?:encoding|charset)\s*=\s*["']?([\w.-]+)""", re.IGNORECASE
)
_DECLARED_WITHIN = 4096  # guess: browsers look at 1,024 bytes first and continue while parsing
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]*(\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DOCTYPE_BEGIN = re.compile("<!DOCTYPE", re.IGNORECASE)
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_NAMED_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([^\W\d][\w.:-]{0,63});")
_NUMERIC_ENTITY = re.compile(r"&#(?:x[0-9a-f]{1,8}|[0-9]{1,10});?", re.IGNORECASE)
_UTF8 = "utf-8"  # The parsers get this encoding, whatever the source declares.
_OUT_OF_MEMORY = etree.ErrorTypes.ERR_NO_MEMORY
_RESOURCE_LIMIT = etree.ErrorTypes.ERR_RESOURCE_LIMIT
_TAG = re.compile(r"<[^<>]*>")
_PAGE_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_MIN_SAVED = 0.9  # guess: stray signs may be lost, but no sentence


def parse_markup(content: bytes) -> etree._Element:
    """Return the root element; named entities are resolved, a document type is ignored.

    Raises Damaged if there is no markup, or if too much text of broken markup would be lost.
    """
    source = _source(content)
    try:
        return _parse_strict(source)
    except etree.XMLSyntaxError:
        return _parse_broken(source)


def parse_xml(content: bytes) -> etree._Element:
    """Return the root element of XML from a program. Raises Damaged if it is not well-formed."""
    try:
        return _parse_strict(_source(content))
    except etree.XMLSyntaxError as error:
        raise Damaged("The file is damaged: its markup is broken.") from error


def parse_html(content: bytes) -> etree._Element:
    """Return the root element of a page as a browser reads it, broken or not.

    Raises Damaged if the page is nested too deeply or has no markup.
    """
    source = unwrap_unscripted(_source(content))
    try:
        return _parse_strict(source)
    except etree.XMLSyntaxError:
        root = _parse_lenient(source)
    if root is None:
        raise Damaged("The page is damaged: it holds no markup.")
    return root


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace, in lower case."""
    return _local_name(str(element.tag))


def count_visible(text: str | None) -> int:
    """Return the number of characters that are not whitespace."""
    return len("".join(text.split())) if text else 0


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _source(content: bytes) -> str:
    source = _NUMERIC_ENTITY.sub(
        lambda entity: _numbered(entity.group()), _strip_prologue(_decode(content))
    )
    return _NAMED_ENTITY.sub(_character, source)


def _parse_strict(source: str) -> etree._Element:
    """Return the root element. Raises XMLSyntaxError."""
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
        raise


def _parse_lenient(source: str) -> etree._Element | None:
    """Return the root element as a browser reads it; None if there is none.

    Raises Damaged if the markup is nested too deeply.
    """
    # `huge_tree` bounds the depth too, at 2,048 elements.
    parser = etree.HTMLParser(
        encoding=_UTF8, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        # The parser drops text after the end of the page, but browsers read it.
        root = etree.fromstring(_PAGE_END.sub("<div></div>", source).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    # The parser silently drops the rest of the page.
    if any(entry.type == _RESOURCE_LIMIT for entry in parser.error_log):
        raise Damaged("The markup is damaged: it is nested too deeply.")
    return root


def _parse_broken(source: str) -> etree._Element:
    """Return the lenient reading, as XML or as HTML, that keeps more text."""
    xml = etree.XMLParser(
        encoding=_UTF8,
        recover=True,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    readings = [_parse_lenient(source)]
    with contextlib.suppress(etree.XMLSyntaxError):
        readings.insert(0, etree.fromstring(source.encode(), xml))
    best = max((root for root in readings if root is not None), key=_saved, default=None)
    if best is None:
        raise Damaged("The document is damaged: one of its files holds no markup.")
    if _saved(best) < _MIN_SAVED * count_visible(unescape(_TAG.sub("", _uncommented(source)))):
        raise Damaged("The document is damaged: the markup of one of its files is broken.")
    return best


def _uncommented(source: str) -> str:
    kept: list[str] = []
    at = 0
    while (begin := source.find("<!--", at)) >= 0 and (end := source.find("-->", begin)) >= 0:
        kept.append(source[at:begin])
        at = end + len("-->")
    return "".join([*kept, source[at:]])


def _saved(root: etree._Element) -> int:
    return sum(count_visible(str(text)) for text in root.itertext())


def _decode(content: bytes) -> str:
    if marked := marked_encoding(content):
        return content.decode(marked, "replace")
    declared = _ENCODING.search(content, 0, _DECLARED_WITHIN)
    encoding = declared_encoding(declared.group(1).decode("ascii")) if declared else None
    if encoding and encoding != "utf-8" and is_utf8(content, beyond_doubt=encoding != WESTERN):
        # Many pages still declare another encoding after a change to UTF-8.
        return content.decode("utf-8")
    declared_text = decode_as(content, encoding) if encoding else None
    if declared_text is not None:
        return declared_text
    return decode(content) or content.decode("cp1252", "replace")


def _strip_prologue(source: str) -> str:
    source = _DECLARATION.sub("", clean(source), count=1)
    behind = 0
    while comment := _COMMENT.match(source, behind):  # A comment may hold a document type.
        behind = comment.end()
    begin = _DOCTYPE_BEGIN.search(source, behind)
    # Only at the first one, because the search for the end of each of many would take hours.
    doctype = _DOCTYPE.match(source, begin.start()) if begin else None
    return source[: doctype.start()] + source[doctype.end() :] if doctype else source


def _character(entity: re.Match[str]) -> str:
    named = html5.get(f"{entity.group(1)};")
    return escape(named) if named else f"&amp;{entity.group(1)};"


@lru_cache(maxsize=1024)  # Some pages write each non-ASCII letter so.
def _numbered(entity: str) -> str:
    """Return the character as HTML reads it: 128 to 159 are Windows characters; no controls."""
    return escape(clean(unescape(entity)))
