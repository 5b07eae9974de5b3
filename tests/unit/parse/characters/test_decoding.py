import pytest

from mirage.parse.characters.decoding import decode, holds_text

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
        ("Привет, мир!", "cp1251"),
        ("Привет, мир!", "koi8_r"),
        ("Маяк стояв на скелі, і щовечора доглядач підіймався сходами.", "koi8_u"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (RUSSIAN, "mac_cyrillic"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy.", "iso8859_2"),
        ("A világítótorony a sziklán állt, és az őr este felment.", "cp1250"),
        ("Farul stătea pe stâncă, iar paznicul urca scările.", "cp1250"),
        ("İstanbul'da güneşli bir gün, ışık ve deniz.", "cp1254"),
        ("Švyturys stovėjo ant uolos, sargas mėgo jūrą.", "cp1257"),
        ("Ο φάρος στεκόταν στον βράχο.", "iso8859_7"),
        ("המגדלור עמד על הסלע, והשומר עלה בכל ערב במדרגות כדי להדליק את המנורה.", "cp1255"),
        ("كانت المنارة قائمة على الصخرة.", "cp1256"),
        ("ประภาคารตั้งอยู่บนหิน", "cp874"),
        ("Les élèves étaient à l'école, où ça gênait déjà.", "mac_roman"),
        ("Der Wärter stieg über die größte Öffnung.", "cp850"),
        ("100 °C ± 5 µm", "cp1252"),
        ("吾輩は猫である。名前はまだ無い。", "euc_jp"),
        ("吾輩は猫である。名前はまだ無い。", "iso2022_jp"),
        ("灯塔矗立在岩石上，看守人喜欢旧书。", "gb18030"),
        ("燈塔矗立在岩石上，看守人喜歡舊書。", "big5"),
        ("등대는 바위 위에 서 있었다.", "euc_kr"),
        # As cp1251 these are words in capitals, as Mac Roman words with signs and accents.
        ("вечер смотритель поднимался по лестнице и", "koi8_r"),
        ("летом приезжали гости из", "koi8_r"),
        ("Зимой бури били в", "cp866"),
        ("étaient à", "cp1252"),
        (RUSSIAN, "utf-16-le"),
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


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "euc_kr", "gb18030"])
def test_decode_keeps_the_rest_of_a_broken_text(encoding: str) -> None:
    text = {
        "shift_jis": "吾輩は猫である。",
        "euc_kr": "등대는 바위 위에 서 있었다.",
        "gb18030": "灯塔在岩石上。",
    }
    line = text.get(encoding, "Маяк стоял на скале.") * 5
    stray = {"cp1251": b"\x98"}.get(encoding, b"\xff")
    found = decode(line.encode(encoding) + stray + f" {line}".encode(encoding))
    assert found == f"{line}\ufffd {line}"


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(500)])
def test_decode_gives_none_for_binary_data(content: bytes) -> None:
    assert decode(content) is None


def test_holds_text_forgives_a_stray_control_character() -> None:
    assert holds_text(b"a line\x00 of text\n" * 10 + b"and many more without one\n" * 50)


@pytest.mark.parametrize(
    "text",
    [
        "Код;Цена;Остаток\n1;2;3\n",
        "Товар;Кол-во;Цена\n",
        "ИНН;КПП;БИК\n",
        "Цена: 5 руб.",
        "Иванов И.И.",
    ],
)
def test_few_russian_words_are_those_of_windows(text: str) -> None:
    assert decode(text.encode("cp1251")) == text


@pytest.mark.parametrize("content", [b"a,b\0\n1,2\n", b"id;x\0y\n7;8\n9;1"])
def test_stray_zero_in_a_few_words_makes_no_utf16(content: bytes) -> None:
    assert decode(content) == content.decode()
