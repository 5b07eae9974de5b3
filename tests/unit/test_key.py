"""The key that `mirage up` makes for itself."""

from pathlib import Path

import pytest

from mirage.embedded import _key
from mirage.errors import ConfigError


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


@pytest.mark.parametrize(
    "damage", [b"\xff\xfe\x00", b"a\nb", b"a\x1b[2Jb", "a\u2028b".encode(), b"\0" * 100]
)
def test_damaged_key_is_said_in_a_sentence(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(damage)
    with pytest.raises(ConfigError, match="key contains no key; move it away"):
        _key(path)
    assert path.read_bytes() == damage


def test_folder_in_the_keys_place_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    with pytest.raises(ConfigError, match="key is not a file; move it away"):
        _key(tmp_path / "key")


def test_key_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: File name too long"):
        _key(tmp_path / ("k" * 300))


def test_line_end_of_an_edited_key_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("chosen\r\n")
    assert _key(path) == "chosen"
