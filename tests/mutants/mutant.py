"""What a mutant is, and how it gets into a copy of the tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake: `old` becomes `new` in `file`, and one of `tests` must fail.

    `old` is one line at most and no prose, so that it outlives a rewording. `also` holds further
    pairs of old and new text in the same file. `tests` are arguments of pytest, the nearest first.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    meaning: str
    also: tuple[tuple[str, str], ...] = ()

    def mutated(self, root: Path) -> str:
        """Return the text of the file with the mistake in it.

        Raises ValueError, with the mutant's name, when an old text is not there exactly once.
        """
        path = root / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for old, new in ((self.old, self.new), *self.also):
            if (count := text.count(old)) != 1:
                raise ValueError(f"{self.name}: {self.file} holds {old!r} {count} times, not once")
            text = text.replace(old, new)
        return text


def chosen(mutants: Iterable[Mutant], names: Sequence[str]) -> list[Mutant]:
    """Return the mutants of these names, all when no name is given.

    Raises ValueError for a name that no mutant has, and for one that several have.
    """
    by_name: dict[str, Mutant] = {}
    for mutant in mutants:
        if mutant.name in by_name:
            raise ValueError(f"{mutant.name}: two mutants have this name")
        by_name[mutant.name] = mutant
    if unknown := [name for name in names if name not in by_name]:
        raise ValueError(f"no mutant is named {', '.join(unknown)}")
    return [by_name[name] for name in names] if names else list(by_name.values())
