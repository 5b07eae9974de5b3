import random
from itertools import pairwise

import pytest

from mirage.chunk import coverage_gaps, split, split_in_two
from mirage.embed.tokenizer import CautiousTokenizer, WordPieceTokenizer
from mirage.errors import TextTooLong
from mirage.model import Chunk, Section, Tokenizer, join_sections, section_starts
from mirage.testing import WordTokenizer

WORDS = WordTokenizer()


def word_piece() -> WordPieceTokenizer:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    names = [
        "[PAD]",
        "[UNK]",
        *".,!?/+=世界你好。",
        *letters,
        *(f"##{letter}" for letter in letters),
    ]
    names += ["the", "fox", "runs", "##ing", "over"]
    return WordPieceTokenizer({name: position for position, name in enumerate(names)})


def sentences(count: int) -> str:
    return " ".join(f"Sentence number {number} ends here." for number in range(count))


def assert_sound(
    sections: list[Section], chunks: list[Chunk], tokenizer: Tokenizer, size: int
) -> None:
    text = join_sections(sections)
    starts = section_starts(sections)
    assert coverage_gaps(text, [(chunk.start, chunk.end) for chunk in chunks]) == []
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    assert sorted({chunk.end for chunk in chunks}) == [chunk.end for chunk in chunks]
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert chunk.tokens == len(tokenizer.offsets(chunk.embedded_text)) <= size
        first, last = chunk.first_section, chunk.last_section
        assert starts[first] <= chunk.start < starts[first] + len(sections[first].text)
        assert starts[last] < chunk.end <= starts[last] + len(sections[last].text)
        assert len({section.heading_path[:1] for section in sections[first : last + 1]}) == 1


