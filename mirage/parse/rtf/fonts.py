"""Knows in which encoding the text of each font is written."""

import codecs
import re
from dataclasses import dataclass, field

from mirage.parse.characters.decoding import WESTERN, guess_encoding
from mirage.parse.characters.symbol_fonts import has_own_signs

# `fcharset` by the specification; 0 and 1 are the document's own code page.
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
# Fonts of Windows 3.1 say it by their name.
_NAMES = {" cyr": "cp1251", " ce": "cp1250", " greek": "cp1253", " tur": "cp1254"}
_DECLARED = re.compile(rb"\\(ansicpg\d{3,5}|mac|pca|pc)(?![a-z])")
_HEAD_BYTES = 4096
_ESCAPE = re.compile(rb"\\'([0-9A-Fa-f]{2})")
_CONTROL = re.compile(rb"\\[A-Za-z]+-?\d* ?|[{}]|\\.", re.DOTALL)
_OLD = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}


@dataclass(slots=True)
class Font:
    """A font of the table; `encoding` is None for the document's own."""

    name: str = ""
    encoding: str | None = None

    @property
    def has_own_signs(self) -> bool:
        """Return whether its letters are signs, as those of Symbol are."""
        return has_own_signs(self.name)


_UNKNOWN = Font()


@dataclass(slots=True)
class Fonts:
    """The table of fonts while it is read."""

    default: str
    """Python's name of the document's encoding."""
    by_number: dict[int, Font] = field(default_factory=dict)
    _current: Font = field(default_factory=Font)

    def begin(self, number: int) -> None:
        """Begin the entry of a font."""
        self._current = self.by_number.setdefault(number, Font())

    def set_charset(self, number: int) -> None:
        """Set the character set of the current entry."""
        self._current.encoding = _CHARSETS.get(number)

    def set_code_page(self, number: int) -> None:
        """Set the code page of the current entry; unknown ones are passed over."""
        self._current.encoding = _code_page(number) or self._current.encoding

    def write(self, text: str) -> None:
        """Add to the name of the current entry."""
        name = self._current.name + text
        self._current.name = name.partition(";")[0].strip() if ";" in name else name
        ending = next((end for end in _NAMES if self._current.name.lower().endswith(end)), None)
        if ending and self._current.encoding is None:
            self._current.encoding = _NAMES[ending]

    def get(self, number: int | None) -> Font:
        """Return a font; one without a name for an unknown number."""
        return self.by_number.get(-1 if number is None else number, _UNKNOWN)

    def encoding(self, font: Font) -> str:
        """Return Python's name of the encoding of a font's text."""
        return font.encoding or self.default


def default_encoding(content: bytes) -> str:
    """Return the encoding that a document declares; else the one that its letters suggest."""
    declared = _DECLARED.search(content[:_HEAD_BYTES])
    if declared is not None:
        word = declared.group(1)
        known = _OLD.get(word) or _code_page(int(word.removeprefix(b"ansicpg")))
        if known:
            return known
    text = _ESCAPE.sub(lambda match: bytes.fromhex(match.group(1).decode("ascii")), content)
    text = _CONTROL.sub(b" ", text)
    return WESTERN if text.isascii() else guess_encoding(text)


def _code_page(number: int) -> str | None:
    name = {936: "gb18030", 65001: "utf-8", 10000: "mac_roman", 10007: "mac_cyrillic"}.get(
        number, f"cp{number}"
    )
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
