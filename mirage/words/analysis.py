"""Finds the words of a text: words, the parts of codes and addresses, pairs of characters.

A *run* is what is written without a blank: a word, `AB-1234`, `jane.roe@example.org`. It has the
run as a whole, its segments between strong separators (`/ @ :`), and its atoms: letters and digits
without any separator. Scripts without blanks (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have
overlapping pairs of characters. Word borders are those of UAX #29 elsewhere.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import regex

from mirage.words.forms import IGNORED, LONGEST, code_terms, fold, language_of, word_terms
from mirage.words.line_ends import divided_words
from mirage.words.numbers import grouped_numbers, undivided_terms
from mirage.words.stop_words import is_stop_word


class Token(NamedTuple):
    """A word at `text[start:end]`, and its terms: one is enough to match. A stop word has none.

    `counted` tokens make the length of a text; the others repeat a part of it. `acronym` marks a
    stop word in capitals.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    counted: bool = True
    acronym: bool = False


# Superscripts are no part of a word, because a raised digit is mostly the mark of a note.
_UNSPACED = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30FC\uFF70\uFF9E\uFF9F"
)
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{Nd}}\p{{Nl}}\u2080-\u2089]--[{_UNSPACED}\u02BC]]"
_ATOM = rf"{_LETTER}(?:{_LETTER}|[{IGNORED}])*"
_HYPHENS = r"\-\u2010-\u2015\u2212\uFE58\uFE63\uFF0D"
_APOSTROPHES = r"'\u2019\u02BC\u05F3\uFF07"
_STRONG = r"/\\@:&+|=\uFF0F\uFF1A\uFF20"
_SEPARATOR = (
    rf"[_.{_HYPHENS}{_APOSTROPHES}{_STRONG}]"
    # A comma within a number, a blank between its thousands, and the mark in a Hebrew acronym.
    r"|(?<=\p{Nd}),(?=\p{Nd})"
    r"|(?<=\p{Nd})[\u00A0\u2009\u202F](?=\p{Nd}{3}(?!\p{Nd}))"
    r'|(?<=\p{Hebrew})["\u05F4](?=\p{Hebrew})'
)
_run = regex.compile(
    rf"[{_UNSPACED}](?:[{_UNSPACED}\p{{M}}]|[{IGNORED}])*"
    # `C++`, `C#`, and a short unit such as `m²`.
    rf"|{_ATOM}(?:(?:{_SEPARATOR}){_ATOM})*(?:\+\+|\#|(?<=\b\p{{L}}{{1,3}})[\u00B2\u00B3])?",
    regex.V1,
)
_SUFFIXES = ("+", "#", "²", "³")
_unspaced = regex.compile(f"[{_UNSPACED}]")
_atom = regex.compile(_ATOM, regex.V1)
_segment = regex.compile(rf"[^{_STRONG}]+")
_cluster = regex.compile(rf"[^{IGNORED}][\p{{M}}\uFF9E\uFF9F{IGNORED}]*")
_piece = regex.compile(r"[\p{Nd}\u2080-\u2089]+|[^\p{Nd}\u2080-\u2089]+")
_joins = regex.compile(rf'[ _{_HYPHENS}{_APOSTROPHES}"\u05F4]')
_divider = regex.compile(rf"[ _./:{_HYPHENS}]")
_between_digits = regex.compile(rf"(?<=\d)[_{_HYPHENS}](?=\d)")
_thousands = regex.compile(r"(\d{1,3}(?:([.,'\u2019 ])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?")
_version = regex.compile(r"[^\W\d_]{1,4}(\d+(?:\.\d+)+)")
_number = regex.compile(r"\p{Nd}+(?:[.,]\p{Nd}+)+|\p{Nd}+(?:-\p{Nd}+)+")
_name = regex.compile(r"\p{L}{2,}\.\p{L}{2,}")
_grouped = regex.compile(r"[\da-f]+(?:[-:._ ][\da-f]+)+")
_part = regex.compile(rf"[^_{_HYPHENS}]+")
_label = regex.compile(r"[^.]+")
_initials = regex.compile(r"\p{L}(?:\.\p{L})+")
_han = regex.compile(r"\p{Han}")
_hangul = regex.compile(r"\p{Hangul}{3,}")
_digit = regex.compile(r"[\p{Nd}\u2080-\u2089]")

# Words of a language are short and come again; of long runs a hostile text has as many as it likes.
_REMEMBERED = 24  # Characters.
# Hashes and the like have no parts that anybody types.
_LONGEST_CODE = 32
_MOST_PIECES = 4
_MOST_LABELS = 8
_SHOUTED_WORDS = 3
_SHORTEST_GROUPED = 6
_LONGEST_UNDIVIDED = 4


