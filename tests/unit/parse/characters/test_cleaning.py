from mirage.parse.characters.cleaning import clean, one_line, plain_spaces


def test_clean_removes_what_is_no_character_and_keeps_newline_and_tab() -> None:
    assert clean("a\x00b\x07c\x1bd\ufeffe\ufffff\x9dg\nh\ti") == "abcdefg\nh\ti"


def test_clean_writes_every_line_break_alike() -> None:
    assert clean("a\r\nb\rc\x85d\u2028e\x0cf") == "a\nb\nc\nd\ne\nf"


def test_clean_joins_surrogate_pairs_and_drops_lone_ones() -> None:
    assert clean("\ud835\udd38 \udd38x\ud835") == "𝔸 x"


def test_clean_leaves_decomposed_letters_as_they_are() -> None:
    assert clean("e\u0301") == "e\u0301"


def test_plain_spaces_replaces_typographic_spaces_and_drops_break_hints() -> None:
    assert plain_spaces("10\u202f000\xa0m\u2009long hy\xadphen zero\u200bwidth") == (
        "10 000 m long hyphen zerowidth"
    )


def test_one_line_folds_a_title() -> None:
    assert one_line("  The\r\n  Whale\x00 \u2003 or ") == "The Whale or"
