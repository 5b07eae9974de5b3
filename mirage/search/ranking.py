"""Ranks candidates by the scores of both legs."""

from collections.abc import Iterable

from mirage.db.search.candidates import Candidate

# Reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
_RRF_K = 60

Ranked = list[tuple[Candidate, float]]
"""Candidates with their scores, best first."""


def rank(candidates: Iterable[Candidate], *, dense: bool, lexical: bool) -> Ranked:
    """Rank candidates of the legs that ran; ties by id, so that answers repeat."""

    def score(candidate: Candidate) -> float:
        if not dense:
            return candidate.lexical_score
        if not lexical:
            return candidate.similarity or 0.0
        ranks = (candidate.dense_rank, candidate.lexical_rank)
        return sum(1 / (_RRF_K + rank) for rank in ranks if rank is not None)

    scored = [(candidate, score(candidate)) for candidate in candidates]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].id))