def analyze(text: str, language: str | None, *, with_stop_words: bool = False) -> Iterator[Token]:
    """Yield the tokens of a text in a language (ISO 639-1; None: unknown), with their places.

    A stop word is left out, except in capitals (`WHO`, `vitamin A`). `with_stop_words` is for a
    question: it yields them without terms, also if all of the question is in capitals.
    """
    shouted = with_stop_words and _is_shouted(text)
    for run in _run.finditer(text):
        start = run.start()
        for token in _run_tokens(run[0], language or ""):
            is_word = bool(token.terms) and (
                not token.acronym or not (shouted or _opens(token, text, start))
            )
            if is_word or with_stop_words:
                terms = token.terms if is_word else ()
                at = start + token.start
                yield Token(at, start + token.end, terms, token.counted and is_word, token.acronym)
    for start, end, terms in _across_runs(text, language or ""):
        yield Token(start, end, terms, counted=False)


def list_terms(text: str, language: str | None) -> tuple[list[str], int]:
    """Return the terms of all tokens of a text, in no order, and the number of counted tokens.

    It does what `analyze` does, in a third of the time.
    """
    terms: list[str] = []
    counted = 0
    for run in _run.finditer(text):
        of_run = _run_terms(run[0], language or "")
        terms += of_run.terms
        counted += of_run.counted
        for token in of_run.acronyms:
            if not _opens(token, text, run.start()):
                terms += token.terms
                counted += 1
    for _, _, of_several in _across_runs(text, language or ""):
        terms += of_several
    return terms, counted


