"""Keeps what `mirage documents add` passes over, and says so."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from mirage.cli.aside import counted
from mirage.cli.output import printable

_NAMED = 5
_LONGEST = 12
"""Characters of an extension that is named; longer ones are parts of names with a dot."""


@dataclass(slots=True)
class Skipped:
    """What was found in folders but is not sent. Files of unknown formats are counted."""

    unreadable: list[OSError] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    unsupported: Counter[str] = field(default_factory=Counter)

    def describe_aside(self) -> str | None:
        """Return one sentence about hidden and system files, or None."""
        return counted(self.aside) if self.aside else None

    def describe_unsupported(self) -> str | None:
        """Return `unsupported: .xyz 2, no extension 1`, the most frequent first, or None."""
        if not self.unsupported:
            return None
        named = self.unsupported.most_common(_NAMED)
        shown = [
            f"{printable(extension) or 'no extension'} {count:,}" for extension, count in named
        ]
        if rest := self.unsupported.total() - sum(count for _, count in named):
            shown.append(f"other {rest:,}")
        return f"unsupported: {', '.join(shown)}"

    def add_unsupported(self, file: Path) -> None:
        """Count a file by its extension."""
        extension = file.suffix.lower()
        self.unsupported[extension if len(extension) <= _LONGEST else "other"] += 1
