"""The space that is kept for PostgreSQL: when it is taken, and when it is given up."""

import shutil
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from mirage.reserve import RESERVE_BYTES, Reserve

MIB = 1024 * 1024


@pytest.fixture
def reserve(tmp_path: Path) -> Reserve:
    return Reserve(tmp_path / "reserve")


def _leave(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Make it a disk with so many free bytes."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


@pytest.mark.parametrize(("free", "needed"), [(32 * MIB - 1, True), (32 * MIB, False)])
def test_reserve_is_needed_below_two_segments_of_the_log(
    reserve: Reserve, monkeypatch: pytest.MonkeyPatch, free: int, needed: bool
) -> None:
    _leave(monkeypatch, free)
    assert reserve.is_needed is needed


@pytest.mark.parametrize(("free", "made"), [(256 * MIB - 1, False), (256 * MIB, True)])
@pytest.mark.slow
def test_reserve_is_a_quarter_of_the_space_at_most(
    reserve: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, made: bool
) -> None:
    _leave(monkeypatch, free)
    reserve.make()
    assert [path.name for path in tmp_path.iterdir()] == (["reserve"] if made else [])


@pytest.mark.slow
def test_reserve_takes_its_size_also_where_the_disk_compresses(
    reserve: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(monkeypatch, 2**40)
    reserve.make()
    assert (tmp_path / "reserve").stat().st_size == RESERVE_BYTES == 64 * MIB
    with (tmp_path / "reserve").open("rb") as file:
        piece = file.read(MIB)
    assert len(zlib.compress(piece, 1)) > 0.99 * MIB


@pytest.mark.slow
def test_reserve_is_given_up_once(
    reserve: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave(monkeypatch, 2**40)
    reserve.make()
    assert (reserve.release(), reserve.release()) == (True, False)
    assert list(tmp_path.iterdir()) == []


def test_disk_that_tells_nothing_needs_no_reserve(
    reserve: Reserve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: Path) -> None:
        raise OSError("does not answer")

    monkeypatch.setattr(shutil, "disk_usage", silent)
    reserve.make()
    assert not reserve.is_needed
    assert list(tmp_path.iterdir()) == []