class TestSplit:
    def test_makes_one_chunk_of_a_short_text(self) -> None:
        chunks = split([Section("  A fox runs.\n")], WORDS, size=16, overlap=4)
        assert chunks == [Chunk(0, 2, 13, 0, 0, "A fox runs.", "", 4)]

    def test_makes_nothing_of_whitespace(self) -> None:
        assert split([Section(" \n\t ")], WORDS, size=16, overlap=4) == []

    def test_never_crosses_a_top_level_section(self) -> None:
        sections = [
            Section("one", ("A",)),
            Section("two", ("A", "B")),
            Section("three", ("C",)),
            Section("four"),
        ]
        chunks = split(sections, WORDS, size=16, overlap=4)
        assert [chunk.text for chunk in chunks] == ["one\n\ntwo", "three", "four"]
        assert [(chunk.first_section, chunk.last_section) for chunk in chunks] == [
            (0, 1),
            (2, 2),
            (3, 3),
        ]

    def test_counts_the_heading_path_it_embeds_in_front(self) -> None:
        [chunk] = split([Section("A fox.", ("One", "Two"))], WORDS, size=16, overlap=0)
        assert chunk.embedded_text == "One > Two\nA fox."
        assert chunk.tokens == 6

    def test_keeps_the_deepest_part_of_a_long_heading_path(self) -> None:
        path = ("A very long part", "an even longer part", "the deep end")
        [chunk] = split([Section("text", path)], WORDS, size=16, overlap=0)
        assert chunk.heading == "the deep end"

    def test_shortens_a_single_long_heading_in_the_prefix_only(self) -> None:
        heading = "one two three four five six"
        [chunk] = split([Section(f"{heading}\ntext", (heading,))], WORDS, size=16, overlap=0)
        assert chunk.heading == "one two three"
        assert chunk.text == f"{heading}\ntext"

    def test_prefers_the_end_of_a_paragraph(self) -> None:
        text = "a b c d. e f g h i j\n\nk l. m n o p"
        first, *_ = split([Section(text)], WORDS, size=16, overlap=0)
        assert first.text == "a b c d. e f g h i j"

    def test_joins_paragraphs_up_to_two_thirds_of_a_chunk(self) -> None:
        text = "\n\n".join(["a b c d."] * 5)
        first, second = split([Section(text)], WORDS, size=20, overlap=0)
        assert (first.tokens, second.tokens) == (10, 15)

    def test_keeps_a_longer_paragraph_whole(self) -> None:
        paragraphs = ["a b c d. e f g h. i j k l m n.", "o p q. r s t."]
        chunks = split([Section("\n\n".join(paragraphs))], WORDS, size=20, overlap=0)
        assert [chunk.text for chunk in chunks] == paragraphs

    @pytest.mark.parametrize("separator", ["\n\n", "\n", " \n"])
    def test_ends_after_a_short_paragraph_rather_than_within_the_next(self, separator: str) -> None:
        paragraphs = ["a b c.", "d e f. g h i j k. l m n o p.", "q r s."]
        chunks = split([Section(separator.join(paragraphs))], WORDS, size=18, overlap=0)
        assert [chunk.text for chunk in chunks] == paragraphs

    def test_takes_a_line_within_a_sentence_for_no_paragraph(self) -> None:
        text = "a b c d.\ne f g h i j\nk l m n o p. q r s t."
        first, *_ = split([Section(text)], WORDS, size=16, overlap=0)
        assert first.text == "a b c d."

    def test_splits_a_paragraph_that_two_chunks_hold_in_the_middle(self) -> None:
        text = " ".join(["a b c d."] * 4)
        chunks = split([Section(text)], WORDS, size=16, overlap=0)
        assert [chunk.text for chunk in chunks] == ["a b c d. a b c d."] * 2

    def test_fills_two_thirds_with_a_paragraph_that_two_chunks_do_not_hold(self) -> None:
        text = " ".join(["a b c d."] * 9)
        first, *_ = split([Section(text)], WORDS, size=16, overlap=0)
        assert first.text == "a b c d. a b c d."

    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("a b c d e f g h i\nj k l m n o p q", "a b c d e f g h i"),  # 9 of 16 tokens
            ("a b c d e f g\nh i j k l m n o p q", "a b c d e f g\nh i"),  # 7 of 16
        ],
    )
    def test_prefers_the_end_of_a_line_from_half_a_chunk_on(self, text: str, first: str) -> None:
        chunks = split([Section(text)], WORDS, size=16, overlap=0)
        assert chunks[0].text == first

    def test_takes_a_page_break_inside_of_a_sentence_for_no_paragraph(self) -> None:
        sections = [Section("a b c d e f g h i. j k", page_number=1), Section("l m n o p q r s")]
        first, *_ = split(sections, WORDS, size=16, overlap=0)
        assert first.text == "a b c d e f g h i."

    def test_cuts_words_of_a_heading_that_count_as_one_unknown_token(self) -> None:
        tokenizer = word_piece()
        assert len(tokenizer.offsets("ж" * 5000)) == 1
        [chunk] = split([Section("fox", ("ж" * 5000,))], tokenizer, size=64, overlap=0)
        assert chunk.heading == "ж" * 160
        [chunk] = split([Section("fox", ("the fox", "runs"))], tokenizer, size=64, overlap=0)
        assert chunk.heading == "the fox > runs"

    def test_prefers_a_new_heading_to_everything(self) -> None:
        sections = [
            Section("a b c d e f g h", ("T", "one")),
            Section("i j k.\n\nl m n o p q r", ("T", "two")),
        ]
        chunks = split(sections, WORDS, size=16, overlap=4)
        assert [chunk.text for chunk in chunks] == ["a b c d e f g h", "i j k.\n\nl m n o p q r"]
        assert [chunk.heading for chunk in chunks] == ["T > one", "T > two"]

    def test_repeats_whole_sentences_within_the_overlap(self) -> None:
        chunks = split([Section(sentences(40))], WORDS, size=40, overlap=14)
        for before, after in pairwise(chunks):
            repeated = before.text[after.start - before.start :]
            assert repeated.startswith("Sentence number")
            assert 0 < len(WORDS.offsets(repeated)) <= 14

    @pytest.mark.parametrize("separator", ["\n\n", "\n"])
    def test_repeats_nothing_of_the_paragraph_before(self, separator: str) -> None:
        paragraphs = [sentences(6)] * 4
        chunks = split([Section(separator.join(paragraphs))], WORDS, size=40, overlap=14)
        assert [chunk.text for chunk in chunks] == paragraphs

    def test_repeats_the_beginning_of_a_sentence_from_the_page_before(self) -> None:
        sections = [Section("a b c d e f g h i j", page_number=1), Section("k l m n o p q r.")]
        chunks = split(sections, WORDS, size=16, overlap=4)
        assert [chunk.text for chunk in chunks] == [
            "a b c d e f g h i j",
            "g h i j\n\nk l m n o p q r.",
        ]

    @pytest.mark.parametrize(
        "text", ["fox " * 1000, "a fox runs. " * 250], ids=["words", "sentences"]
    )
    def test_half_of_a_chunk_is_new_whatever_the_overlap(self, text: str) -> None:
        chunks = split([Section(text)], WORDS, size=40, overlap=20)
        assert len(chunks) <= 1000 / 20 + 8

    def test_repeats_nothing_without_overlap(self) -> None:
        chunks = split([Section(sentences(40))], WORDS, size=40, overlap=0)
        assert all(a.end <= b.start for a, b in pairwise(chunks))

    @pytest.mark.parametrize(
        "text", ["x" * 10_000, "aGVsbG8+d29ybGQ/" * 500, "你好世界。" * 1500, "世" * 5000]
    )
    def test_cuts_text_without_spaces_between_tokens(self, text: str) -> None:
        sections = [Section(text, ("the fox",))]
        tokenizer = word_piece()
        chunks = split(sections, tokenizer, size=64, overlap=16)
        assert len(chunks) > 50
        assert_sound(sections, chunks, tokenizer, 64)

    def test_covers_characters_that_make_no_token(self) -> None:
        sections = [Section("\u200b\u200b"), Section("the \u200b fox", ("A",))]
        chunks = split(sections, word_piece(), size=16, overlap=0)
        assert [chunk.text for chunk in chunks] == ["\u200b\u200b", "the \u200b fox"]

    @pytest.mark.parametrize(
        "text",
        ["e" + "\u0301" * 50_000, "\u200d" * 50_000, "fox" + " " * 50_000 + "runs", "e\u0301" * 9],
        ids=["accents", "joiners", "spaces", "short"],
    )
    def test_bounds_the_characters_of_a_chunk_where_they_make_no_tokens(self, text: str) -> None:
        sections = [Section(text), Section("the fox", ("A",))]
        tokenizer = word_piece()
        chunks = split(sections, tokenizer, size=16, overlap=4)
        assert_sound(sections, chunks, tokenizer, 16)
        assert max(len(chunk.text) for chunk in chunks) <= 1_600
        assert len(chunks) < 60

    def test_makes_progress_when_the_overlap_is_nearly_the_size(self) -> None:
        sections = [Section(sentences(100))]
        chunks = split(sections, WORDS, size=16, overlap=15)
        assert_sound(sections, chunks, WORDS, 16)
        assert len(chunks) < 150

    @pytest.mark.parametrize("seed", range(60))
    @pytest.mark.parametrize("tokenizer", [word_piece(), CautiousTokenizer()], ids=type)
    @pytest.mark.slow
    def test_is_sound_for_any_text(self, tokenizer: Tokenizer, seed: int) -> None:
        dice = _dice(seed)
        sections = [_random_section(dice) for _ in range(dice.randint(1, 8))]
        size = dice.choice([16, 17, 40, 100, 400])
        chunks = split(sections, tokenizer, size=size, overlap=dice.randint(0, size - 1))
        assert_sound(sections, chunks, tokenizer, size)


