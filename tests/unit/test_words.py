"""The words of texts, as a table: a text, what people type, and whether it is found."""

import pytest

from mirage.words import analyze, find_matches, forms, question_words
from mirage.words.analysis import list_terms
from tests.cost import assert_proportional


def _terms(text: str, language: str | None = "en") -> set[str]:
    return {term for token in analyze(text, language) for term in token.terms}


def _finds(question: str, text: str, language: str | None = "en") -> bool:
    """Whether a passage has a term of every word of the question."""
    terms = _terms(text, language)
    words = question_words(question, [language])
    return bool(words) and all(not terms.isdisjoint(word) for word in words)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        # Codes: whole, in parts, and in the spellings of their hyphen.
        ("Spare part AB-1234 is kept", "AB-1234"),
        ("Spare part AB-1234 is kept", "1234"),
        ("Spare part AB-1234 is kept", "ab 1234"),
        ("Spare part AB-1234 is kept", "AB1234"),
        ("Spare part AB1234 is kept", "AB-1234"),
        ("Spare part AB1234 is kept", "1234"),
        ("Spare part AB-1234 is kept", "AB‑1234"),
        ("Spare part AB-1234 is kept", "AB–1234"),
        ("Spare part AB−1234 is kept", "AB-1234"),
        ("at -1234 metres", "1234"),
        ("INV-2024-0017", "0017"),
        ("CVE-2024-3094", "CVE-2024-3094"),
        ("XK-900C/12", "XK-900C"),
        ("DN50/PN16", "DN50"),
        ("DN50/PN16", "PN 16"),
        ("M8x40", "40"),
        ("RAL7016", "7016"),
        ("SKU:AB123", "AB123"),
        ("00:1A:2B:3C:4D:5E", "00:1a:2b:3c:4d:5e"),
        ("item 4711.0816", "0816"),
        # Versions, addresses, files.
        ("since v2.10.4", "2.10.4"),
        ("since 2.10.4.", "2.10.4"),
        ("mail jane.roe@example.org.", "jane.roe"),
        ("mail jane.roe@example.org.", "example.org"),
        ("mail jane.roe@mail.example.org", "example.org"),
        ("mail jane.roe@example.org", "jane.roe@example.org"),
        ("see https://wiki.example.org/pumps/priming.html", "priming.html"),
        ("see https://wiki.example.org/pumps/priming.html", "priming"),
        ("see https://wiki.example.org/leave-request?id=7", "leave-request"),
        ("see https://wiki.example.org/pumps/priming.html", "https://wiki.example.org"),
        (r"copy C:\data\report_final.docx", "report_final.docx"),
        (r"copy C:\data\report_final.docx", "report final"),
        (r"copy C:\data\report_final.docx", "report_final"),
        ("pumps/AB-1234.pdf", "AB-1234"),
        # Words that are joined.
        ("The input/output module", "output"),
        ("Close the valve.Drain the boiler", "drain"),
        ("a well-being plan", "wellbeing"),
        ("send an e-mail", "email"),
        ("the U.S.A. office", "USA"),
        ("AT&T runs the line", "AT&T"),
        ("R&D sits here", "R&D"),
        ("use C++ for it", "C++"),
        ("use C# for it", "C#"),
        # Numbers.
        ("costs 1,234,567.50 now", "1234567"),
        ("costs 1\u202f234 now", "1234"),
        ("12.05.2024", "2024"),
        # Forms that look alike.
        ("The oﬃce of ﬁnance", "office finance"),
        ("ＡＢＣ－４５６７", "ABC-4567"),
        ("１００Ｖ", "100V"),
        ("con\u200bfig\u200bu\u200bration", "configuration"),
        ("counter\u00adweight", "counterweight"),
        ("Antonín Dvořák's résumé", "Dvorak resume"),
        ("Dvorak", "Dvořák"),
        ("Bu\u0308ro", "Büro"),
        ("a lit\u00e9ra\u0301ture", "litérature"),
        ("CO₂ in 1902⁴", "CO2 1902"),
        # Codes within longer runs.
        ("get libfoo_2.10.4.tar.gz", "2.10.4"),
        ("tag release-2.10.4", "2.10.4"),
        ("since v3.1.2-rc.1", "3.1.2"),
        ("at 14.30Uhr", "14.30"),
        ("at 2024-03-17T10:30:00Z", "2024-03-17"),
        ("costs 1,5kΩ", "1.5"),
        ("Windows11 and Office365", "windows"),
        ("Batteries3", "battery"),
        # Groups that only help the eye.
        ("ISBN 978-3-16-148410-0", "9783161484100"),
        ("00:1B:44:11:3A:B7", "001B44113AB7"),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f2504e04f8911d39a0c0305e82c3301"),
        ("dated 2024-03-17", "20240317"),
        ("serial 00012345", "12345"),
        ("uses node.js", "nodejs"),
        ("the I/O board", "IO"),
    ],
)
def test_is_found_by_what_people_type(text: str, question: str) -> None:
    assert _finds(question, text)


