"""Lays the letters of a page along the stored text, to know where the text's letters stand.

Composing a page joins and orders its lines and may leave some out, but it changes no letter. So
runs of equal letters are found on the page again, long ones first, then what is between two of
them. A letter is only ever laid on an equal one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from unicodedata import combining, normalize

_SEED = 8
"""Letters that a run has at least, unless it stands between two others. Shorter ones, such as `of
the`, are in many places."""
_PIECE = 3
"""The same for a run between two others that touches neither, such as a cell of a table."""
_CANDIDATES = 50  # guess: places at which one seed is tried
_GAP = 400  # guess: letters between two runs that are compared one by one
# Composing adds hyphens, blanks and leaders, removes them, or writes others.
_LEFT_OUT = frozenset("\u00ad-\u2010\u2011\u2212\u2013\u2014·.…_\ufffe\0")

Letter = tuple[str, int]
"""A letter as it is compared, and where it is in its text."""


def letters(text: Iterable[tuple[str, int]]) -> list[Letter]:
    """Return the visible letters of characters with their places, in their plainest form."""
    return [(letter, at) for character, at in text for letter in _plain(character)]


def align(text: Sequence[Letter], page: Sequence[Letter]) -> dict[int, int]:
    """Return the positions in `page` of the letters of `text`, by their positions in `text`."""
    wanted = "".join(letter for letter, _ in text)
    found = "".join(letter for letter, _ in page)
    laid = _Laid(wanted, found)
    laid.lay_runs()
    laid.fill_gaps()
    return laid.places


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return the letters without accents and forms, because either text may compose them."""
    if character in _LEFT_OUT or character.isspace():
        return ""
    parts = normalize("NFKD", character)
    return "".join(
        part for part in parts if not (combining(part) or part.isspace() or part in _LEFT_OUT)
    )


class _Laid:
    def __init__(self, wanted: str, found: str) -> None:
        self.places: dict[int, int] = {}
        self._wanted = wanted
        self._found = found
        self._used = bytearray(len(found))
        self._anchored = False

    def lay_runs(self) -> None:
        """Lay each run on the longest equal one that is free; of equal ones, on the next."""
        seeds: dict[str, list[int]] = defaultdict(list)
        for at in range(len(self._found) - _SEED + 1):
            seeds[self._found[at : at + _SEED]].append(at)
        at = after = 0
        while at <= len(self._wanted) - _SEED:
            places = seeds.get(self._wanted[at : at + _SEED], ())[:_CANDIDATES]
            runs = [(self._run(at, place), place) for place in places]
            length, place = max(
                runs,
                key=lambda run: (run[0], run[1] >= after, -abs(run[1] - after)),
                default=(0, 0),
            )
            if length < _SEED:
                at += 1
                continue
            self._lay(at, place, length)
            at, after = at + length, place + length

    def fill_gaps(self) -> None:
        """Lay what is between two runs, where the page has it at the same place."""
        laid = sorted(self.places)
        self._anchored = bool(laid)
        edges = [-1, *laid, len(self._wanted)]
        for left, right in pairwise(edges):
            if right - left > 1:
                self._fill(left, right)

    def _fill(self, left: int, right: int) -> None:
        start = self.places[left] + 1 if left >= 0 else 0
        end = self.places.get(right, len(self._found))
        if start <= end <= start + _GAP and right - left <= _GAP:
            gap, there = self._wanted[left + 1 : right], self._found[start:end]
            blocks = SequenceMatcher(None, gap, there, autojunk=False).get_matching_blocks()
            for block in blocks:
                begins = block.a == block.b == 0 and left >= 0
                ends = right in self.places and (block.a + block.size, block.b + block.size) == (
                    len(gap),
                    len(there),
                )
                # Without a run on either side, only a text that is there as a whole is meant.
                least = _PIECE if self._anchored else len(gap)
                if begins or ends or block.size >= least:
                    self._lay(left + 1 + block.a, start + block.b, block.size)
            return
        length = min(self._run(left + 1, start), right - left - 1) if left >= 0 else 0
        if length:
            self._lay(left + 1, start, length)
        backwards = 0
        while (
            right in self.places
            and right - backwards - 1 > left + length
            and end - backwards - 1 >= 0
            and not self._used[end - backwards - 1]
            and self._wanted[right - backwards - 1] == self._found[end - backwards - 1]
        ):
            backwards += 1
        self._lay(right - backwards, end - backwards, backwards)

    def _run(self, at: int, place: int) -> int:
        """Return how many letters from there on are equal and free."""
        length = 0
        most = min(len(self._wanted) - at, len(self._found) - place)
        while (
            length < most
            and not self._used[place + length]
            and self._wanted[at + length] == self._found[place + length]
        ):
            length += 1
        return length

    def _lay(self, at: int, place: int, length: int) -> None:
        for step in range(length):
            if not self._used[place + step]:
                self._used[place + step] = 1
                self.places[at + step] = place + step