def _across_runs(text: str, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield start, end and terms of what has a blank or a line end within it."""
    yield from grouped_numbers(text)
    yield from divided_words(text, language)


class _RunTerms(NamedTuple):
    terms: tuple[str, ...]
    counted: int
    acronyms: tuple[Token, ...]


def _run_terms(run: str, language: str) -> _RunTerms:
    return (_remembered_terms if len(run) <= _REMEMBERED else _find_terms)(run, language)


def _find_terms(run: str, language: str) -> _RunTerms:
    tokens = _find_tokens(run, language)
    plain = [token for token in tokens if not token.acronym]
    return _RunTerms(
        tuple(term for token in plain for term in token.terms),
        sum(token.counted for token in plain),
        tuple(token for token in tokens if token.acronym),
    )


_remembered_terms = lru_cache(maxsize=32768)(_find_terms)


def _opens(acronym: Token, text: str, start: int) -> bool:
    """Return whether a single capital letter only opens a sentence."""
    return acronym.end == 1 and _opens_sentence(text, start)


def _is_shouted(text: str) -> bool:
    return text.isupper() and len(text.split(maxsplit=_SHOUTED_WORDS)) > _SHOUTED_WORDS


def _opens_sentence(text: str, at: int) -> bool:
    before = text[max(at - 8, 0) : at].rstrip("\"'([“„«‘ \n\t")
    return not before or before[-1] in ".!?:…"


def _run_tokens(run: str, language: str) -> tuple[Token, ...]:
    """Return the tokens of a run, with their places in it."""
    return (_remembered_tokens if len(run) <= _REMEMBERED else _find_tokens)(run, language)


def _find_tokens(run: str, language: str) -> tuple[Token, ...]:
    if _unspaced.match(run):
        return tuple(_pairs(run))
    atoms = [(match.start(), match.end()) for match in _atom.finditer(run)]
    if len(atoms) == 1 and not run.endswith(_SUFFIXES):
        return tuple(_atom_tokens(run, 0, language, code=False))
    has_digit = bool(_digit.search(run))
    found: list[Token] = []
    for start, end in atoms:
        found += _atom_tokens(run[start:end], start, language, code=has_digit)
    wholes: list[tuple[int, int, tuple[str, ...]]] = []
    for match in _segment.finditer(run):
        wholes += _segment_wholes(match[0], match.start(), language)
    if len(run) <= LONGEST * 2:
        wholes += [(0, len(run), terms) for terms in _whole_spellings(fold(run, language))]
    known = {term for token in found for term in token.terms}
    for start, end, terms in wholes:
        new = tuple(term for term in terms if term not in known)
        if new:
            known.update(new)
            found.append(Token(start, end, new, counted=False))
    return tuple(found)


def _whole_spellings(folded: str) -> Iterator[tuple[str, ...]]:
    """Yield the terms of a run as a whole: as it is, and without what divides it."""
    yield code_terms(_joined(folded))
    undivided = _divider.sub("", folded)
    is_grouped = _grouped.fullmatch(folded) and len(undivided) >= _SHORTEST_GROUPED
    # An ISBN or an address of a device; and `I/O`, `km/h`.
    if is_grouped or (len(undivided) <= _LONGEST_UNDIVIDED and undivided.isalpha()):
        yield (undivided, *(undivided_terms(undivided) if undivided.isdecimal() else ()))


_remembered_tokens = lru_cache(maxsize=8192)(_find_tokens)


def _pairs(run: str) -> Iterator[Token]:
    """Yield overlapping pairs of characters; Chinese characters also alone."""
    clusters = [
        (match.start(), match.end(), character)
        for match in _cluster.finditer(run)
        for character in (fold(match[0], ""),)
        if character
    ]
    for (start, _, first), (_, end, second) in pairwise(clusters):
        yield Token(start, end, (first + second,))
    alone = len(clusters) == 1
    for start, end, character in clusters:
        if alone or _han.match(character):
            yield Token(start, end, (character,), counted=alone)


def _atom_tokens(atom: str, at: int, language: str, *, code: bool) -> Iterator[Token]:
    """Yield a word, or a part of a code with its pieces; `code` if the run has a digit."""
    folded = fold(atom, language)
    if not folded:
        return
    if _digit.search(atom):
        yield Token(at, at + len(atom), code_terms(folded))
        yield from _pieces(atom, at, language)
        if len(number := folded.lstrip("0")) > 1 and number != folded and number.isdecimal():
            yield Token(at, at + len(atom), (number,), counted=False)
        if folded.isdecimal() and (others := undivided_terms(folded)):
            yield Token(at, at + len(atom), others, counted=False)
    elif is_stop_word(folded, language_of(folded, language)):
        yield from _stop_word(atom, at, folded, language, code=code)
    else:
        terms = word_terms(folded, language)
        if code:
            terms = tuple(dict.fromkeys((*terms, *code_terms(folded))))
        yield Token(at, at + len(atom), terms)
        if _hangul.fullmatch(atom):
            yield from _syllables(atom, at)


def _stop_word(atom: str, at: int, folded: str, language: str, *, code: bool) -> Iterator[Token]:
    if code:  # There it is a part like any other, such as the last one of `7-A`.
        yield Token(at, at + len(atom), code_terms(folded))
    elif atom.isupper() and not (folded == "i" and language == "en"):
        yield Token(at, at + len(atom), (folded,), acronym=True)
    else:
        yield Token(at, at + len(atom), (), counted=False)


def _pieces(atom: str, at: int, language: str) -> Iterator[Token]:
    """Yield the letters and the digits of a code such as `DN50`; a single letter says nothing."""
    if len(atom) > _LONGEST_CODE:
        return
    pieces = list(_piece.finditer(atom))
    if 1 < len(pieces) <= _MOST_PIECES:
        for piece in pieces:
            if _digit.match(piece[0]) or len(piece[0]) > 1:
                folded = fold(piece[0], language)
                terms = code_terms(folded)
                if not _digit.match(piece[0]):
                    terms = tuple(dict.fromkeys((*terms, *word_terms(folded, language))))
                yield Token(at + piece.start(), at + piece.end(), terms, counted=False)


def _syllables(atom: str, at: int) -> Iterator[Token]:
    """Yield pairs of Korean syllables, because particles follow a noun without a blank."""
    for start in range(len(atom) - 1):
        pair = fold(atom[start : start + 2], "")
        yield Token(at + start, at + start + 2, (pair,), counted=False)


def _segment_wholes(
    segment: str, at: int, language: str
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield a segment as a whole, its labels between dots, and other spellings of it."""
    end = at + len(segment)
    if len(segment) > LONGEST * 2 or _atom.fullmatch(segment):
        return
    yield at, end, _whole_terms(segment, language)
    for pattern in (_label, _part):
        parts = list(pattern.finditer(segment))
        if len(parts) > 1:
            for part in parts:
                if not _atom.fullmatch(part[0]):
                    yield at + part.start(), at + part.end(), _whole_terms(part[0], language)
                    yield from _spellings(part[0], at + part.start(), language)
    for number in _number.finditer(segment):
        terms = code_terms(_joined(fold(number[0], language)).replace(",", "."))
        yield at + number.start(), at + number.end(), terms
    yield from _spellings(segment, at, language)


def _whole_terms(segment: str, language: str) -> tuple[str, ...]:
    joined = _joined(fold(segment, language))
    is_word = "." not in joined and not _digit.search(joined)
    return word_terms(joined, language) if is_word else code_terms(joined)


def _spellings(segment: str, at: int, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield what people type for a number, a version, initials, or a host name."""
    folded, end = fold(segment, language), at + len(segment)
    if number := _thousands.fullmatch(folded):
        whole = regex.sub(r"\D", "", number[1])
        yield at, end, (whole, f"{whole}.{number[3]}") if number[3] else (whole,)
    elif version := _version.fullmatch(folded):
        yield at, end, (version[1],)
    elif _initials.fullmatch(folded) or _name.fullmatch(folded):  # `U.S.A.`, `node.js`
        undivided = folded.replace(".", "")
        yield at, end, tuple(dict.fromkeys((undivided, *word_terms(undivided, language))))
    elif 2 < segment.count(".") + 1 <= _MOST_LABELS and not folded.replace(".", "").isdecimal():
        start = segment.find(".") + 1
        while segment.find(".", start) > 0:
            yield at + start, end, code_terms(_joined(fold(segment[start:], language)))
            start = segment.find(".", start) + 1


def _joined(folded: str) -> str:
    """Return a code in one spelling: without hyphens, except between digits, which they divide."""
    return _joins.sub("", _between_digits.sub("\ue000", folded)).replace("\ue000", "-")