def test_short_unit_keeps_its_raised_digit() -> None:
    assert "m2" in _terms("an area of 12 m²")
    assert "lighthouse3" not in _terms("the lighthouse³")


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("en", "The ware-\nhouse is full", "warehouses"),
        ("en", "  main-\n   tenance parts", "maintenance"),
        ("de", "Der Leucht-\nturm", "Leuchttürme"),
        ("ru", "насосная стан-\nция", "станции"),
        ("en", "The ware-\nhouse is full", "house"),
    ],
)
def test_word_divided_at_the_end_of_a_line_is_found(
    language: str, text: str, question: str
) -> None:
    assert _finds(question, text, language)
    (span,) = find_matches(text, language, set(next(iter(question_words(question, [language])))))
    assert text[slice(*span)].strip()


@pytest.mark.parametrize("text", ["Smith-\nJones", "a-\nb", "ware-\n\nhouse", "x-ray-\nroom 7"])
def test_hyphen_at_the_end_of_a_line_joins_no_names(text: str) -> None:
    own = {term for token in analyze(text, "en") for term in token.terms}
    assert own.isdisjoint({"smithjones", "smithjon", "ab", "warehouse", "warehous", "rayroom"})


_PHONES = (
    "+7 (495) 123-45-67",
    "+7 495 123 45 67",
    "8 (495) 123-45-67",
    "8-495-123-45-67",
    "84951234567",
    "+74951234567",
    "(495) 123-45-67",
    "495 1234567",
)


@pytest.mark.parametrize("written", _PHONES)
@pytest.mark.parametrize("asked", _PHONES)
def test_telephone_is_one_number_however_it_is_written(written: str, asked: str) -> None:
    own = {
        term for token in analyze(f"Телефон: {written}, с девяти.", "ru") for term in token.terms
    }
    assert "4951234567" in own
    assert any("4951234567" in word for word in question_words(asked, ["ru"]))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Карта 4276 1234 5678 9012 выдана", "4276123456789012"),
        ("Карта 4276123456789012 выдана", "4276 1234 5678 9012"),
        ("Сумма 1 250 000 руб.", "1250000"),
        ("Сумма 12 500 руб.", "12500"),
        ("Сумма 1 250 000,50 руб.", "1250000"),
        ("Сумма 1 250 000,50 руб.", "1250000.50"),
        ("Сумма 1 250 000,50 руб.", "1250000,50"),
        ("Сумма 1250000,50 руб.", "1 250 000,50"),
        ("A fee of 1 250.50 a year", "1250.50"),
        ("Расчётный счёт 40702 810 1 0000 0001234", "40702810100000001234"),
        ("+49 (0)30 1234567", "030 1234567"),
        ("Tel. 030 1234567", "+49 30 1234567"),
    ],
)
def test_number_in_groups_is_one_number(text: str, question: str) -> None:
    whole = max(question_words(question, ["ru"]).items(), key=lambda item: item[1])[0]
    own = {term for token in analyze(text, "ru") for term in token.terms}
    assert not own.isdisjoint(whole)


@pytest.mark.parametrize(
    "text",
    [
        "12 50 10 20",
        "a1 2500 500 b",
        "12 500 " * 20,
        "1902 1904",
        "4\t250\t000\t00",
        "250 300 10",
        "10 20,5",
        "1 25,5",
    ],
)
def test_numbers_that_are_no_groups_stay_apart(text: str) -> None:
    assert not [term for token in analyze(text, "ru") for term in token.terms if len(term) > 4]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Spare part AB-1234", "AB-1235"),
        ("Spare part AB-1234", "123"),
        ("pages 10-15", "1015"),
        ("version 2.10.4", "2.1"),
        ("the order", "or"),
        ("m²", "m2x"),
    ],
)
def test_is_not_found_by_something_else(text: str, question: str) -> None:
    assert not _finds(question, text)


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("ru", "Маяки светили ярко", "маяком"),
        ("ru", "Ещё один насос", "еще насосы"),
        ("ru", "Деталь АВ-1234 на складе", "AB-1234"),  # Cyrillic letters in the text
        ("ru", "Деталь AB-1234 на складе", "АВ-1234"),  # Cyrillic letters in the question
        ("ru", "Деталь КD-4417 на складе", "KD-4417"),  # A Cyrillic К before a Latin D
        ("uk", "на ґанку стоїть ґанок", "ганок"),
        ("uk", "підʼїзд", "під’їзд"),
        ("ru", "сервер работает with pumps", "pump"),
        ("de", "Die Häuser", "haus"),
        ("de", "im Büro", "buero"),
        ("tr", "İSTANBUL IŞIKLARI", "ışıkları"),
        (None, "İSTANBUL IŞIKLARI", "isiklari"),
        ("fr", "l’eau des élèves", "eau eleves"),
        ("el", "Ανθρώπους", "ανθρωπους"),
        ("he", "שָׁלוֹם", "שלום"),
        ("he", 'צה"ל', "צהל"),
        ("ar", "مُحَمَّد", "محمد"),
        ("ar", "الصفحة ١٢٣", "123"),
        ("hi", "किताबें", "किताब"),
        ("zh", "产品支持离线模式，断网", "离线模式"),
        ("zh", "支持ABC-12和数据", "ABC-12"),
        ("zh", "黑猫", "猫"),
        ("ja", "ﾌｨﾙﾀｰは毎月", "フィルター"),
        ("th", "สวัสดีครับ", "สวัสดี"),
        ("km", "សួស្តី", "សួស្តី"),
        ("ko", "학교에서 공부", "학교"),
    ],
)
def test_is_found_in_the_language_of_the_document(language: str, text: str, question: str) -> None:
    assert _finds(question, text, language)


