"""Finds the passages of an answer: candidates of both legs, ranked, with what citations name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mirage.db import Connection
from mirage.db.search.candidates import (
    Prepared,
    Query,
    Vector,
    find_candidates,
    with_more_candidates,
)
from mirage.db.search.passages import load_passages
from mirage.model import Passage
from mirage.search.ranking import Legs, Ranked, rank
from mirage.search.selection import Chosen, Selection
from mirage.words import find_matches

# If a selection finds too little among the candidates, it looks at more of them, up to what the
# server's parameter for the vector index can serve.
_MORE_CANDIDATES = 4
_MOST_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages, best first, and whether every vector was compared (None without a dense leg)."""

    passages: list[Passage]
    exact: bool | None


async def retrieve(
    connection: Connection,
    query: Query,
    prepared: Prepared,
    vector: Vector | None,
    selection: Selection,
    threshold: float | None = None,
) -> Retrieved:
    """Return the passages of an answer; `vector` is None without the dense leg.

    `threshold` is a cosine. The connection must have `candidates.parameters`.
    """
    weighted, generation = prepared.weighted, query.corpus.generation
    terms = weighted.terms if weighted else frozenset()
    legs = Legs(
        dense=vector is not None,
        highest_score=weighted.highest_score if weighted else None,
        floor=generation.floor,
        model_languages=generation.languages,
    )
    while True:
        found = await find_candidates(connection, query, prepared, vector)
        ranked = rank(found.candidates, legs)
        if threshold is not None:
            ranked = [each for each in ranked if _reaches(each.candidate.similarity, threshold)]
        chosen = Chosen(selection)
        for at in range(0, len(ranked), selection.wanted):
            chosen.add(await _load(connection, ranked[at : at + selection.wanted], terms))
            if chosen.is_complete:
                break
        if (
            chosen.is_complete
            or selection.is_plain
            or len(found.candidates) < query.candidates
            or query.candidates >= _MOST_CANDIDATES
        ):
            return Retrieved(chosen.passages, found.exact)
        # The candidates are all of a few documents, or of a few texts.
        more = min(query.candidates * _MORE_CANDIDATES, _MOST_CANDIDATES)
        query, prepared = await with_more_candidates(connection, query, prepared, more)


def _reaches(similarity: float | None, threshold: float) -> bool:
    return similarity is not None and similarity >= threshold


async def _load(
    connection: Connection, ranked: Sequence[Ranked], terms: frozenset[str]
) -> list[Passage]:
    loaded = await load_passages(connection, [each.candidate.id for each in ranked])
    return [
        replace(
            passage,
            score=each.score,
            weak=each.weak,
            similarity=each.candidate.similarity,
            dense_rank=each.candidate.dense_rank,
            lexical_rank=each.candidate.lexical_rank,
            lexical_score=each.candidate.lexical_score if each.candidate.lexical_rank else None,
            matches=tuple(find_matches(passage.text, passage.document_language, terms)),
            spans=((passage.start, passage.end),),
        )
        for each in ranked
        if (passage := loaded.get(each.candidate.id)) is not None
    ]
