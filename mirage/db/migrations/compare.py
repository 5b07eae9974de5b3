"""What a comparison of migrations and tables leaves out."""

from typing import Any


def include_object(
    item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any
) -> bool:
    """Leave out partitions of generations and their vector indexes, which are made at run time."""
    return kind != "table" or name is None or not name.startswith("embedding_")
