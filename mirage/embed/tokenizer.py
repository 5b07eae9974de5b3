"""Tokenizes as the embedding model does, or cautiously if the model's vocabulary is unknown.

All tokenizers return character spans without special tokens (`mirage.model.Tokenizer`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers

SPECIAL_TOKENS = 2
"""Tokens that a model adds to each text: at most one before and one after it."""

_UNKNOWN = "[UNK]"
_CONTINUATION = "##"

# Characters per word for the library, as in the code of the BERT paper, because its search in a
# word is quadratic. Longer words are split here as llama.cpp splits them, which has no limit.
_LONG_WORD = 100
# NFD turns one character into at most four, so a shorter text cannot hold a long word.
_MAYBE_LONG = re.compile(rf"\S{{{_LONG_WORD // 4},}}")

# Runs of ASCII letters and digits, and every other character but space.
_RUN = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")
# A normal word, and the parts of a name in a program (parseHttpRequest).
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
        """Return the spans; several tokens of one character have the same span."""
        return self._encode(text).offsets

    def _encode(self, text: str) -> tokenizers.Encoding:
        # `encode` would block all other threads, for some 30 ms per chapter.
        try:
            return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]
        except TypeError:  # A lone surrogate is not text, but must not stop a document.
            text = replace_surrogates(text)
            return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]


class WordPieceTokenizer(LibraryTokenizer):
    """BERT's tokenizer over a vocabulary in its usual notation (`word`, `##continuation`).

    The reference makes one unknown token of a word with more than 100 characters; here such a word
    is split into known tokens like any other.
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
            return self._split_long_words(text, encoding)[1]
        return encoding.offsets

    def ids(self, text: str) -> list[int]:
        """Return the positions in the vocabulary, without special tokens."""
        encoding = self._encode(text)
        if self._may_hold_long_word(text, encoding):
            return self._split_long_words(text, encoding)[0]
        return encoding.ids

    def _may_hold_long_word(self, text: str, encoding: tokenizers.Encoding) -> bool:
        return _MAYBE_LONG.search(text) is not None and self._unknown in encoding.ids

    def _split_long_words(
        self, text: str, encoding: tokenizers.Encoding
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Return ids and spans of all tokens."""
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
        """Return the tokens of a long word, longest match first.

        Empty for a short word and for a word with an unknown character.
        """
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
    """Estimates tokens for a server without a vocabulary: rather too many than too few.

    A word counts one token per three letters, in capitals one per two. Digits and signs are one
    token each, and so are the letters of non-words: random letters and digits, words without a
    vowel or with more than 20 letters. Any other character counts one token per UTF-8 byte, as in
    a byte-level model. English has 1.5 to 1.8 times as many tokens as with WordPiece.
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
    """Return the spans of the tokens of letters of one case, or with a capital first."""
    size = 2 if part.isupper() and len(part) > 1 else 3
    if not _VOWEL.search(part) or not (is_word or _SHORT_PART < len(part) <= 20):
        size = 1
    for at in range(0, len(part), size):
        yield start + at, start + min(at + size, len(part))


def replace_surrogates(text: str) -> str:
    """Return the text with `?` for each lone surrogate, so that it can be encoded."""
    return text.encode("utf-8", "replace").decode()


def is_special(token: str) -> bool:
    """Return whether it is a special token of a WordPiece vocabulary, such as `[CLS]`."""
    return len(token) > 2 and token.startswith("[") and token.endswith("]")