class TestHalve:
    def test_cuts_at_the_border_nearest_to_the_middle(self) -> None:
        text = "One two three. Four five six. Seven eight nine."
        [chunk] = split([Section(text, ("A",))], WORDS, size=32, overlap=0)
        first, second = split_in_two(chunk, WORDS)
        assert (first.text, second.text) == ("One two three. Four five six.", "Seven eight nine.")
        assert (first.start, first.end, second.start, second.end) == (0, 29, 30, 47)
        assert (first.heading, first.tokens, second.tokens) == ("A", 9, 5)

    def test_gives_each_half_its_own_sections(self) -> None:
        sections = [Section("one two three"), Section("four five six")]
        [chunk] = split(sections, WORDS, size=16, overlap=0)
        first, second = split_in_two(chunk, WORDS, section_starts(sections))
        assert (first.first_section, first.last_section) == (0, 0)
        assert (second.first_section, second.last_section) == (1, 1)

    def test_cuts_a_word_in_two(self) -> None:
        [chunk] = split([Section("xxxx", ("A heading",))], WORDS, size=16, overlap=0)
        first, second = split_in_two(chunk, WORDS)
        assert (first.text, second.text) == ("xx", "xx")
        assert first.heading == second.heading == ""

    def test_refuses_a_single_character(self) -> None:
        [chunk] = split([Section("x")], WORDS, size=16, overlap=0)
        with pytest.raises(TextTooLong, match="single character"):
            split_in_two(chunk, WORDS)

    @pytest.mark.parametrize("seed", range(20))
    def test_loses_nothing(self, seed: int) -> None:
        dice = _dice(seed)
        sections = [_random_section(dice) for _ in range(3)]
        text = join_sections(sections)
        for chunk in split(sections, WORDS, size=100, overlap=20):
            if len(chunk.text) > 1:
                parts = split_in_two(chunk, WORDS, section_starts(sections))
                assert all(part.text == text[part.start : part.end] != "" for part in parts)
                spans = [(part.start - chunk.start, part.end - chunk.start) for part in parts]
                assert coverage_gaps(chunk.text, spans) == []


