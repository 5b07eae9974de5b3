import pytest

from mirage.parse.encoding import decode, holds_text

RUSSIAN = "Съешь ещё этих мягких французских булок, да выпей же чаю. " * 20
FRENCH = "Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis. " * 20


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (FRENCH, "cp1252"),
        ("Die Überprüfung der größeren Städte in Österreich.", "cp1252"),
        ("It’s €5 – “fine”.", "cp1252"),
        ("Zażółć gęślą jaźń, pchnąć w tę łódź jeża.", "cp1250"),
        ("吾輩は猫である。名前はまだ無い。", "shift_jis"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32"),
    ],
)
def test_decode_finds_the_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_decode_looks_where_the_first_odd_byte_is() -> None:
    plain = "Only plain letters here.\n" * 10_000
    assert decode(plain.encode() + RUSSIAN.encode("cp1251")) == plain + RUSSIAN


def test_decode_keeps_the_rest_of_broken_utf8() -> None:
    content = RUSSIAN.encode() + b"\xff\xd0" + RUSSIAN.encode()
    assert decode(content) == f"{RUSSIAN}\ufffd\ufffd{RUSSIAN}"


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(500)])
def test_decode_gives_none_for_binary_data(content: bytes) -> None:
    assert decode(content) is None


def test_holds_text_forgives_a_stray_control_character() -> None:
    assert holds_text(b"a line\x00 of text\n" * 10 + b"and many more without one\n" * 50)
