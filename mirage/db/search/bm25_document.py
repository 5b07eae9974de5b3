"""The document side of BM25: the lexemes of a passage, and what each weighs in it.

They are stored with the vector and not with the text, because each change of a row writes its
lexemes into their index once more, and a chunk in the queue is claimed before it is ready.
"""

from mirage.db.search.stemming import configuration, term, vector
from mirage.db.tables import TERM_DIMENSIONS

# BM25 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework). Of the usual range of
# k1, 1.2 to 2.0, the upper end ranks Cranfield best (nDCG@10 0.376 at 1.2, 0.388 at 2.0). Chunks
# have one size, so the length expected from it stands for the average: a constant, while the true
# average would change every weight with every document.
_K1 = 2.0
_B = 0.75
_LEXEMES_PER_TOKEN_OF_SIZE = 0.35  # Cranfield 0.34: chunks are 2/3 full, half the tokens are words


def words_of(chunks: str) -> str:
    """Return SQL that selects `id, lexemes, terms` of chunks; the SQL `chunks` selects their ids.

    `terms` are BM25 weights without inverse document frequency, which the query side multiplies in.
    """
    return f"""
    SELECT c.id, v.lexemes, CAST(t.terms AS sparsevec) AS terms
      FROM chunk c
           JOIN document d ON d.id = c.document_id
           JOIN generation g ON g.id = c.generation_id,
           -- OFFSET lets PostgreSQL compute it once, not wherever it is named.
           LATERAL (SELECT {vector(configuration("d.language"), "c.heading || ' ' || c.text")}
                           AS lexemes OFFSET 0) v,
           LATERAL (SELECT sum(cardinality(positions)) AS length FROM unnest(v.lexemes)) l,
           LATERAL (
               SELECT '{{' || coalesce(string_agg(term || ':' || weight, ','), '')
                      || '}}/{TERM_DIMENSIONS}' AS terms
                 FROM (SELECT {term("lexeme")} AS term,
                              sum(cardinality(positions) * {_K1 + 1}::float8
                                  / (cardinality(positions) + {_K1} * ({1 - _B} + {_B} * l.length
                                     / (g.chunk_size * {_LEXEMES_PER_TOKEN_OF_SIZE}::float8)))
                              )::real AS weight
                         FROM unnest(v.lexemes) GROUP BY 1) w
           ) t
     WHERE c.id IN ({chunks})
    """
