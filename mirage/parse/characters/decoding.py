"""Decides whether bytes are text and in which encoding, and decodes them."""

import codecs
import re
from collections import Counter

WESTERN = "cp1252"

_SAMPLE_BYTES = 64 * 1024
_TELLING_BYTES = 4096  # Bytes that the detector judges, in some 50 ms.
_WORDS_BEFORE = 60  # Bytes of text before an odd one, which show the language.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Tab, line feed, vertical tab, form feed, carriage return, escape (terminal logs), backspace.
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b\b")
_CONTROLS = bytes(code for code in range(0x20) if code not in _TEXT_CONTROLS)
_MAX_CONTROL_SHARE = 0.02  # guess: machine code and images have 0.05
_STRAY_CONTROLS = 2
_SHORTEST_UTF16 = 4  # Characters; in a shorter text a stray zero byte would look like UTF-16.
_MIN_ZERO_SHARE = 0.04  # Of the upper bytes: spaces, digits and signs have zero there.
_MOST_UPPER_BYTES = 5  # Kinds: letters, accented letters, dashes and quotes, arrows.
_MIN_SHARE_OF_SCRIPT = 0.5  # guess: of the upper bytes; those of a few words of ASCII differ.
_MAX_BROKEN_SHARE = 0.1  # Of the characters beyond ASCII; a wrong encoding is far above.
# Encodings that a page may declare, by Python's name, and the wider ones that browsers use.
_DECLARABLE = {
    "ascii": WESTERN, "iso8859-1": WESTERN, "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949",
} | {
    name: name
    for name in (
        "utf-8", "cp866", "cp874", "cp932", "cp949", "gb18030", "big5", "big5hkscs", "euc_jp",
        "iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic",
        *(f"cp{page}" for page in range(1250, 1259)),
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    )
}  # fmt: skip

_RUSSIAN, _RARE_RUSSIAN = "cp1251", "mac_cyrillic"
_CAPITAL, _SMALL = rb"\xa8\xc0-\xdf", rb"\xb8\xe0-\xff"
_NO_LETTER = rb"(?![A-Za-z" + _CAPITAL + _SMALL + rb"])"
_RUSSIAN_WORD = re.compile(
    rb"(?<![A-Za-z" + _CAPITAL + _SMALL + rb"])"
    rb"(?:[" + _CAPITAL + rb"]?[" + _SMALL + rb"]++|[" + _CAPITAL + rb"]++)" + _NO_LETTER
)
_RUSSIAN_CAPITAL = re.compile(rb"[" + _CAPITAL + rb"]")
_RUSSIAN_SIGNS = "№«»„“”–—…\xa0°".encode(_RUSSIAN)

# Names that browsers know and Python does not. https://encoding.spec.whatwg.org/#names-and-labels
_LABELS = {
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "logical": "iso8859-8",
    "visual": "iso8859-8", "x-sjis": "cp932", "x-gbk": "gb18030", "x-cp1250": "cp1250",
    "x-cp1251": "cp1251", "x-cp1252": WESTERN, "x-cp1253": "cp1253", "x-cp1254": "cp1254",
    "x-euc-jp": "euc_jp", "windows-874": "cp874", "dos-874": "cp874",
    "x-mac-cyrillic": "mac-cyrillic", "macintosh": "mac-roman", "x-x-big5": "big5",
    "cn-big5": "big5", "koi8_r": "koi8-r",
    "unicode-1-1-utf-8": "utf-8", "x-unicode20utf8": "utf-8",
}  # fmt: skip
_MIN_BEYOND_ASCII = 6  # guess: two Chinese characters in GBK may be two letters in UTF-8


def declared_encoding(label: str) -> str | None:
    """Return Python's name of an encoding that a page declares; None for an unusable one.

    UTF-16 is not usable, because a declaration that can be read as ASCII is not in UTF-16.
    """
    try:
        return _DECLARABLE.get(codecs.lookup(_LABELS.get(label.lower(), label)).name)
    except (LookupError, ValueError):  # The latter for a label with a NUL.
        return None


