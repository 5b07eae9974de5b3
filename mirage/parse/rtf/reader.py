"""Reads the groups of an RTF document from its beginning to its end."""

from dataclasses import dataclass, field

from mirage.errors import Damaged
from mirage.parse.rtf.destinations import DESTINATIONS, is_left_out
from mirage.parse.rtf.flows import Flow
from mirage.parse.rtf.fonts import Fonts, default_encoding
from mirage.parse.rtf.state import Group, State
from mirage.parse.rtf.tokens import Kind, Token, tokens
from mirage.parse.rtf.words import CHARACTERS, WORDS, end_paragraph

_MAX_DEPTH = 1000  # guess: tables within tables of Word have some 30
_SIGNS = {"~": "\xa0", "_": "-", "\t": "\t", "\\": "\\", "{": "{", "}": "}"}


@dataclass(slots=True)
class Reader:
    """Reads one document; `is_whole` is False if the file ends within a group."""

    state: State
    body: Flow
    is_whole: bool = False
    _outer: list[Group] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)

    def read(self, content: bytes) -> None:
        """Read the document. Raises Damaged if it is nested too deeply."""
        for token in tokens(content):
            if token.kind is Kind.BYTES:
                self._take(token.content)
                continue
            self._flush()
            if token.kind is Kind.OPEN:
                self._open()
            elif token.kind is Kind.CLOSE:
                self._close()
                if not self._outer:  # What follows is not part of the document.
                    self.is_whole = True
                    return
            elif token.kind is Kind.SIGN:
                self._read_sign(token.text)
            else:
                self._read_word(token)
        self._flush()
        while self._outer:
            self._close()

    def _open(self) -> None:
        self.state.skip = 0
        if len(self._outer) >= _MAX_DEPTH:
            raise Damaged("The RTF document is damaged: it is nested too deeply.")
        self._outer.append(self.state.group)
        self.state.group = self.state.group.nested()

    def _close(self) -> None:
        self.state.skip = 0
        end, self.state.group = self.state.group.end, self._outer.pop()
        if end is not None:
            end()

    def _take(self, content: bytes) -> None:
        """Collect text, because the bytes of a character may stand in several tokens."""
        skipped = min(self.state.skip, len(content))
        self.state.skip -= skipped
        if not content.isspace():  # A blank may stand before the word that a group begins with.
            self.state.group.begins = False
        self._bytes += content[skipped:]

    def _flush(self) -> None:
        if self._bytes:
            content, self._bytes = bytes(self._bytes), bytearray()
            self.state.write_bytes(content)

    def _read_sign(self, sign: str) -> None:
        if sign == "*":
            self.state.group.is_starred = True
        elif sign in "\r\n":
            end_paragraph(self.state)
        elif self.state.skip:
            self.state.skip -= 1
        else:
            self.state.write(_SIGNS.get(sign, ""))

    def _read_word(self, token: Token) -> None:
        state, word = self.state, token.text
        is_first, state.group.begins = state.group.begins, False
        if is_first and self._begins_apart(word):
            return
        if word in CHARACTERS:
            if state.skip:
                state.skip -= 1
            else:
                state.write(CHARACTERS[word])
        elif word in WORDS:
            state.skip = 0
            WORDS[word](state, token.number)

    def _begins_apart(self, word: str) -> bool:
        """Begin what a group is apart from the text around it; return whether it is."""
        group = self.state.group
        begin = DESTINATIONS.get(word)
        if group.dropped:
            return True
        if begin is not None:
            begin(self.state, word)
        elif group.is_starred or is_left_out(word):
            group.leave_out()
            group.table, group.dropped = "", True
            self.state.has_pictures = self.state.has_pictures or word == "pict"
        else:
            return False
        return True


def read(content: bytes) -> Reader:
    """Return the reader that has read the document. Raises Damaged."""
    body = Flow()
    reader = Reader(State(Group(body, body), Fonts(default_encoding(content))), body)
    reader.read(content)
    return reader
