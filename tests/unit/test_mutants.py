"""The mutants fit the tree, and what does not fit is refused by its name."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, chosen
from tests.mutants.table import MUTANTS

ROOT = Path(__file__).parent.parent.parent
MUTANT = Mutant("less", "a.py", "x = 2", "x = 1", ("tests",), "x is less")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_fits_the_tree(mutant: Mutant) -> None:
    assert mutant.mutated(ROOT) != (ROOT / mutant.file).read_text()
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert re.search(rf"(def|class) {name or 'test_'}", (ROOT / path).read_text()), test


def test_text_is_replaced_with_all_that_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 2\ny = 3\n")
    assert replace(MUTANT, also=(("y = 3", "y = 4"),)).mutated(tmp_path) == "x = 1\ny = 4\n"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("x = 2\nx = 2\n", 2)])
def test_text_that_is_not_there_once_is_refused(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(ValueError, match=rf"less: a\.py holds 'x = 2' {count} times, not once"):
        MUTANT.mutated(tmp_path)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"less: a\.py holds 'x = 2' 0 times"):
        MUTANT.mutated(tmp_path)


def test_mutants_are_chosen_by_name() -> None:
    more = replace(MUTANT, name="more")
    assert chosen([MUTANT, more], ["more"]) == [more]
    assert chosen([MUTANT, more], []) == [MUTANT, more]
    with pytest.raises(ValueError, match="no mutant is named fewer"):
        chosen([MUTANT], ["fewer"])
    with pytest.raises(ValueError, match="less: two mutants have this name"):
        chosen([MUTANT, MUTANT], [])
