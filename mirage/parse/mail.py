"""Parses mails (EML, mbox): one section per mail, the mails that are attached to it included.

A section begins with who wrote to whom, when, and about what. Attachments are not read, but named.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import chain, pairwise, takewhile
from pathlib import Path
from typing import TypeAlias

from mirage.errors import Blank, Damaged, Encrypted
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import clean, one_line, plain_spaces
from mirage.parse.characters.decoding import (
    WESTERN,
    declared_encoding,
    decode,
    decode_as,
    holds_text,
    is_utf8,
)
from mirage.parse.headings import heading_path, label
from mirage.parse.html import read_page

_NAMED = ("From", "To", "Cc", "Date", "Subject")
_TELLING = ("from", "date", "subject", "received", "message-id")
"""Header fields of which a mail has one at least."""
_MAX_DEPTH = 5  # guess: a mail that was forwarded and forwarded again
_MAX_ATTACHMENTS = 20  # guess: so many are named
_MAX_DECODED = 100_000  # guess: characters of a value; the library takes quadratic time for words
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_READ = ("text/plain", "text/html", "text/rfc822-headers")
_WITH_PICTURES = ("multipart/related", "multipart/mixed")
_MOST_TIMES_FULLER = 3  # guess: addresses of links and a footer do not make a page so much longer
_WHOLE = ("message/rfc822", "message/delivery-status")
_NO_ENCODING = ("us-ascii", "ascii")  # The default of programs that did not think about it.
_FOREIGN = re.compile(rb"[\xc0-\xff]{3,}")
_WORDS = re.compile(rb"[A-Za-z\xc0-\xff]+")
_MAX_FOREIGN_SHARE = 0.2  # guess: of letters; Russian with addresses and names has 0.5
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
# The line before a mail in a mailbox, and the first line of its header.
_ENVELOPE = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\b\d\d:\d\d[^\n]*\b\d{4}[^\n]*\n(?=[!-9;-~]+:)"
)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\s*")
_ODD = (ValueError, OverflowError, LookupError, TypeError, AttributeError, HeaderParseError)
"""What the library raises for header fields that follow no rules."""

Mail: TypeAlias = "Message[str, str]"


@dataclass(slots=True)
class _State:
    """What was found on the way through the parts."""

    sections: list[Section] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    too_deep: int = 0


def parse(path: Path) -> Parsed:
    """Parse the file, which may be a mailbox of many mails. Raises Damaged, Blank or Encrypted."""
    state = _State()
    contents = _mails(path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip())
    subject = ""
    try:
        for content in contents:
            mail = message_from_bytes(content)
            if len(contents) == 1 and not any(name in mail for name in _TELLING):
                raise Damaged("The file is not a mail: it says neither from whom nor when it is.")
            subject = _header(mail, "Subject")
            _read(mail, (subject,) if len(contents) > 1 and subject else (), state)
    except RecursionError as error:
        raise Damaged("The mail is damaged: its parts are nested too deeply.") from error
    if not state.sections:
        raise Blank("The mail contains no text.")
    title = subject if len(contents) == 1 else ""
    return Parsed(tuple(state.sections), title or None, warnings=tuple(_warnings(state)))


def _mails(content: bytes) -> list[bytes]:
    """Return the mails of a mailbox (RFC 4155), or the only mail.

    Lines within a mail that look like its beginning have a `>` before them.
    """
    starts = [found.start() for found in _ENVELOPE.finditer(content)]
    if not starts or starts[0] > 0:
        return [content]
    mails = (content[start:end] for start, end in pairwise([*starts, len(content)]))
    return [_QUOTED_FROM.sub(rb"\1", mail.partition(b"\n")[2]) for mail in mails]


def _read(mail: Mail, above: tuple[str, ...], state: _State) -> None:
    """Add the section of a mail, then those of the mails in it."""
    body, inner = _content(mail, state, is_attached=bool(above))
    head = "\n".join(f"{name}: {value}" for name in _NAMED if (value := _header(mail, name)))
    if text := "\n\n".join(filter(None, (head, body))):
        state.sections.append(Section(text, heading_path(above)))
    for each in inner:
        if len(above) >= _MAX_DEPTH:
            state.too_deep += 1
        else:
            _read(each, (*above, _header(each, "Subject") or "Attached mail"), state)


def _content(mail: Mail, state: _State, *, is_attached: bool) -> tuple[str, list[Mail]]:
    """Return the text of a mail and the mails in it. Raises Encrypted."""
    bodies: list[str] = []
    inner: list[Mail] = []
    is_encrypted = False
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner += map(_unpacked, _children(part))
        elif kind == "message/delivery-status":
            bodies += map(_fields, _children(part))
        elif kind in _ENCRYPTED and part.get_param("smime-type") != "signed-data":
            is_encrypted = True
        elif _is_multipart(part) or (kind in _READ and not _is_attached(part, bodies)):
            bodies.append(_text(part))
        elif name := _file_name(part):
            state.attachments.append(name)
        elif not kind.startswith("image/"):
            state.attachments.append(f"a part of the type {kind}")
    body = "\n\n".join(filter(None, bodies))
    if is_encrypted and (body or is_attached):
        state.attachments.append("an encrypted part")
    elif is_encrypted:
        raise Encrypted("The mail is encrypted: its text opens only in its owner's mail program.")
    return body, inner


def _parts(mail: Mail) -> Iterator[Mail]:
    """Return the parts to read, in order; of alternatives the plain text, else the last one."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        if part.get_content_type() in _WHOLE and part is not mail:
            yield part
        elif part.is_multipart():
            children = _children(part)
            if part.get_content_type() == "multipart/alternative":
                best = _best(children)
                chosen = set(map(id, best))
                others = [child for child in children if id(child) not in chosen]
                children = [*best, *filter(_is_file, chain.from_iterable(map(_parts, others)))]
            if part.get_content_type() == "multipart/encrypted":
                yield part
            waiting += reversed(children)
        else:
            yield part


