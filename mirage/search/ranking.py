"""Ranks candidates by the scores of both legs.

A hybrid score is a convex combination of the legs on scales that do not depend on the other
candidates (Bruch, Gai and Ingber 2023): for words, the share of the highest score that a passage
could have; for meaning, the distance of the cosine from those of random pairs of passages. Ranks
would forget how much better the first hit is. docs/adr/0005 has the measurements.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from mirage.db.search.candidates import Candidate
from mirage.model import NoiseFloor

# What one standard deviation above the floor weighs, where 1 is a passage with every word of the
# question: in a language that the model knows, may know, and does not know. Flat optima: 1/15 to
# 1/10, and everything below 1/45.
_KNOWN, _UNSURE, _FOREIGN = 1 / 12, 1 / 45, 1 / 60
_LOWEST = -5.0  # A floor of texts that are nearly the same is narrow; cosines below it say nothing.
_NEGLIGIBLE = 1e-6  # Ranks passages without any word by their cosine.
_LEAST_DEVIATION = 1e-3

# A passage is weak if its cosine is less than a standard deviation above the floor, and it has few
# of the words of the question. Where cosines say nothing, it needs fewer words.
_WEAK_DISTANCE, _WEAK_SHARE = 1.0, 0.15
_WEAK_SHARE_ALONE = 0.10
_WEAK_DISTANCE_ALONE = 0.0


@dataclass(frozen=True, slots=True)
class Legs:
    """What the legs of a search know.

    `floor` is None without the dense leg, or if it was not measured yet; `highest_score` is the
    highest lexical score that a passage could have, None without the lexical leg.
    `model_languages` are as `ModelFacts` has them.
    """

    dense: bool
    highest_score: float | None
    floor: NoiseFloor | None
    model_languages: Collection[str] = ()

    def knows(self, language: str | None) -> bool | None:
        """Return whether the model knows a language; None: maybe."""
        if "*" in self.model_languages or language in self.model_languages:
            return True
        return False if self.model_languages and language is not None else None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score; `weak` if it probably does not answer (None: unknown)."""

    candidate: Candidate
    score: float
    weak: bool | None


def rank(candidates: Sequence[Candidate], legs: Legs) -> list[Ranked]:
    """Rank candidates, best first; ties by id, so that answers repeat.

    The score of one leg alone is its cosine, or its BM25 score.
    """
    floor = legs.floor or _floor_of(candidates)
    shares = {c.id: _share(c, legs.highest_score) for c in candidates}
    # The more of the words the best passage has, the less the cosines count.
    missing = 1.0 - max(shares.values(), default=0.0)

    def score(candidate: Candidate) -> float:
        if not legs.dense:
            return candidate.lexical_score
        if legs.highest_score is None:
            return candidate.similarity or 0.0
        distance = _distance(candidate, floor)
        weight = {True: _KNOWN, None: _UNSURE, False: _FOREIGN}[legs.knows(candidate.language)]
        return shares[candidate.id] + missing * weight * distance + _NEGLIGIBLE * distance

    ranked = [Ranked(c, score(c), _is_weak(c, shares[c.id], legs)) for c in candidates]
    return sorted(ranked, key=lambda each: (-each.score, each.candidate.id))


def _is_weak(candidate: Candidate, share: float, legs: Legs) -> bool | None:
    if legs.dense and legs.floor is None:
        return None
    if not legs.dense or (legs.knows(candidate.language) is False and legs.highest_score):
        return share < _WEAK_SHARE_ALONE
    distance = _distance(candidate, legs.floor)
    if legs.highest_score is None:
        return distance < _WEAK_DISTANCE_ALONE
    return distance < _WEAK_DISTANCE and share < _WEAK_SHARE


def _share(candidate: Candidate, highest: float | None) -> float:
    return min(candidate.lexical_score / highest, 1.0) if highest else 0.0


def _distance(candidate: Candidate, floor: NoiseFloor | None) -> float:
    """Return how many standard deviations a cosine is above the floor."""
    if candidate.similarity is None or floor is None:
        return 0.0
    deviation = max(floor.deviation, _LEAST_DEVIATION)
    return max((candidate.similarity - floor.mean) / deviation, _LOWEST)


def _floor_of(candidates: Iterable[Candidate]) -> NoiseFloor | None:
    """Return the floor of the candidates themselves, until that of the index is measured."""
    cosines = [c.similarity for c in candidates if c.similarity is not None]
    return NoiseFloor(fmean(cosines), pstdev(cosines)) if cosines else None
