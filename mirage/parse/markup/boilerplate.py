"""Separates the content of a page from what surrounds it. A doubtful part is content."""

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from mirage.parse.markup.forms import write_form_fields
from mirage.parse.markup.tree import count_visible

_UNSEEN = ("head", "script", "style", "template", "noscript")
_LEFT_OUT = "left-out"
_REGIONS = ("main", "article")
_SECTIONING = frozenset(("main", "article", "section"))
_SURROUNDINGS = frozenset(("header", "footer", "aside"))
_SURROUNDING_ROLES = frozenset(("banner", "contentinfo", "search"))
_BLOCKS = frozenset(("div", "dl", "form", "ol", "p", "table", "ul"))
_CONTROLS = frozenset(("select", "datalist"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"))
_DISCLOSED = frozenset(("div", "p", "section"))
_BANNER = re.compile(
    r"cookie[-_]?(?:banner|bar|notice|popup|modal|overlay|message|consent|law|bot|yes)(?![a-z])"
    r"|(?:gdpr|consent)[-_]?(?:banner|bar|notice|popup|modal|overlay)(?![a-z])"
    r"|onetrust|cc-window|didomi|usercentrics|qc-cmp",
    re.IGNORECASE,
)
_BANNER_ROLES = frozenset(("dialog", "alertdialog"))
_FURNITURE = re.compile(r"(?:^|\s)(?:skip-(?:link|to|nav)|mw-(?:editsection|jump-link))")
_TELLING = {
    "consent": re.compile("cookie|consent|куки", re.IGNORECASE),
    "rights": re.compile("©|copyright|all rights reserved", re.IGNORECASE),
}
_MIN_SHARE = 0.5  # guess: the surroundings hold less text than the content
_MIN_LINKED = 0.5  # guess: navigation consists of links, an unclosed chapter does not
_NEARLY_ALL = 0.8  # guess: a menu is links and maybe a title, a bibliography has more
_MAX_RIGHTS = 300  # guess: characters of an imprint; a longer footer is content


@dataclass(slots=True)
class _Extent:
    """What an element holds: visible characters, those in links, those left out, and features."""

    characters: int = 0
    linked: int = 0
    left_out: int = 0
    holds: set[str] = field(default_factory=set)

    def write(self, text: str | None) -> None:
        if characters := count_visible(text):
            self.characters += characters
            self.holds.update(name for name, words in _TELLING.items() if words.search(str(text)))

    def add(self, inner: "_Extent") -> None:
        self.characters += inner.characters
        self.linked += inner.linked
        self.left_out += inner.left_out
        if inner.holds:
            self.holds |= inner.holds


def find_content(root: etree._Element) -> etree._Element:
    """Return the page without its surroundings, which are removed from `root` itself."""
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    write_form_fields(root)
    finder = _Finder(root)
    extent = finder.walk(root)
    if extent.left_out == extent.characters:
        finder.surroundings.clear()  # The page has no other text.
    for element in [*finder.surroundings, *finder.furniture]:
        element.tag = _LEFT_OUT
    etree.strip_elements(root, _LEFT_OUT, with_tail=False)
    return root


class _Finder:
    """Judges each element once, after its content has been counted."""

    def __init__(self, root: etree._Element) -> None:
        self.surroundings: list[etree._Element] = []
        self.furniture: list[etree._Element] = []
        census = _census(root)
        self._size = census["all"]
        self._has_region = any(
            0 < _MIN_SHARE * census["words"] <= census[name] for name in _REGIONS
        )
        self._around: Counter[str] = Counter()  # The elements around the current one, by kind.

    def walk(self, root: etree._Element) -> _Extent:
        extents = [_Extent()]
        for event, element in etree.iterwalk(root, events=("start", "end")):
            kinds = _kinds(element)
            if event == "start":
                self._around.update(kinds)
                extents.append(_Extent())
                extents[-1].write(element.text)
                continue
            self._around.subtract(kinds)
            extent = extents.pop()
            # Text may follow the end of the body.
            if element is not root and element.tag != "body":
                self._judge(element, extent)
            _describe(element, extent)
            extents[-1].add(extent)
            extents[-1].write(element.tail)
        return extents[0]

    def _judge(self, element: etree._Element, extent: _Extent) -> None:
        on_page = not self._around["section"]
        if self._is_surroundings(element, extent, on_page=on_page):
            self.surroundings.append(element)
        elif self._is_furniture(element, extent) or self._is_banner(element, extent):
            self.furniture.append(element)
        else:
            return
        extent.left_out = extent.characters

    def _is_surroundings(self, element: etree._Element, extent: _Extent, *, on_page: bool) -> bool:
        """Return whether it is navigation, or belongs to the page instead of a section."""
        role = element.get("role", "")
        if "region" in extent.holds or role.startswith("doc-"):
            return False
        linked = extent.linked
        if element.tag == "nav" or role == "navigation":
            return self._is_small(extent) or linked >= _MIN_LINKED * extent.characters
        if not on_page or "title" in extent.holds:
            return False
        if role in _SURROUNDING_ROLES:
            return self._is_small(extent) or linked >= _MIN_LINKED * extent.characters
        if element.tag == "footer" and "rights" in extent.holds and self._is_small(extent):
            return extent.characters - linked <= _MAX_RIGHTS
        surrounds = element.tag in _SURROUNDINGS or role == "complementary"
        is_outside = self._has_region and element.tag in _BLOCKS
        return (surrounds or is_outside) and 0 < _NEARLY_ALL * extent.characters <= linked

    def _is_furniture(self, element: etree._Element, extent: _Extent) -> bool:
        """Return whether it is a control, or a link for handling the page."""
        tag = element.tag
        if tag == "button":
            return not self._around["heading"] and (
                self._around["form"] > 0 or not _is_disclosure(element)
            )
        parent = element.getparent()
        if tag == "a" and parent is not None and parent.tag in _HEADINGS:
            # The sign links to the heading itself.
            text = element.text or ""
            return bool(text) and not any(c.isalnum() for c in text) and len(element) == 0
        if tag == "dialog":
            return element.get("open") is None
        named = _FURNITURE.search(element.get("class", ""))
        return tag in _CONTROLS or (bool(named) and self._is_small(extent))

    def _is_banner(self, element: etree._Element, extent: _Extent) -> bool:
        """Return whether it is a small banner that asks for consent to cookies."""
        if "consent" not in extent.holds or extent.holds & {"region", "h1"}:
            return False
        if element.tag in _REGIONS or self._around["section"]:
            return False  # A policy about cookies, or a recipe for them.
        named = _BANNER.search(f"{element.get('id', '')} {element.get('class', '')}")
        is_named = bool(named) or element.get("role") in _BANNER_ROLES
        return is_named and self._is_small(extent)

    def _is_small(self, extent: _Extent) -> bool:
        return extent.characters <= _MIN_SHARE * self._size


def _kinds(element: etree._Element) -> list[str]:
    """Return what the element means for the elements in it."""
    kinds: list[str] = []
    if element.tag in _SECTIONING or element.get("role") == "main":
        kinds.append("section")
    if element.tag in _HEADINGS:
        kinds.append("heading")
    if element.tag == "form":
        kinds.append("form")
    return kinds


def _describe(element: etree._Element, extent: _Extent) -> None:
    """Note in the extent what the element means for the elements around it."""
    if element.tag == "a":
        extent.linked = extent.characters
    elif element.tag in _REGIONS or element.get("role") in _REGIONS:
        extent.holds.add("region")
    elif element.tag == "h1" and extent.characters:
        extent.holds.update(("h1",) if extent.linked else ("h1", "title"))


def _is_disclosure(button: etree._Element) -> bool:
    """Return whether the button is the heading of what follows, as a question of its answer."""
    element = button
    parent = element.getparent()
    while parent is not None and parent.tag in _DISCLOSED and _is_alone(element):
        element, parent = parent, parent.getparent()
    following = element.getnext()
    return following is not None and following.tag in _DISCLOSED


def _is_alone(element: etree._Element) -> bool:
    return element.getprevious() is None and element.getnext() is None


def _census(root: etree._Element) -> Counter[str]:
    """Count visible characters: `all`, the `words` outside of links, and these per kind of region.

    Nested regions of one kind count once.
    """
    census: Counter[str] = Counter()
    around: Counter[str] = Counter()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        kinds = {element.tag, element.get("role")} & {"a", *_REGIONS}
        if event == "start":
            around.update(kinds)
        else:
            around.subtract(kinds)
        text = element.text if event == "start" else element.tail
        characters = count_visible(text)
        census["all"] += characters
        if characters and not around["a"]:
            for name in ("words", *(region for region in _REGIONS if around[region])):
                census[name] += characters
    return census
