"""The text around a passage when its document changes during the search."""

from dataclasses import replace
from uuid import UUID

import pytest

from mirage.db.search.neighbours import Stretch
from mirage.model import Passage, Section, section_starts
from mirage.search.context import widen
from mirage.testing import WordTokenizer

PASSAGE = Passage(
    id=UUID(int=1),
    document_id=UUID(int=2),
    document_name="a.txt",
    document_language=None,
    text="lit the lamp",
    score=1.0,
    similarity=None,
    start=11,
    end=23,
    heading_path=(),
    page_number=None,
    page_label=None,
    last_page_number=None,
    line=None,
    tokens=3,
)


@pytest.mark.parametrize(
    ("text", "widened"),
    [
        ("The keeper lit the lamp at dusk.", ["keeper lit the lamp at"]),
        ("Tallow came first, and was dear.", ["lit the lamp"]),  # The text of another run.
        ("Short.", ["lit the lamp"]),
        (None, []),  # It was deleted.
    ],
)
async def test_passage_is_widened_by_its_own_text_alone(
    text: str | None, widened: list[str]
) -> None:
    sections = () if text is None else (Section(text),)

    async def load(document: UUID, start: int, end: int) -> Stretch:
        return Stretch(sections, tuple(section_starts(sections)))

    found = await widen([PASSAGE], load, WordTokenizer(), 1)
    assert [passage.text for passage in found] == widened


async def test_tokens_are_those_of_the_text_that_is_given() -> None:
    sections = (Section("The keeper lit the lamp " + "a " * 20 + "incomprehensibilities"),)
    text = sections[0].text
    late = replace(
        PASSAGE, id=UUID(int=3), text=text[24:], start=24, end=len(text), tokens=21
    )  # It overlaps the first, widened, with many short words.

    async def load(document: UUID, start: int, end: int) -> Stretch:
        return Stretch(sections, tuple(section_starts(sections)))

    (found,) = await widen([PASSAGE, late], load, WordTokenizer(), 10)
    assert found.tokens == len(text.split())


async def test_what_has_no_room_is_left_out_before_neighbours_become_one() -> None:
    sections = (Section(" ".join(f"w{number:02}" for number in range(60))),)
    text = sections[0].text

    def passage(number: int) -> Passage:
        start = 40 * number
        return replace(
            PASSAGE, id=UUID(int=number), text=text[start : start + 39], start=start, end=start + 39
        )

    async def load(document: UUID, start: int, end: int) -> Stretch:
        return Stretch(sections, tuple(section_starts(sections)))

    found = await widen([passage(n) for n in (3, 2, 1)], load, WordTokenizer(), 5, max_tokens=45)
    assert [(one.id, one.tokens) for one in found] == [(UUID(int=3), 30)]


class _Letters:
    """One token per letter, as a model has them for a word that it does not know."""

    divisible = False

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [(at, at + 1) for at, letter in enumerate(text) if not letter.isspace()]


@pytest.mark.parametrize(
    ("tokens", "widened"),
    [
        (3, "lit the lamp"),  # `per` and `at ` are left of `keeper` and `atop`.
        (6, "keeper lit the lamp atop"),
        (8, "keeper lit the lamp atop"),  # `he` of `The`, and `of` cut to its first letter.
    ],
)
async def test_passage_is_widened_by_whole_words(tokens: int, widened: str) -> None:
    sections = (Section("The keeper lit the lamp atop often."),)

    async def load(document: UUID, start: int, end: int) -> Stretch:
        return Stretch(sections, tuple(section_starts(sections)))

    (found,) = await widen([PASSAGE], load, _Letters(), tokens)
    assert found.text == widened
