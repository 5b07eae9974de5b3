"""What of a page is its content, and what surrounds it. In doubt a part is content."""

import re

from lxml import etree

_UNSEEN = ("head", "script", "style", "template", "noscript")
_LEFT_OUT = "left-out"
_CONTENT = ("main", "article")
_SURROUNDINGS = frozenset(("header", "footer", "aside"))
_SURROUNDING_ROLES = frozenset(("banner", "contentinfo", "complementary", "search"))
_SECTIONING = frozenset(("main", "article", "section"))
_CONTROLS = frozenset(("select", "datalist", "textarea", "dialog"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"))
_BANNER = re.compile(
    r"cookie[-_]?(?:banner|bar|notice|popup|modal|overlay|message|consent|law|bot|yes)"
    r"|(?:gdpr|consent)[-_]?(?:banner|bar|notice|popup|modal|overlay)"
    r"|onetrust|cc-window|didomi|usercentrics|qc-cmp",
    re.IGNORECASE,
)
_BANNER_ROLES = frozenset(("dialog", "alertdialog"))
_BANNER_TEXT = re.compile("cookie|consent|куки", re.IGNORECASE)
_FURNITURE = re.compile(r"(?:^|\s)(?:skip-(?:link|to|nav)|mw-(?:editsection|jump-link))")
_MIN_SHARE = 0.5  # guess: content that is marked as such holds most of what is no surroundings
_MIN_LINKED = 0.5  # guess: navigation is links, a chapter that was never closed is not


def find_content(root: etree._Element) -> etree._Element:
    """The element to read: the page's `main`, else its articles, else all that is no surroundings.

    Takes `root` apart.
    """
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    size = _size(root)
    surroundings, furniture = _find_left_out(root, size)
    if sum(map(_size, [*surroundings, *furniture])) == size:
        surroundings = []  # There is nothing else to read.
    for element in [*surroundings, *furniture]:
        element.tag = _LEFT_OUT
    etree.strip_elements(root, _LEFT_OUT, with_tail=False)
    size = _size(root)
    for name in _CONTENT:
        regions = _outermost(root, name)
        if regions and sum(map(_size, regions)) >= _MIN_SHARE * size:
            return _gather(root, regions)
    return root


def _find_left_out(
    root: etree._Element, size: int
) -> tuple[list[etree._Element], list[etree._Element]]:
    """What surrounds the content, and what is none on any page; none lies within another."""
    surroundings: list[etree._Element] = []
    furniture: list[etree._Element] = []
    sections = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if element is root or element.tag == "body":  # Text may stand behind the body's end.
            continue
        sectioning = element.tag in _SECTIONING or element.get("role") == "main"
        sections += sectioning if event == "start" else -sectioning
        if event == "end":
            continue
        if _is_surroundings(element, size, on_page=sections == 0):
            surroundings.append(element)
            walk.skip_subtree()
        elif _is_furniture(element) or _is_banner(element, size):
            furniture.append(element)
            walk.skip_subtree()
    return surroundings, furniture


def _is_surroundings(element: etree._Element, size: int, *, on_page: bool) -> bool:
    """Navigation anywhere, and what belongs to the page instead of one of its sections."""
    role = element.get("role", "")
    if element.tag != "nav" and role != "navigation":
        surrounds = element.tag in _SURROUNDINGS or role in _SURROUNDING_ROLES
        if not (on_page and surrounds) or _is_title_block(element):
            return False
    if _holds(element, *_CONTENT):
        return False
    own = _size(element)
    linked = sum(_size(link) for link in element.iter("a"))
    return own <= _MIN_SHARE * size or linked >= _MIN_LINKED * own


def _is_title_block(element: etree._Element) -> bool:
    """A header that says what the page is called, instead of what the site is."""
    heading = next(element.iter("h1"), None)
    return heading is not None and not _holds(element, "nav") and heading.find(".//a") is None


def _is_furniture(element: etree._Element) -> bool:
    """What is hidden, controls, and links that belong to the page's handling."""
    if element.get("hidden") is not None:
        return True
    if element.tag == "button":
        return not any(above.tag in _HEADINGS for above in element.iterancestors())
    parent = element.getparent()
    if element.tag == "a" and parent is not None and parent.tag in _HEADINGS:
        # The sign that links to the heading itself.
        text = "".join(map(str, element.itertext()))
        return bool(text) and not any(c.isalnum() for c in text) and len(element) == 0
    return element.tag in _CONTROLS or bool(_FURNITURE.search(element.get("class", "")))


def _is_banner(element: etree._Element, size: int) -> bool:
    """Asks for consent to cookies, says so, and is small."""
    named = _BANNER.search(f"{element.get('id', '')} {element.get('class', '')}")
    if not named and element.get("role") not in _BANNER_ROLES:
        return False
    if _holds(element, "h1", *_CONTENT):
        return False
    text = "".join(map(str, element.itertext()))
    return _size(element) <= _MIN_SHARE * size and bool(_BANNER_TEXT.search(text))


def _outermost(root: etree._Element, name: str) -> list[etree._Element]:
    found: list[etree._Element] = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if element.tag == name or element.get("role") == name:
            found.append(element)
            walk.skip_subtree()
    return found


def _gather(root: etree._Element, regions: list[etree._Element]) -> etree._Element:
    """The regions alone, behind the page's title where that stands outside of them."""
    if not any(_holds(region, "h1") for region in regions):
        headers = [header for header in root.iter("header") if _is_title_block(header)]
        regions = headers[:1] + regions
    gathered = etree.Element("body")
    for region in regions:
        region.tail = None
        gathered.append(region)
    return gathered


def _holds(element: etree._Element, *names: str) -> bool:
    return next(element.iter(*names), None) is not None


def _size(element: etree._Element) -> int:
    """How many characters there are to see."""
    return len("".join("".join(map(str, element.itertext())).split()))
