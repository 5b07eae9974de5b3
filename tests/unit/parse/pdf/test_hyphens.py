import pytest

from mirage.parse.pdf.hyphens import known_words, mend_word
from mirage.parse.pdf.page import Line, PageLines


def mended(before: str, after: str, elsewhere: str = "") -> str:
    """Two lines, the first of which ends in a hyphen, as one."""
    size = (595.0, 842.0)
    page = PageLines.pack([line(elsewhere)], size, unreadable=False, drawn=True)
    divided = before[-2].isalpha()  # pdfium takes off the hyphen behind a letter.
    first, second = line(before[: -1 if divided else None], divided=divided), line(after)
    glue = mend_word(first, second, known_words([page]))
    return f"{first.text}{glue}{second.text}"


def line(text: str, *, divided: bool = False) -> Line:
    return Line(text, 72.0, 500.0, 700.0, 12.0, divided)


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("the fer-", "mentation", "the fermentation"),
        ("an exam-", "ple-based one", "an example-based one"),
        ("an ex-", "act copy", "an exact copy"),
        ("a self-", "ish man", "a selfish man"),
        ("a pho-", "to", "a photo"),
    ],
)
def test_divided_words_are_joined(before: str, after: str, whole: str) -> None:
    assert mended(before, after) == whole


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("alle Vor-", "und Nachteile", "alle Vor- und Nachteile"),
        ("18-", "bis 20-Jährige", "18- bis 20-Jährige"),
        ("pre-", "and post-war", "pre- and post-war"),
        ("importations-", "et exportations", "importations- et exportations"),
    ],
)
def test_hyphen_for_a_part_left_out_is_kept(before: str, after: str, whole: str) -> None:
    assert mended(before, after, "et un mot") == whole


def test_conjunction_of_two_letters_is_one_if_the_document_has_it() -> None:
    assert mended("two-", "to three-day", elsewhere="from here to there") == "two- to three-day"
    assert mended("quan-", "to tempo", elsewhere="di qua") == "quanto tempo"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("by Anglo-", "Saxons", "by Anglo-Saxons"),
        ("an x-", "ray", "an x-ray"),
        ("an e-", "mail", "an e-mail"),
        ("the pH-", "value", "the pH-value"),
        ("EU-", "weit", "EU-weit"),
        ("up-", "to-date", "up-to-date"),
        ("state-", "of-the-art", "state-of-the-art"),
        ("twenty-", "one", "twenty-one"),
        ("his ex-", "wife", "his ex-wife"),
        ("Self-", "made", "Self-made"),
        ("1990-", "2000", "1990-2000"),
    ],
)
def test_hyphen_of_a_compound_is_kept(before: str, after: str, whole: str) -> None:
    assert mended(before, after) == whole


@pytest.mark.parametrize(
    ("before", "after", "elsewhere", "whole"),
    [
        ("Trace-", "Monkey", "TraceMonkey is fast", "TraceMonkey"),
        ("mixed-", "mode", "a mixed-mode execution", "mixed-mode"),
        ("Well-", "known", "it is well-known", "Well-known"),
        ("up-", "to-date", "up to now", "up-to-date"),
        ("over-", "come", "over there they come and overcome", "overcome"),
        ("over-", "come", "over there they come", "over-come"),
        ("can-", "not", "it can and does not", "cannot"),
        ("ant-", "hill", "an ant on a hill", "anthill"),
    ],
)
def test_what_the_document_writes_elsewhere_decides(
    before: str, after: str, elsewhere: str, whole: str
) -> None:
    assert mended(before, after, elsewhere) == whole


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("2018–", "23–51", "2018–23–51"),
        ("pages 245–", "257 of it", "pages 245–257 of it"),
        ("from 1990 –", "2000", "from 1990 – 2000"),
        ("in 2018–", "and later", "in 2018– and later"),
    ],
)
def test_dash_of_a_range_joins_its_numbers(before: str, after: str, whole: str) -> None:
    first, second = Line(before, 72, 500, 700, 12), Line(after, 72, 500, 686, 12)
    glue = mend_word(first, second, set())
    assert f"{before}{' ' if glue is None else glue}{after}" == whole
