"""The key that `mirage up` makes for itself."""

from pathlib import Path

import pytest

from mirage.embedded import _key


@pytest.mark.parametrize("left", [None, ""])
def test_key_is_made_once_also_after_a_crash_while_writing(
    tmp_path: Path, left: str | None
) -> None:
    path = tmp_path / "key"
    if left is not None:
        path.write_text(left)
    made = _key(path)
    assert len(made) >= 32
    assert _key(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
