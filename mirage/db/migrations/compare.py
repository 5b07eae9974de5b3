"""What comparisons of schema and tables leave out."""

from typing import Any


def include_object(
    item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any
) -> bool:
    """Not the partitions of generations, nor their vector indexes: both are made at run time."""
    return kind != "table" or name is None or not name.startswith("embedding_")
