"""The document side of BM25: the terms of a passage, and what each weighs in it.

They are stored with the vector and not with the text, because each change of a row writes its
lexemes into their index once more, and a chunk in the queue is claimed before it is ready.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5
from itertools import islice

from mirage.db.tables import TERM_DIMENSIONS
from mirage.words import PassageText, count_terms

# BM25 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework). Of the usual range of
# k1, 1.2 to 2.0, the upper end ranks Cranfield best (nDCG@10 0.376 at 1.2, 0.388 at 2.0). Chunks
# have one size, so the length expected from it stands for the average: a constant, while the true
# average would change every weight with every document.
_K1 = 2.0
_B = 0.75
_LEXEMES_PER_TOKEN_OF_SIZE = 0.35  # Cranfield 0.34: chunks are 2/3 full, half the tokens are words
_NAME_WEIGHT = 1.0

HIGHEST_WEIGHT = _K1 + 1
"""What a term weighs at most in a passage."""

# Where sparsevec ends.
_MOST_TERMS = 16_000


@dataclass(frozen=True, slots=True)
class PassageWords:
    """A `tsvector` of a passage's terms, which finds candidates, and a `sparsevec` of their BM25
    weights without inverse document frequency, which the query side multiplies in.
    """

    lexemes: str
    terms: str


def passage_words(passage: PassageText, chunk_size: int) -> PassageWords:
    """Return the words of a passage of a generation with this chunk size, in tokens."""
    counted = count_terms(passage, _NAME_WEIGHT)
    expected = chunk_size * _LEXEMES_PER_TOKEN_OF_SIZE
    norm = _K1 * (1 - _B + _B * counted.length / expected)
    weights: dict[int, float] = {}
    for term, frequency in islice(counted.terms.items(), _MOST_TERMS):
        number = term_number(term)
        weight = frequency * (_K1 + 1) / (frequency + norm)
        weights[number] = weights.get(number, 0.0) + weight
    entries = ",".join([f"{number}:{weight:.5g}" for number, weight in sorted(weights.items())])
    return PassageWords(" ".join(map(quoted, counted.terms)), f"{{{entries}}}/{TERM_DIMENSIONS}")


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
