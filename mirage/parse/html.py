"""Parses HTML: the main content of a page, one section per heading. Fetches nothing."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from mirage.errors import Blank
from mirage.model import Parsed, Section
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.links import host_of
from mirage.parse.markup.boilerplate import find_content
from mirage.parse.markup.flow import Flow, Heading
from mirage.parse.markup.reader import read_flow, read_title
from mirage.parse.markup.tree import local_name, parse_html
from mirage.parse.markup.unscripted import show_all

# Facts for machines, which a report in inline XBRL does not show.
_RECORDS = "{http://www.xbrl.org/"
_RECORD = "ix-header"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged or Blank."""
    root = _read_root(path.read_bytes())
    own_hosts = set(_hosts(root))
    title = read_title(root.find(".//head/title"))
    language = root.get("lang") or root.get(_XML_LANG)
    sections = tuple(join_bare_headings(_sections(read_flow(find_content(root), own_hosts))))
    if not sections:
        raise Blank("The page contains no text.")
    if not title:
        title = next((section.heading_path[0] for section in sections if section.heading_path), "")
    return Parsed(sections, title=title or None, language=language)


def read_page(source: str) -> str:
    """Return all text of a page, such as that of a mail. Raises Damaged."""
    if not source.strip():
        return ""
    # The mark says that what the page declares about its encoding no longer holds.
    return read_flow(_read_root(f"\ufeff{source}".encode("utf-8", "replace"))).text


def _read_root(content: bytes) -> etree._Element:
    root = parse_html(content)
    for element in root.iter(etree.Element):
        if element.tag == "ix:header" or element.tag.startswith(_RECORDS):
            element.tag = _RECORD if local_name(element).endswith("header") else "span"
        elif element.tag.startswith("{"):
            element.tag = local_name(element)  # XHTML has a namespace, HTML has not.
    etree.strip_elements(root, _RECORD, with_tail=False)
    show_all(root)
    return root


def _hosts(root: etree._Element) -> Iterator[str]:
    """Return the hosts that the page says it is on."""
    for name, key in (("link[@rel='canonical']", "href"), ("base", "href")):
        for element in root.iterfind(f".//{name}"):
            yield host_of(element.get(key) or "")
    for element in root.iterfind(".//meta[@property='og:url']"):
        yield host_of(element.get("content") or "")


def _sections(flow: Flow) -> Iterator[Section]:
    path: HeadingPath = []
    start = 0
    for heading in [*flow.headings, Heading(len(flow.text), 0, "", 0)]:
        if text := flow.text[start : heading.offset].rstrip().lstrip("\n"):
            yield Section(text, titles(path))
        path = descend(path, heading.level, heading.text)
        start = heading.offset
