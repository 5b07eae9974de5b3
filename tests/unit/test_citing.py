"""Passages that moved are found again, or nothing is."""

import pytest

from mirage.citing import find_again, mark_of

TEXT = (
    "A head.\n\nThe pump runs. It must not run dry! Then stop.\n"
    "The pump runs.\n\n«Ja.» 泵不能空转。请停机。 End"
)


@pytest.mark.parametrize(
    ("span", "near", "place"),
    [
        ("It must not run dry!", 0, 24),
        ("The pump runs. It must not run dry!", 60, 9),
        ("The pump runs.", 0, 9),
        ("The pump runs.", 70, 56),
        ("The pump runs.\n\n«Ja.»", 0, 56),
        ("泵不能空转。", 0, 78),
        ("请停机。", 0, 84),
        ("End", 0, 89),
        (TEXT, 5, 0),
    ],
)
def test_span_between_borders_is_found(span: str, near: int, place: int) -> None:
    assert find_again(TEXT, len(span), mark_of(span), near) == place
    assert TEXT[place:].startswith(span)


@pytest.mark.parametrize("span", ["must not run", "pump runs.", "It must not", "Gone.", TEXT + "."])
def test_span_that_is_not_certain_is_not_found(span: str) -> None:
    assert find_again(TEXT, len(span), mark_of(span), 0) is None


def test_two_texts_of_one_mark_are_not_chosen_from() -> None:
    marks: dict[str, str] = {}
    number = 0
    while (other := marks.setdefault(mark_of(f"Line {number:07}."), f"Line {number:07}.")) == (
        line := f"Line {number:07}."
    ):
        number += 1
    text = f"{other}\n{line}\n"
    assert find_again(text, len(line), mark_of(line), 0) is None
    assert find_again(f"{line}\n", len(line), mark_of(line), 0) == 0
