"""Makes a page what it is without scripts, frames and shadows, as a reader of its text wants it."""

import re
from collections.abc import Iterator

from lxml import etree

_FRAMES = re.compile(r"</?(?:frameset|frame|noframes)\b[^<>]*>", re.IGNORECASE)
_OPENING, _CLOSING = "<noscript", "</noscript"
_TAG = re.compile(r"<[^<>]*>")
_ASKS_FOR_SCRIPTS = re.compile(r"java\s?script|enable scripts?|browser|cookie", re.IGNORECASE)
_MAX_REQUEST = 400  # guess: characters; an article about scripts is longer
_SHADOWS = ("shadowrootmode", "shadowroot")
_METADATA = frozenset(
    ("base", "basefont", "bgsound", "link", "meta", "noscript", "script", "style", "template",
     "title")
)  # fmt: skip


def unwrap_unscripted(source: str) -> str:
    """Return the source with what it shows without scripts and frames.

    Requests to switch scripts on, tracking pixels and repetitions are left out. Tags are changed in
    the source, because a `noscript` may hold only the beginning of an element.
    """
    if "frame" in source:
        source = _FRAMES.sub("", source)
    lower = source.lower()
    if _OPENING not in lower:
        return source
    parts = list(_split(source, lower))
    shown = _squeeze(_without_scripts("".join(text for text, inside in parts if not inside)))
    return "".join(
        text if not is_inside or _is_content(text, shown) else "" for text, is_inside in parts
    )


def _split(source: str, lower: str) -> Iterator[tuple[str, bool]]:
    """Return the parts of the source, and whether each was inside of `noscript`."""
    at = 0
    while (begin := lower.find(_OPENING, at)) >= 0:
        yield source[at:begin], False
        inside = lower.find(">", begin) + 1
        end = lower.find(_CLOSING, inside) if inside else -1
        if end < 0:
            # It is never closed: what follows is the page.
            yield source[inside or len(source) :], False
            return
        yield source[inside:end], True
        at = lower.find(">", end) + 1 or len(source)
    yield source[at:], False


def _without_scripts(source: str) -> str:
    for opening, closing in (("<script", "</script"), ("<style", "</style")):
        kept: list[str] = []
        lower, at = source.lower(), 0
        while (begin := lower.find(opening, at)) >= 0 and (end := lower.find(closing, begin)) >= 0:
            kept.append(source[at:begin])
            at = end
        source = "".join([*kept, source[at:]])
    return source


def _is_content(inside: str, shown: str) -> bool:
    words = _squeeze(inside)
    if not words:
        return False
    if len(words) <= _MAX_REQUEST and _ASKS_FOR_SCRIPTS.search(words):
        return False
    return words not in shown


def _squeeze(source: str) -> str:
    return " ".join(_TAG.sub(" ", source).split())


def show_all(root: etree._Element) -> None:
    """Move what stands in the head by mistake into the body, and open the shadows of elements."""
    for template in list(root.iter("template")):
        if any(template.get(name) is not None for name in _SHADOWS):
            template.tag = "div"
    head = root.find("head")
    if head is None:
        return
    misplaced: list[etree._Element] = []
    for child in head.iterchildren(etree.Element):
        if misplaced or child.tag.lower() not in _METADATA:
            misplaced.append(child)
    if not misplaced:
        return
    body = root.find("body")
    if body is None:
        body = etree.SubElement(root, "body")
    first = etree.Element("div")
    first.extend(misplaced)
    first.tail, body.text = body.text, None
    body.insert(0, first)
