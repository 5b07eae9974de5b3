"""Runs the steps of a way, measures them, and prints a table at its end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from release.errors import Refused


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, in how many seconds, and how it ended."""

    name: str
    seconds: float
    result: str


@dataclass
class Steps:
    """The steps until now. The first one that is refused ends the way."""

    done: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step."""
        say(f"== {name}")
        began = time.monotonic()
        try:
            yield
        except Refused as error:
            self.done.append(Step(name, time.monotonic() - began, f"refused: {error}"))
            raise
        self.done.append(Step(name, time.monotonic() - began, "ok"))

    def table(self) -> str:
        """Return step, seconds and result of each, in aligned columns."""
        rows = [("step", "seconds", "result")]
        rows += [(each.name, f"{each.seconds:.1f}", each.result) for each in self.done]
        wide = max(len(name) for name, _, _ in rows)
        return "\n".join(
            f"{name:<{wide}}  {seconds:>7}  {result}" for name, seconds, result in rows
        )

    def results(self) -> list[dict[str, str | float]]:
        """Return the steps for a record."""
        return [
            {"step": each.name, "seconds": round(each.seconds, 1), "result": each.result}
            for each in self.done
        ]


def say(text: str) -> None:
    """Print a line at once, so that the order with the output of commands is right."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