@pytest.mark.parametrize(
    ("text", "question", "found"),
    [
        ("The WHO wrote it.", "WHO", True),
        ("Who wrote it?", "WHO", False),
        ("Vitamin A is found in carrots.", "vitamin A", True),
        ("A vitamin is found.", "vitamin A", False),
        ("IN THE WHO REPORT OF 2020 EVERY WELL WAS TESTED.", "WHO", True),
        ("The IT team", "it", False),
    ],
)
def test_stop_word_in_capitals_is_a_word(text: str, question: str, *, found: bool) -> None:
    assert _finds(question, text) is found


@pytest.mark.parametrize("question", ["", "...", "the", "who is it", "🙂", "\x00", "' | ! & :*"])
def test_question_without_a_word_has_none(question: str) -> None:
    assert question_words(question, ["en", None]) == {}


def test_word_of_several_languages_is_one_word() -> None:
    (word,) = question_words("running", ["en", "de", None])
    assert {"run", "running"} <= set(word)


def test_stop_words_are_those_of_the_language_of_the_question() -> None:
    words = list(question_words("What is the pump of the lamp?", ["de", "en", "cy"]))
    assert words == [("lamp",), ("pump",)]
    assert ("die",) not in question_words("Wo ist die Pumpe?", ["en", "de"])
    assert ("die",) in question_words("how to die in the harbour", ["en", "de"])
    assert question_words("Ποιος έχει το ρεκόρ;", ["cy", "el"]) == question_words(
        "Ποιος έχει το ρεκόρ;", ["el"]
    )


def test_long_question_keeps_its_longest_words() -> None:
    question = " ".join(letter * length for letter in "fghjk" for length in range(1, 51))
    words = list(question_words(f"{question} where is part QX-4135?", ["en"]))
    assert len(words) == 128
    assert words[0] == ("qx4135",)
    assert min(len(word[0]) for word in words if not word[0].endswith("4135")) == 25


def test_whole_code_weighs_more_than_its_parts() -> None:
    assert question_words("part QX-4135", ["en"]) == {
        ("qx4135",): 3.0,
        ("4135",): 1.0,
        ("part",): 1.0,
        ("qx",): 1.0,
    }


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "1" * 100_000, "a-" * 50_000, "离" * 5000, "\ud800"]
)
@pytest.mark.slow
def test_any_text_has_bounded_terms(text: str) -> None:
    assert all(len(term) <= 64 for term in _terms(text))


@pytest.mark.parametrize("part", ["1 ", "(1", "1 (", "+1 ", "ab-\n", "ab"])
@pytest.mark.slow
def test_analysis_takes_time_in_proportion_to_the_text(part: str) -> None:
    assert_proportional(lambda count: list_terms(f"{part * count}a", None), 20_000)


def test_every_stemmer_of_a_language_is_there() -> None:
    assert all(forms._stemmer(language)("x") for language in forms._ALGORITHMS)


@pytest.mark.parametrize(
    ("text", "question", "matched"),
    [
        ("The pumps of AB-1234 run.", "pump AB-1234", ["pumps", "AB-1234"]),
        ("Mail jane.roe@example.org now", "roe", ["roe"]),
        ("支持离线模式，断网", "离线模式", ["离线模式"]),
        ("Nothing here", "pump", []),
    ],
)
def test_matches_are_the_words_that_were_found(
    text: str, question: str, matched: list[str]
) -> None:
    terms = {term for word in question_words(question, ["en"]) for term in word}
    assert [text[start:end] for start, end in find_matches(text, "en", terms)] == matched


@pytest.mark.parametrize("language", ["en", "zh", None])
def test_terms_are_those_of_the_tokens(language: str | None) -> None:
    text = "A WHO and vitamin A: AB-1234, DN50/PN16. A pump. 离线模式, jane.roe@example.org IT"
    tokens = list(analyze(text, language))
    terms, counted = list_terms(text, language)
    assert sorted(terms) == sorted(term for token in tokens for term in token.terms)
    assert counted == sum(token.counted for token in tokens)


@pytest.mark.parametrize("language", sorted(forms._ALGORITHMS))
def test_no_word_is_lost_by_its_stem(language: str) -> None:
    letters = ["α", "ου", "των", "ά", "s", "er", "ий", "ом", "е", "في", "ة", "की", "ी", "і"]
    for word in letters:
        assert all(
            token.terms and all(token.terms) for token in analyze(f"{word} {word}x", language)
        )
