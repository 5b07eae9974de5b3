from pathlib import Path

import pytest

from mirage.languages import CODES, NAMES, describe_language, normalise
from mirage.model import MediaType, Section
from mirage.parse import parse
from mirage.parse.language import find_language
from mirage.testing import make_epub, make_html

ENGLISH = (
    "The contract takes effect on the day on which both parties have signed it, and it ends with"
    " the last delivery unless one of them has given notice before."
)
RUSSIAN = (
    "Договор вступает в силу в день его подписания обеими сторонами и действует до последней"
    " поставки, если ни одна из сторон не заявит о его расторжении раньше."
)
GERMAN = (
    "Der Vertrag tritt an dem Tag in Kraft, an dem beide Seiten ihn unterschrieben haben, und"
    " endet mit der letzten Lieferung, wenn er nicht vorher gekündigt wird."
)
UKRAINIAN = (
    "Договір набирає чинності в день його підписання обома сторонами і діє до останньої поставки,"
    " якщо жодна зі сторін не заявить про його розірвання раніше."
)
DUTCH = (
    "De overeenkomst treedt in werking op de dag waarop beide partijen haar hebben ondertekend en"
    " eindigt met de laatste levering, tenzij zij eerder is opgezegd."
)
JAPANESE = (
    "契約は両当事者が署名した日に発効し、それ以前に解除されない限り、最後の納品をもって終了します。"
)
HEBREW = "החוזה נכנס לתוקף ביום שבו חתמו עליו שני הצדדים, ומסתיים עם המשלוח האחרון."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (RUSSIAN, "ru"),
        (GERMAN, "de"),
        (UKRAINIAN, "uk"),
        (DUTCH, "nl"),
        (JAPANESE, "ja"),
        (HEBREW, "he"),
        (RUSSIAN.upper(), "ru"),
    ],
)
def test_language_of_a_paragraph(text: str, language: str) -> None:
    assert find_language([Section(text)]) == language


@pytest.mark.parametrize(
    "text",
    [
        "Приложение",
        "Terms of payment",
        "12 345,67 " * 500,
        "\ud800\x00\ufffe" * 500,
        "👍🏽 " * 500,
        "а" * 5000,
    ],
)
def test_short_or_unclear_text_has_none(text: str) -> None:
    assert find_language([Section(text)]) is None


def test_preface_in_another_language_does_not_decide() -> None:
    preface = [Section(f"{number}. {ENGLISH}") for number in range(20)]
    book = [Section(f"{number}. {RUSSIAN}") for number in range(80)]
    assert find_language(preface + book) == "ru"
    assert find_language([Section("\n".join(s.text for s in preface + book))]) == "ru"


def test_text_without_a_language_that_most_of_it_has_has_none() -> None:
    parts = [Section(text * 20) for text in (GERMAN, ENGLISH, RUSSIAN)]
    assert find_language(parts) is None


def test_few_words_in_each_sample_count_together() -> None:
    words = RUSSIAN.split()
    rows = [" ".join(words[at : at + 4]) for at in range(0, len(words), 4)]
    table = "\n".join(row + " 0,00" * 80 for row in rows)
    assert find_language([Section(table)]) == "ru"


def test_what_the_document_says_of_itself_counts_for_a_short_text_only() -> None:
    assert find_language([Section("Zoll")], "de-AT") == "de"
    assert find_language([Section("Zoll")], "x-unknown") is None
    assert find_language([Section(RUSSIAN)], "en") == "ru"
    assert find_language([Section("12 " * 30 + GERMAN)], "en") == "de"


def test_answer_repeats() -> None:
    sections = [Section(text) for text in (ENGLISH, RUSSIAN, GERMAN, RUSSIAN)]
    assert len({find_language(sections) for _ in range(20)}) == 1


@pytest.mark.parametrize(
    ("rows", "language"),
    [
        # The detector takes them for Bulgarian, Macedonian or no language.
        (["Козлов Алексей Дмитриевич", "Новикова Светлана Юрьевна", "Рыбаков Пётр Ильич"], "ru"),
        (["муфта вал", "прокладка крышки", "сальник насоса", "болты и гайки", "кольцо"], "ru"),
        (["ПАО Сбербанк комиссия", "ООО Техмаш оплата по счёту", "возврат остатка, НДС"], "ru"),
        (["Шевченко Олексій Андрійович", "Гнатюк Соломія Ігорівна", "Мельник Юрій"], "uk"),
        (["Ђорђевић Милица", "Јовановић Љубомир", "Петровић Снежана", "Живковић"], "sr"),
        (["въртящ се вал", "лагер и гърбица", "ъгъл на помпата", "пръстен", "въздух"], "bg"),
    ],
)
def test_letters_tell_the_language_of_a_list(rows: list[str], language: str) -> None:
    assert find_language([Section("\n".join(rows * 2))]) == language
    # With numbers between them, and in capitals.
    assert find_language([Section("\n".join(f"12\t{row.upper()}\t7" for row in rows * 2))]) == (
        language
    )


def test_letters_of_foreign_names_do_not_change_a_language() -> None:
    bulgarian = "Договорът влиза в сила в деня на подписването му от двете страни и действа до края"
    assert find_language([Section(f"{bulgarian}. Подписал: Рыбаков")]) == "bg"
    assert find_language([Section(f"{ENGLISH} ЫЫЫ ЭЭЭ")]) == "en"


@pytest.mark.parametrize("attribute", ["lang", "xml:lang"])
def test_short_page_has_the_language_that_it_names(tmp_path: Path, attribute: str) -> None:
    page = tmp_path / "a.html"
    page.write_text(f'<html {attribute}="de"><body><p>Zoll</p></body></html>')
    assert parse(page, MediaType.HTML).language == "de"
    assert parse(make_html(tmp_path / "b.html", f"<p>{RUSSIAN}</p>"), MediaType.HTML).language == (
        "ru"
    )


def test_short_book_has_the_language_that_it_names(tmp_path: Path) -> None:
    book = make_epub(tmp_path / "a.epub", {"a.xhtml": "<p>Zoll</p>"}, language="de-AT")
    assert parse(book, MediaType.EPUB).language == "de"
    unnamed = make_epub(tmp_path / "b.epub", {"a.xhtml": "<p>Zoll</p>"})
    assert parse(unnamed, MediaType.EPUB).language is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("de", "de"),
        ("pt-BR", "pt"),
        ("zh_Hant_TW", "zh"),
        (" EN ", "en"),
        ("iw", "he"),
        ("nb", "no"),
        ("haw", None),
        ("und", None),
        ("", None),
        (None, None),
        ("qq", None),
    ],
)
def test_normalise_gives_the_code_of_a_tag(tag: str | None, code: str | None) -> None:
    assert normalise(tag) == code


def test_codes_are_those_of_the_standard() -> None:
    assert len(CODES) == 183
    assert all(
        len(code) == 2 and code.islower() and name[0].isupper() for code, name in NAMES.items()
    )
    assert len(set(NAMES.values())) == 183
    assert [describe_language(code) for code in ("nd", "fy", "nn", "vo", "xx")] == [
        "North Ndebele",
        "Western Frisian",
        "Norwegian Nynorsk",
        "Volapük",
        "xx",
    ]
    assert {"en", "ru", "de", "zu"} < CODES
    assert not {"xx", "iw", "sh"} & CODES
