"""The query side of BM25: the words of a question, and what each weighs.

Words are analysed like those of the documents, in each of their languages. A word weighs its
inverse document frequency within what the search may find.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.search.bm25_document import HIGHEST_WEIGHT, term_number
from mirage.db.search.document_frequencies import (
    COMMON,
    Corpus,
    count_passages,
    count_words,
    tsquery,
)
from mirage.db.search.filters import bind
from mirage.db.tables import TERM_DIMENSIONS
from mirage.words import Word, question_words

# Bounds of what a lexical search costs: each candidate is scored, in some 3 µs. The rarest words
# find candidates up to this number; of the others two have to be there. Without bounds 200 words
# took 18 s at 100,000 passages.
_CANDIDATES = COMMON
_MOST_COMMON_WORDS = 8
_ENOUGH = 1_000


@dataclass(frozen=True, slots=True)
class Weighted:
    """A `tsquery` of the passages to score, and a `sparsevec` of the words' weights.

    `terms` are those of all words; `highest_score` is what a passage could score at most.
    """

    candidates: str
    weights: str
    terms: frozenset[str]
    highest_score: float


async def weigh_words(connection: AsyncConnection, corpus: Corpus, words: str) -> Weighted | None:
    """Weigh the words of a question; return None when it has no word that could be found."""
    asked = question_words(words, await _languages(connection, corpus))
    if not asked:
        return None
    size = await count_passages(connection, corpus, None)
    frequencies = await count_words(connection, corpus, list(asked), size)
    by_term: dict[int, dict[str, float]] = defaultdict(dict)
    highest = 0.0
    for (word, importance), frequency in zip(asked.items(), frequencies, strict=True):
        weight = importance * _inverse_document_frequency(size, frequency)
        highest += weight * HIGHEST_WEIGHT
        for term in word:
            # Two words may have a term in common, and two terms their number, by chance.
            weights = by_term[term_number(term)]
            weights[term] = max(weight, weights.get(term, 0.0))
    entries = ",".join(
        f"{number}:{sum(weights.values()):.7g}" for number, weights in sorted(by_term.items())
    )
    return Weighted(
        _candidates(list(asked), frequencies, size),
        f"{{{entries}}}/{TERM_DIMENSIONS}",
        frozenset(term for word in asked for term in word),
        highest,
    )


def _inverse_document_frequency(size: int, frequency: int) -> float:
    size = max(size, frequency)
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _candidates(words: Sequence[Word], frequencies: Sequence[int], size: int) -> str:
    """Return a `tsquery` of the passages that are worth to be scored.

    A passage that has none of the rare words has to have two of the common ones, because one of
    them weighs little. How many have two is estimated as if they were independent.
    """
    found = 0.0
    chosen: list[str] = []
    common: list[tuple[int, Word]] = []
    for frequency, word in sorted(zip(frequencies, words, strict=True)):
        if frequency < COMMON and found + frequency <= _CANDIDATES:
            found += frequency
            chosen.append(tsquery(word))
        else:
            common.append((frequency, word))
    pairs = sorted(
        (one * other / max(size, 1), f"({tsquery(word)}) & ({tsquery(another)})")
        for (one, word), (other, another) in combinations(common[:_MOST_COMMON_WORDS], 2)
    )
    for estimate, pair in pairs:
        if found and found + estimate > _CANDIDATES:
            break
        found += estimate
        chosen.append(pair)
    if found < _ENOUGH and len(common) == len(words):
        chosen.append(tsquery(common[0][1]))
    return " | ".join(f"({query})" for query in chosen)


async def _languages(connection: AsyncConnection, corpus: Corpus) -> Sequence[str | None]:
    """Return the languages of documents that may be found, also None for an unknown one."""
    if corpus.filters.languages:
        return corpus.filters.languages
    statement = f"WITH RECURSIVE {_spoken()} SELECT language FROM spoken"
    return list(await connection.scalars(*bind(statement, corpus.parameters())))


def _spoken() -> str:
    """Return SQL of a table `spoken`: the languages of a project's documents, also null."""
    # It goes from one language to the next in document_language_idx, so that its cost depends on
    # the number of languages and not of documents; nulls come last in the index.
    following = """
        SELECT d.language FROM document d
         WHERE d.project_id = :project AND d.language > {after}
         ORDER BY d.language LIMIT 1"""
    return f"""
    named AS (
        SELECT ({following.format(after="''")}) AS language
        UNION ALL
        SELECT ({following.format(after="n.language")}) FROM named n WHERE n.language IS NOT NULL
    ), spoken AS (
        SELECT language FROM named WHERE language IS NOT NULL
        UNION ALL
        (SELECT d.language FROM document d
          WHERE d.project_id = :project AND d.language IS NULL LIMIT 1)
    )"""