class TestCoverageGaps:
    def test_finds_what_no_span_covers(self) -> None:
        assert coverage_gaps("one two three four", [(14, 18), (0, 3)]) == [(4, 13)]

    def test_ignores_whitespace_and_nested_spans(self) -> None:
        assert coverage_gaps("one \n two ", [(0, 3), (6, 9), (1, 2)]) == []

    def test_finds_beginning_and_end(self) -> None:
        assert coverage_gaps(" ab cd ef ", [(4, 6)]) == [(1, 3), (7, 9)]

    def test_reports_a_chunk_that_is_missing(self) -> None:
        sections = [Section(sentences(30))]
        chunks = split(sections, WORDS, size=20, overlap=0)
        spans = [(chunk.start, chunk.end) for chunk in chunks if chunk.position != 2]
        assert coverage_gaps(join_sections(sections), spans) == [(chunks[2].start, chunks[2].end)]


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - not a secret


def _random_section(dice: random.Random) -> Section:
    pieces = [
        "the",
        "fox",
        "Running",
        "over.",
        "你好世界。",
        "aGVsbG8=",
        "👍🏽",
        "e\u0301",
        "\u200b",
    ]
    pieces += [".", "\n", "\n\n", "  ", "\t", "x" * 50, "한국어", "12345", "?!"]
    kind = dice.random()
    if kind < 0.1:
        text = chr(dice.randint(33, 0x2FFF)) * dice.randint(1, 400)
    elif kind < 0.2:
        text = "".join(dice.choices("abcXYZ019+/", k=dice.randint(1, 1500)))
    else:
        separator = dice.choice([" ", "", "\n"])
        text = separator.join(dice.choices(pieces, k=dice.randint(1, 300)))
    parts = ["A", "B", "A long heading " * dice.randint(1, 9), "", "第一章"]
    return Section(text, tuple(dice.choices(parts, k=dice.randint(0, 3))))
