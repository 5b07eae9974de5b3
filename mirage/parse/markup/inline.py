"""Reads elements within a line as a whole: pictures, ruby, superscripts and note marks."""

from itertools import islice

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.characters.superscripts import lowered, raised
from mirage.parse.markup.tree import local_name

EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
SCRIPTS = {"sup": raised, "sub": lowered}
STRUCK = "~~"
"""Stands before and after text that is struck through, as in Markdown."""

_PHRASING = frozenset(
    ("a", "b", "big", "cite", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u")
)  # fmt: skip
_MAX_MARK_ELEMENTS = 8
_MAX_MARK_CHARACTERS = 20  # guess: `note 12` is the mark of a note, a sentence is not


def semantics(element: etree._Element) -> set[str]:
    """Return the meanings by `epub:type` and role, such as `noteref`."""
    if not element.attrib:  # libxml2 would look at all ancestors for the namespace.
        return set()
    # The attribute has no namespace if only the lenient HTML parser could read the file.
    kind = element.get(EPUB_TYPE) or element.get("epub:type") or ""
    return {word.removeprefix("doc-") for word in f"{kind} {element.get('role') or ''}".split()}


def read_alternative(image: etree._Element) -> str:
    """Return the alternative text of a picture, in brackets."""
    text = one_line(image.get("alt") or "")
    return f"[{text}]" if text else ""


def read_mark(element: etree._Element, *, is_raised: bool) -> str:
    """Return the mark of a note in brackets; empty for any other element."""
    is_mark = "noteref" in semantics(element) or (
        local_name(element) == "a" and (is_raised or _is_all_raised(element))
    )
    text = _short_text(element) if is_mark else ""
    is_bracketed = text.startswith(("[", "(")) or _text_before(element).endswith(("[", "("))
    return text if is_bracketed or not text else f"[{text}]"


def read_script(element: etree._Element) -> str:
    """Return a superscript or subscript in such characters; empty if one of them is missing."""
    name = local_name(element)
    text = _short_text(element)
    # A raised link is the mark of a note.
    is_mark = bool(text) and name == "sup" and element.find(".//{*}a") is not None
    return "" if is_mark else SCRIPTS[name](text) or ""


def ends_number(element: etree._Element) -> bool:
    """Return whether it is the ending of an ordinal number, as in 1st."""
    text = element.text or ""
    return not len(element) and text.isalpha() and _text_before(element)[-1:].isdigit()


def _text_before(element: etree._Element) -> str:
    previous = element.getprevious()
    before = previous.tail if previous is not None else getattr(element.getparent(), "text", None)
    return before or ""


def read_ruby(ruby: etree._Element) -> str:
    """Return the words undivided, then their reading in parentheses."""
    words: list[str] = []
    reading: list[str] = []
    walk = etree.iterwalk(ruby, events=("start", "end"))
    for event, element in walk:
        name = local_name(element)
        if event == "end":
            words.append((element.tail if element is not ruby else "") or "")
        elif name in ("rt", "rp"):
            if name == "rt":
                reading.append("".join(map(str, element.itertext())).strip())
            walk.skip_subtree()
        else:
            words.append(element.text or "")
    base = "".join("".join(words).split())
    return f"{base}({''.join(reading)})" if any(reading) else base


def _is_all_raised(link: etree._Element) -> bool:
    inner = next(link.iterchildren(etree.Element), None)
    return (
        inner is not None
        and local_name(inner) == "sup"
        and inner.getnext() is None
        and not f"{link.text or ''}{inner.tail or ''}".strip()
    )


def _short_text(element: etree._Element) -> str:
    """Return the text of a few words; empty if the element holds more, such as a picture."""
    inside = list(islice(element.iterdescendants(), _MAX_MARK_ELEMENTS + 1))
    if len(inside) > _MAX_MARK_ELEMENTS or any(
        local_name(inner) not in _PHRASING for inner in inside
    ):
        return ""
    text = one_line("".join(map(str, element.itertext())))
    return text if len(text) <= _MAX_MARK_CHARACTERS else ""