def _children(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if type(payload) is list else []


def _is_multipart(part: Mail) -> bool:
    """Return whether a part says that it has parts; its boundary is not in it if it is read."""
    return part.get_content_maintype() == "multipart" and not part.is_multipart()


def _unpacked(mail: Mail) -> Mail:
    """Return a mail that is attached in base64, which rules forbid and servers write."""
    if mail.keys() or mail.is_multipart():
        return mail
    try:
        content = b64decode(str(mail.get_payload()), validate=False)
    except ValueError:
        return mail
    unpacked = message_from_bytes(content)
    return unpacked if any(name in unpacked for name in _TELLING) else mail


def _fields(status: Mail) -> str:
    """Return the fields by which a server says what became of a mail."""
    return "\n".join(f"{name}: {_words(str(value))}" for name, value in status.raw_items())


def _best(alternatives: list[Mail]) -> list[Mail]:
    plain = [part for part in alternatives if part.get_content_type() == "text/plain"]
    others = [part for part in alternatives if part.get_content_type() != "text/plain"]
    words = sum(map(_count_words, plain))
    # The plain text may only say that the mail is a page.
    if words and sum(map(_count_words, others[-1:])) <= _MOST_TIMES_FULLER * words:
        return plain
    return others[-1:] or plain


def _count_words(part: Mail) -> int:
    """Return how many words an alternative has, not counting those further within it."""
    parts = [part, *(_children(part) if part.get_content_type() in _WITH_PICTURES else ())]
    read = (each for each in parts if each.get_content_type() in ("text/plain", "text/html"))
    try:
        return sum(len(_text(each).split()) for each in read)
    except Damaged:
        return 0


def _is_file(part: Mail) -> bool:
    """Return whether a part says more than an alternative text, or a picture of a page, does."""
    is_read = part.get_content_maintype() in ("text", "image", "multipart")
    return part.get_content_disposition() == "attachment" or not is_read


def _is_attached(part: Mail, bodies: list[str]) -> bool:
    """Return whether a mail program shows a text only if it is asked to; the first one may well
    have a name.
    """
    disposition = part.get_content_disposition()
    return disposition == "attachment" or (
        disposition is None and bool(bodies) and bool(_file_name(part))
    )


def _text(part: Mail) -> str:
    content = _content_of(part)
    if content is None:
        return ""
    text = _decode(content, str(part.get_content_charset() or ""))
    if part.get_content_type() == "text/html":
        text = read_page(text)
    return _BLANK_LINES.sub("\n\n", plain_spaces(clean(text))).strip()


def _content_of(part: Mail) -> bytes | None:
    """Return the bytes of a part; of one that only claims to be in base64 as they are written."""
    content = part.get_payload(decode=True)
    written = part.get_payload()
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if isinstance(content, bytes) and isinstance(written, str) and encoding == "base64":
        lines = written.splitlines()
        coded = list(takewhile(_BASE64.fullmatch, lines))
        rest = "\n".join(lines[len(coded) :])
        if rest.strip():
            return _decoded("".join(coded)) + rest.encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else None


def _decoded(coded: str) -> bytes:
    """Return the bytes of lines in base64; the lines themselves if they are no text then."""
    try:
        content = b64decode(coded, validate=True)
    except ValueError:
        content = b""
    return content if content and holds_text(content) else coded.encode() + b"\n"


def _decode(content: bytes, charset: str) -> str:
    encoding = declared_encoding(charset) if charset not in _NO_ENCODING else None
    is_western = encoding == WESTERN
    if is_utf8(content, beyond_doubt=not is_western) or (is_western and _is_not_western(content)):
        encoding = None
    declared = decode_as(content, encoding) if encoding else None
    if declared is not None:
        return declared
    return decode(content) or content.decode("cp1252", "replace")


def _is_not_western(content: bytes) -> bool:
    """Return whether words consist of letters that are rare in Western languages.

    Old programs declare ISO 8859-1 whatever they write. One or two letters with accents stand
    in a row there, not more.
    """
    foreign = sum(map(len, _FOREIGN.findall(content)))
    return foreign > _MAX_FOREIGN_SHARE * sum(map(len, _WORDS.findall(content)))


def _header(mail: Mail, name: str) -> str:
    """Return the values of a header field; empty without one."""
    values = [_words(str(value)) for key, value in mail.raw_items() if key.lower() == name.lower()]
    if name == "Date":
        values = list(map(_date, values))
    return ", ".join(filter(None, values))


def _words(raw: str) -> str:
    """Return a value whose words may be written in other encodings."""
    written = raw.encode("ascii", "surrogateescape") if not _is_unicode(raw) else raw.encode()
    value = raw if raw.isascii() else decode(written) or written.decode("latin-1")
    if len(value) > _MAX_DECODED:
        return one_line(value)
    try:
        parts = decode_header(value)
        text = "".join(
            part if isinstance(part, str) else _decode(part, charset or "")
            for part, charset in parts
        )
    except _ODD:
        text = value
    return one_line(text)


def _is_unicode(raw: str) -> bool:
    """Return whether the value is text, instead of bytes that the library could not decode."""
    return not any("\udc80" <= letter <= "\udcff" for letter in raw) and not raw.isascii()


def _date(value: str) -> str:
    """Return the time at the sender's place; the value itself if it is no date."""
    try:
        at: datetime = parsedate_to_datetime(value)
    except _ODD:
        return value
    return f"{at:%Y-%m-%d %H:%M} {at:%z}".strip()


def _file_name(part: Mail) -> str:
    try:
        return _words(part.get_filename() or "")
    except _ODD:
        return ""


def _warnings(state: _State) -> Iterator[str]:
    for name in state.attachments[:_MAX_ATTACHMENTS]:
        yield f"An attachment is not read: {label(name)}."
    if more := len(state.attachments[_MAX_ATTACHMENTS:]):
        yield f"The same is true of {more:,} more attachments."
    if state.too_deep:
        yield f"Mails within {_MAX_DEPTH} other mails are not read ({state.too_deep:,})."
