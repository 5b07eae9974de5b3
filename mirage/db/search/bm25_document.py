"""The document side of BM25: the terms of a passage, and what each weighs in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5
from itertools import islice

from mirage.db.tables import TERM_DIMENSIONS
from mirage.model import Chunk
from mirage.words import DocumentWords, TermCounts

# BM25 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework). Of the usual range of
# k1, 1.2 to 2.0, the upper end ranks Cranfield best, and xquad loses 0.4 % by it.
_K1 = 2.0
_B = 0.75
# A word in the document's name or title counts like a word in the text. A word in the text around a
# passage counts half. The number of passages says how far that text reaches, before and after. With
# it, passages are ranked about as well as whole documents by plain BM25 (docs/adr/0005).
_NAME_WEIGHT = 1.0
_SURROUNDING_WEIGHT = 0.5
_SURROUNDING_PASSAGES = 2

HIGHEST_WEIGHT = _K1 + 1
"""What a term weighs at most in a passage."""

# The limits of sparsevec and tsvector. Only passages of thousands of long, unreal words reach them.
_MOST_TERMS = 16_000
_MOST_LEXEME_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class PassageWords:
    """A `tsvector` of a passage's own terms, which finds candidates, and a `sparsevec` of BM25
    weights without inverse document frequency, which the query side multiplies in.
    """

    lexemes: str
    terms: str


def passage_words(
    document: DocumentWords, chunks: Iterable[Chunk], chunk_size: int
) -> list[PassageWords]:
    """Return the words of a document's passages, in a generation of this chunk size in tokens."""
    return [_passage_words(document, chunk, chunk_size) for chunk in chunks]


def _passage_words(document: DocumentWords, chunk: Chunk, chunk_size: int) -> PassageWords:
    characters_per_token = (chunk.end - chunk.start) / max(chunk.tokens, 1)
    counted = document.count(
        chunk.start,
        chunk.end,
        chunk.heading,
        window=round(_SURROUNDING_PASSAGES * chunk_size * characters_per_token),
        name_weight=_NAME_WEIGHT,
        surrounding_weight=_SURROUNDING_WEIGHT,
    )
    norm = _K1 * (1 - _B + _B * _relative_length(counted, chunk.tokens, chunk_size))
    weights: dict[int, float] = {}
    for term, frequency in islice(counted.frequencies.items(), _MOST_TERMS):
        number = term_number(term)
        weight = frequency * HIGHEST_WEIGHT / (frequency + norm)
        weights[number] = weights.get(number, 0.0) + weight
    entries = ",".join([f"{number}:{weight:.5g}" for number, weight in sorted(weights.items())])
    return PassageWords(_lexemes(counted.own), f"{{{entries}}}/{TERM_DIMENSIONS}")


def _lexemes(terms: Iterable[str]) -> str:
    """Return a `tsvector` of the terms; the longest are left out if there is no room for all."""
    room = _MOST_LEXEME_BYTES
    lexemes = []
    for term in sorted(terms, key=lambda term: (len(term), term)):
        room -= len(term.encode("utf-8", "replace"))
        if room < 0:
            break
        lexemes.append(quoted(term))
    return " ".join(lexemes)


def _relative_length(counted: TermCounts, tokens: int, chunk_size: int) -> float:
    """Return the length of a passage with its surroundings, where a full passage alone has 1.

    Tokens tell how full it is: they need no average, which would change with every document, and
    which differs by language.
    """
    surrounding = _SURROUNDING_WEIGHT * counted.surrounding / max(counted.length, 1)
    return tokens / chunk_size * (1 + surrounding)


@lru_cache(maxsize=65536)
def term_number(term: str) -> int:
    """Return a term's number in sparse vectors, from 1 to `TERM_DIMENSIONS`."""
    digest = md5(term.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return int(digest[:7], 16) + 1


def quoted(term: str) -> str:
    """Return a term as `tsvector` and `tsquery` read it."""
    if not term.isalnum():
        term = term.replace("\\", "\\\\").replace("'", "''")
    return f"'{term}'"
