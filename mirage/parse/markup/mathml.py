"""Writes a formula on one line: `1/2`, `x²`, `x_i`, `√(a+b)`; a table's rows are joined by `;`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from mirage.parse.characters.superscripts import lowered, raised
from mirage.parse.markup.tree import local_name

_UNREAD = frozenset(("annotation", "annotation-xml", "mphantom"))
_NO_WORDS = frozenset(("mi", "mn", "mo", "math", "mrow"))
_INVISIBLE = dict.fromkeys(range(0x2061, 0x2065))  # Invisible operators such as `times`.
_PRIMES = frozenset("'′″‴")
_WIDE = re.compile(r"\s*(?:[1-9][\d.]*|0?\.[5-9]\d*)em")  # A thinner space is only typography.
_NO_LINE = frozenset(("0", "0px", "0pt", "0em"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a formula; an end that is a word needs a blank before another word."""

    text: str
    begins_word: bool = False
    ends_word: bool = False


_Pieces = list[_Piece]


def read_formula(math: etree._Element) -> str:
    """Return what the markup shows; if it shows nothing, the source of the formula."""
    pieces: list[_Pieces] = [[]]
    walk = etree.iterwalk(math, events=("start", "end"))
    for event, element in walk:
        name = local_name(element)
        if event == "start":
            pieces.append([])
            if name in _UNREAD:
                walk.skip_subtree()
            elif text := _squeeze(element.text):
                pieces[-1].append(_word(name, text, element.text or ""))
            continue
        inside = pieces.pop()
        if name not in _UNREAD:
            pieces[-1].append(_build(name, element, inside))
        if element is not math and (tail := _squeeze(element.tail)):
            pieces[-1].append(_word("mtext", tail, tail))
    text = _squeeze(_row(pieces[0]).text)
    source = next(math.iter("{*}annotation"), None)
    return text or math.get("alttext") or (_squeeze(source.text) if source is not None else "")


def _squeeze(text: str | None) -> str:
    if not text or text.isspace():  # The usual text between tags.
        return ""
    return " ".join(text.translate(_INVISIBLE).split())


def _word(name: str, text: str, written: str) -> _Piece:
    """Return a symbol or number as it is, and a name such as `sin` or a text as a word."""
    if name in _NO_WORDS:
        text = text.replace(" ", "")
        is_word = len(text) > 1 and text.isalpha()
        return _Piece(text, is_word, is_word)
    padded = " " in text or written != written.strip()
    return _Piece(f" {text} " if padded else text, True, True)


def _build(name: str, element: etree._Element, inside: _Pieces) -> _Piece:
    if name in _BY_PLACE and len(inside) == _BY_PLACE[name][0]:
        return _BY_PLACE[name][1](inside)
    if name == "mfrac" and len(inside) == 2:
        return _fraction(inside, has_line=element.get("linethickness") not in _NO_LINE)
    if name == "mfenced":
        return _fenced(element, inside)
    if name == "msqrt":
        return _Piece(f"√{_group(_row(inside).text)}", False, True)
    if name in ("mtable", "mtr", "mlabeledtr", "mmultiscripts"):
        texts = (piece.text.strip() for piece in inside)
        glue = "; " if name == "mtable" else " "
        return _Piece(glue.join(text for text in texts if text), True, True)
    if name == "mspace":
        return _Piece(" " if _WIDE.match(element.get("width", "")) else "")
    return _row(inside[:1] if name == "maction" else inside)


def _row(pieces: _Pieces) -> _Piece:
    shown = [piece for piece in pieces if piece.text]
    if not shown:
        return _Piece("")
    parts = [shown[0].text]
    for before, piece in pairwise(shown):
        if (before.ends_word or piece.begins_word) and (
            before.text[-1].isalnum() and piece.text[0].isalnum()
        ):
            parts.append(" ")
        parts.append(piece.text)
    return _Piece("".join(parts), shown[0].begins_word, shown[-1].ends_word)


def _group(text: str) -> str:
    """Return the text in parentheses, unless it is a number, a name or a sign."""
    text = text.strip()
    return text if len(text) == 1 or text.replace(".", "").isalnum() else f"({text})"


def _base(piece: _Piece) -> str:
    text = piece.text.strip()
    return text if not text or text[-1] in ")]}|" else _group(text)


def _above(text: str) -> str:
    text = text.strip()
    return raised(text) or (text if text in _PRIMES or not text else f"^{_group(text)}")


def _below(text: str) -> str:
    text = text.strip()
    return lowered(text) or (text and f"_{_group(text)}")


def _accent(text: str, mark: str) -> str:
    """Return what is right above or below: a sign such as a bar, or a limit with its mark."""
    text = text.strip()
    is_sign = len(text) <= 1 and not text.isalnum()
    return text if is_sign else f"{mark}{_group(text)}"


def _script(base: _Piece, scripts: str) -> _Piece:
    return _Piece(_base(base) + scripts, base.begins_word, "_" in scripts or "^" in scripts)


def _fraction(inside: _Pieces, *, has_line: bool) -> _Piece:
    above, below = (_group(piece.text) for piece in inside)
    return _Piece(f"{above}/{below}" if has_line else f"{above} {below}", True, True)


def _fenced(element: etree._Element, inside: _Pieces) -> _Piece:
    separators = "".join(element.get("separators", ",").split())
    parts = [element.get("open", "(")]
    for at, piece in enumerate(inside):
        if at and separators:
            parts.append(separators[min(at, len(separators)) - 1])
        parts.append(piece.text)
    return _Piece("".join([*parts, element.get("close", ")")]))


_BY_PLACE: dict[str, tuple[int, Callable[[_Pieces], _Piece]]] = {
    "msup": (2, lambda p: _script(p[0], _above(p[1].text))),
    "msub": (2, lambda p: _script(p[0], _below(p[1].text))),
    "msubsup": (3, lambda p: _script(p[0], _below(p[1].text) + _above(p[2].text))),
    "mover": (2, lambda p: _script(p[0], _accent(p[1].text, "^"))),
    "munder": (2, lambda p: _script(p[0], _accent(p[1].text, "_"))),
    "munderover": (
        3,
        lambda p: _script(p[0], _accent(p[1].text, "_") + _accent(p[2].text, "^")),
    ),
    "mroot": (2, lambda p: _Piece(f"{raised(p[1].text) or p[1].text}√{_group(p[0].text)}")),
}