def is_utf8(content: bytes, *, beyond_doubt: bool) -> bool:
    """Return whether the bytes are valid UTF-8; `beyond_doubt` asks for several letters that would
    hardly be valid by chance.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return not beyond_doubt or beyond_ascii >= _MIN_BEYOND_ASCII


def holds_text(sample: bytes) -> bool:
    """Return whether the beginning of a file looks like text in some encoding."""
    if marked_encoding(sample) or _unmarked_utf16(sample):
        return True
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls <= max(_MAX_CONTROL_SHARE * len(sample), _STRAY_CONTROLS)


def decode(content: bytes) -> str | None:
    """Return the text, with U+FFFD for each invalid byte; None if the content is binary."""
    sample = content[:_SAMPLE_BYTES]
    if not holds_text(sample):
        return None
    encoding = marked_encoding(sample) or _unmarked_utf16(sample) or _escaping(content)
    if encoding:
        return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        broken = decode_as(content, "utf-8")
        if broken is not None:
            return broken
        return content.decode(guess_encoding(content, error.start), "replace")


def guess_encoding(content: bytes, first: int = 0) -> str:
    """Return the 8-bit encoding that a text suggests, from the line of the byte `first` on."""
    # Imported here because it loads a model, and the API calls only `holds_text`.
    from mirage.parse.characters.charset_detector import guess

    telling = _telling_lines(content, first)
    encoding = guess(telling)
    return _RUSSIAN if encoding == _RARE_RUSSIAN and _is_russian(telling) else encoding


def marked_encoding(content: bytes) -> str | None:
    """Return the encoding that a byte order mark says; None without a mark."""
    return next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)


def decode_as(content: bytes, encoding: str) -> str | None:
    """Return the text in that encoding, with U+FFFD for invalid bytes; None if there are many."""
    text = content.decode(encoding, "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count("\ufffd") <= _MAX_BROKEN_SHARE * beyond_ascii else None


def _unmarked_utf16(sample: bytes) -> str | None:
    """Return the UTF-16 encoding of a script with spaces, written without a mark; else None.

    Its upper bytes are few and some of them are zero; its lower bytes are never zero.
    """
    for encoding, upper, lower in (
        ("utf-16-le", sample[1::2], sample[0::2]),
        ("utf-16-be", sample[0::2], sample[1::2]),
    ):
        if (
            len(upper) >= _SHORTEST_UTF16
            and upper.count(0) > _MIN_ZERO_SHARE * len(upper)
            and lower.count(0) == 0
            and len(kinds := Counter(upper)) <= _MOST_UPPER_BYTES
            and kinds.most_common(1)[0][1] > _MIN_SHARE_OF_SCRIPT * len(upper)
        ):
            return encoding
    return None


def _escaping(content: bytes) -> str | None:
    """Return the encoding of Japanese in seven bits, as in old mail; else None."""
    is_japanese = content.isascii() and any(mark in content for mark in (b"\x1b$B", b"\x1b$@"))
    return "iso2022_jp" if is_japanese else None


def _is_russian(sample: bytes) -> bool:
    """Return whether all words that are not ASCII are Russian ones in Windows-1251, with a capital
    letter.

    Small letters are the same in the rare encoding. Its capitals are signs in the usual one, and
    the other way round, and signs cost the detector less: `Код` was a blank and `од`.
    """
    rest = _RUSSIAN_WORD.sub(b"", sample).translate(None, _RUSSIAN_SIGNS)
    return rest.isascii() and _RUSSIAN_CAPITAL.search(sample) is not None


def _telling_lines(content: bytes, first: int) -> bytes:
    """Return the lines that are not ASCII, from the line of the first byte that is not UTF-8."""
    begin = content.rfind(b"\n", 0, first) + 1
    lines = content[begin : begin + 16 * _SAMPLE_BYTES].split(b"\n")
    telling = (_telling_part(line) for line in lines if not line.isascii())
    return b"\n".join(telling)[:_TELLING_BYTES]


def _telling_part(line: bytes) -> bytes:
    """Return the line from some words before its first odd byte; a style sheet may precede them."""
    first = next(at for at, byte in enumerate(line) if byte >= 0x80)
    return line[max(first - _WORDS_BEFORE, 0) :]
