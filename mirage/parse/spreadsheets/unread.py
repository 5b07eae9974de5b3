"""Collects what of a spreadsheet is not read, for warnings that name the sheet."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mirage.parse.headings import label

_MAX_NAMED = 20  # guess


@dataclass(slots=True)
class Unread:
    """What was passed over; `formulas` counts those without a result, by sheet."""

    sheets: list[str] = field(default_factory=list)
    pictures: dict[str, None] = field(default_factory=dict)
    formulas: Counter[str] = field(default_factory=Counter)

    def warnings(self) -> Iterator[str]:
        """Return sentences about all of it, not more than a person reads."""
        found = [
            *(f"The sheet “{label(name)}” is not read: it holds no table." for name in self.sheets),
            *(
                f"Charts or text boxes of the sheet “{label(name)}” are not read."
                for name in self.pictures
            ),
            *(
                f"The sheet “{label(name)}” has formulas without a stored result ({count:,}); open"
                " it in a spreadsheet program and save it to have them read."
                for name, count in self.formulas.items()
                if count
            ),
        ]
        yield from found[:_MAX_NAMED]
        if more := len(found[_MAX_NAMED:]):
            yield f"There are {more:,} more such places in other sheets."
