"""What a benchmark has found, as rows of one table."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` : `other` = `ratio`; `aim` says what it should be, as `<= 1.10`."""

    what: str
    ours: str
    other: str
    ratio: float
    aim: str = ""

    @property
    def is_met(self) -> bool | None:
        """None without an aim."""
        if not self.aim:
            return None
        sign, bound = self.aim.split()
        return self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)


def show(rows: Iterable[Row]) -> None:
    """Print the table."""
    table = Table("figure", "ours", "compared with", "ratio", "aim", "")
    for row in rows:
        met = {None: "", True: "met", False: "missed"}[row.is_met]
        table.add_row(row.what, row.ours, row.other, f"{row.ratio:.3f}", row.aim, met)
    Console(width=_WIDTH).print(table)
