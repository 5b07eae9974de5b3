"""What `mirage up` does to its folder."""

from pathlib import Path

import pytest

from mirage.embedded import _close_to_others


@pytest.mark.parametrize("mode", [None, 0o755])
def test_documents_are_closed_to_other_users(tmp_path: Path, mode: int | None) -> None:
    documents = tmp_path / "documents"
    if mode is not None:
        documents.mkdir(mode=mode)
    _close_to_others(documents)
    assert documents.stat().st_mode & 0o777 == 0o700
