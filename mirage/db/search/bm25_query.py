"""The query side of BM25: the words of a question, and what each weighs.

Words are stemmed like those of the documents, in each of their languages. A word weighs its inverse
document frequency within what the search may find.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.search.document_frequencies import COMMON, Corpus, count_passages, count_words
from mirage.db.search.filters import Filters, bind
from mirage.db.search.stemming import configuration, term, vector
from mirage.db.tables import TERM_DIMENSIONS

# Bounds of what a lexical search costs. Of a very long question the longest words are used. The
# rarest words find candidates until there are `_CANDIDATES`; common words, the longest, only when
# there are no others. At 100,000 passages 200 words took 18 s without these bounds.
_WORDS = 64
_CANDIDATES = 20_000
_COMMON_WORDS = 8


@dataclass(frozen=True, slots=True)
class Weighted:
    """A `tsquery` of passages with any of the words, and a `sparsevec` of their weights."""

    any_word: str
    weights: str


async def weigh_words(connection: AsyncConnection, corpus: Corpus, words: str) -> Weighted | None:
    """Weigh the words of a question; return None when it has no word that could be found."""
    statement = _words_statement(corpus.filters)
    rows = (
        await connection.execute(*bind(statement, {**corpus.parameters(), "words": words}))
    ).all()
    if not rows:
        return None
    size = await count_passages(connection, corpus, None)
    frequencies = await count_words(connection, corpus, [row.query for row in rows])
    by_term: dict[int, dict[str, float]] = defaultdict(dict)
    for row, frequency in zip(rows, frequencies, strict=True):
        weight = _inverse_document_frequency(size, frequency)
        for lexeme, number in zip(row.lexemes, row.terms, strict=True):
            # A lexeme of two words has one weight; two lexemes may share a term by chance.
            by_term[number][lexeme] = max(weight, by_term[number].get(lexeme, 0.0))
    entries = ",".join(
        f"{number}:{sum(weights.values()):.7g}" for number, weights in sorted(by_term.items())
    )
    return Weighted(_any_word(rows, frequencies), f"{{{entries}}}/{TERM_DIMENSIONS}")


def _inverse_document_frequency(size: int, frequency: int) -> float:
    size = max(size, frequency)
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _any_word(rows: Sequence[Row[Any]], frequencies: Sequence[int]) -> str:
    if min(frequencies) >= COMMON:
        return " | ".join(row.query for row in rows[:_COMMON_WORDS])
    chosen: list[str] = []
    candidates = 0
    for frequency, query in sorted(zip(frequencies, (row.query for row in rows), strict=True)):
        candidates += frequency
        if chosen and (frequency >= COMMON or candidates > _CANDIDATES):
            break
        chosen.append(query)
    return " | ".join(chosen)


def _words_statement(filters: Filters) -> str:
    # A word is a position in the question, which every configuration numbers alike; its stems in
    # the languages of the documents are alternatives.
    return f"""
    WITH RECURSIVE {_spoken(filters)}, variant AS (
        SELECT DISTINCT position, lexeme
          FROM (SELECT DISTINCT {configuration("language")} AS configuration FROM spoken) k,
               unnest({vector("configuration", ":words")}) v, unnest(v.positions) position
    )
    SELECT lexemes,
           ARRAY(SELECT {term("lexeme")} FROM unnest(lexemes) lexeme) AS terms,
           (SELECT string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''')
                              || '''', ' | ') FROM unnest(lexemes) lexeme) AS query
      FROM (SELECT DISTINCT array_agg(lexeme ORDER BY length(lexeme) DESC, lexeme) AS lexemes
              FROM variant GROUP BY position) w
     ORDER BY length(lexemes[1]) DESC, lexemes LIMIT {_WORDS}
    """


def _spoken(filters: Filters) -> str:
    """Return SQL of a table `spoken`: the languages of documents that may be found, also null."""
    if filters.languages:
        return "spoken AS (SELECT unnest(CAST(:languages AS text[])) AS language)"
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
