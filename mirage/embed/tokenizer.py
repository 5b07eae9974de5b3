"""Tokenizers: the embedding model's own, and a cautious one for a model that keeps it secret.

All give character spans without special tokens (`mirage.model.Tokenizer`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers

SPECIAL_TOKENS = 2
"""What a model adds to each text: at most one token in front and one behind."""

_UNKNOWN = "[UNK]"
_CONTINUATION = "##"

# The library's own limit (100 in the BERT paper's code) is kept for its speed: its search of a
# word is quadratic. Longer words are cut here, as llama.cpp does, which knows no limit.
_LONG_WORD = 100
# A character becomes four at most when it is decomposed (NFD), so this is the shortest stretch
# that can hold a long word.
_MAYBE_LONG = re.compile(rf"\S{{{_LONG_WORD // 4},}}")

# Runs of ASCII letters and digits, and every other character but space.
_RUN = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")
# A word as people write them, or parts of one in the way of programmers (parseHttpRequest).
_WORD = re.compile(r"[A-Z]?[a-z]{1,20}|[A-Z]{1,20}")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d")
_VOWEL = re.compile(r"[aeiouy]", re.IGNORECASE)
_SHORT_PART = 3


class LibraryTokenizer:
    """A tokenizer of the `tokenizers` library."""

    divisible = False

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        self._tokenizer = tokenizer

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Several tokens of one character have the same span."""
        return self._encode(text).offsets

    def _encode(self, text: str) -> tokenizers.Encoding:
        # `encode` would keep all other threads waiting, for some 30 ms by a chapter.
        try:
            return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]
        except TypeError:  # A lone surrogate is no text, but must not stop a document.
            text = replace_surrogates(text)
            return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]


class WordPieceTokenizer(LibraryTokenizer):
    """BERT's tokenizer over a vocabulary in its usual notation (`word`, `##continuation`).

    Words of more than 100 characters, which the reference makes one unknown token of, are cut
    into known pieces like all others.
    """

    divisible = True

    def __init__(
        self, vocabulary: Mapping[str, int], *, lowercase: bool = True, strip_accents: bool = True
    ) -> None:
        tokenizer = tokenizers.Tokenizer(
            models.WordPiece(
                dict(vocabulary),
                unk_token=_UNKNOWN,
                continuing_subword_prefix=_CONTINUATION,
                max_input_chars_per_word=_LONG_WORD,
            )
        )
        normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
        tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        super().__init__(tokenizer)
        self._vocabulary = vocabulary
        self._unknown = vocabulary[_UNKNOWN]
        self._longest = max(map(len, vocabulary))
        self._normalise = lru_cache(maxsize=4096)(normalizer.normalize_str)

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        encoding = self._encode(text)
        if self._may_hold_long_word(text, encoding):
            return self._cut_long_words(text, encoding)[1]
        return encoding.offsets

    def ids(self, text: str) -> list[int]:
        """Positions in the vocabulary, without special tokens."""
        encoding = self._encode(text)
        if self._may_hold_long_word(text, encoding):
            return self._cut_long_words(text, encoding)[0]
        return encoding.ids

    def _may_hold_long_word(self, text: str, encoding: tokenizers.Encoding) -> bool:
        return _MAYBE_LONG.search(text) is not None and self._unknown in encoding.ids

    def _cut_long_words(
        self, text: str, encoding: tokenizers.Encoding
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids and spans of all tokens."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            pieces = [(token, start, end)]
            if token == self._unknown and end - start >= _LONG_WORD // 4:
                pieces = self._pieces(text, start, end) or pieces
            ids.extend(piece for piece, _, _ in pieces)
            spans.extend((piece_start, piece_end) for _, piece_start, piece_end in pieces)
        return ids, spans

    def _pieces(self, text: str, start: int, end: int) -> list[tuple[int, int, int]]:
        """Longest match first; empty for a short word and for one with an unknown character."""
        letters: list[str] = []
        origin: list[int] = []
        for position in range(start, end):
            normal = self._normalise(replace_surrogates(text[position]))
            letters.extend(normal)
            origin.extend([position] * len(normal))
        if len(letters) <= _LONG_WORD:
            return []
        word = "".join(letters)
        pieces: list[tuple[int, int, int]] = []
        at = 0
        while at < len(word):
            prefix = _CONTINUATION if at else ""
            for stop in range(min(len(word), at + self._longest), at, -1):
                piece = self._vocabulary.get(prefix + word[at:stop])
                if piece is not None:
                    pieces.append((piece, origin[at], origin[stop - 1] + 1))
                    at = stop
                    break
            else:
                return []
        return pieces


class CautiousTokenizer:
    """For a server that gives no vocabulary: rather too many tokens than too few.

    A word gives a token for each three letters, in capitals for each two. Digits and signs are
    tokens by themselves, and so are the letters of what is no word: random letters and digits,
    words without a vowel or of more than 20 letters. Every other character gives as many tokens
    as it has UTF-8 bytes, which is what a byte-level model falls back to. English comes out 1.5
    to 1.8 times as long as WordPiece makes it.
    """

    divisible = True

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        for match in _RUN.finditer(text):
            run, start = match.group(), match.start()
            if not run.isascii():
                spans.extend([match.span()] * len(run.encode("utf-8", "surrogatepass")))
                continue
            is_word = _WORD.fullmatch(run) is not None
            for part in _PARTS.finditer(run) if run.isalpha() else ():
                spans.extend(_pieces(part.group(), start + part.start(), is_word=is_word))
            if not run.isalpha():
                spans.extend((at, at + 1) for at in range(start, match.end()))
        return spans


def _pieces(part: str, start: int, *, is_word: bool) -> Iterator[tuple[int, int]]:
    """Spans of the tokens of letters of one case, or with a capital first."""
    size = 2 if part.isupper() and len(part) > 1 else 3
    if not _VOWEL.search(part) or not (is_word or _SHORT_PART < len(part) <= 20):
        size = 1
    for at in range(0, len(part), size):
        yield start + at, start + min(at + size, len(part))


def replace_surrogates(text: str) -> str:
    """Text of the same length that can be encoded."""
    return text.encode("utf-8", "replace").decode()


def is_special(token: str) -> bool:
    """Whether a WordPiece vocabulary means a special token, such as `[CLS]`."""
    return len(token) > 2 and token.startswith("[") and token.endswith("]")
