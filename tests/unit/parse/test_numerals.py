import pytest

from mirage.parse.numerals import write_letters, write_number


@pytest.mark.parametrize(
    ("format_", "numbers"),
    [
        ("decimalZero", {1: "01", 10: "10", 100: "100"}),
        ("lowerLetter", {1: "a", 26: "z", 27: "aa", 53: "aaa", 1000: "1000"}),
        ("upperLetter", {2: "B", 28: "BB"}),
        ("lowerRoman", {4: "iv", 9: "ix", 49: "xlix", 3999: "mmmcmxcix", 4000: "4000"}),
        ("upperRoman", {14: "XIV"}),
        ("russianLower", {1: "а", 9: "и", 10: "к", 29: "я", 30: "аа"}),
        ("ordinal", {1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 22: "22nd", 113: "113th"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("chineseCounting", {1: "一", 10: "十", 12: "十二", 20: "二十", 35: "三十五", 100: "100"}),
        ("decimalFullWidth", {12: "１２"}),
        ("none", {3: ""}),
        ("unheardOf", {3: "3"}),
        ("lowerLetter", {0: "0"}),
    ],
)
def test_formats_of_numbers(format_: str, numbers: dict[int, str]) -> None:
    assert {number: write_number(number, format_) for number in numbers} == numbers


def test_letters_as_web_pages_count() -> None:
    counted = {number: write_letters(number) for number in (0, 1, 26, 27, 52, 53, 703)}
    assert counted == {0: "0", 1: "a", 26: "z", 27: "aa", 52: "az", 53: "ba", 703: "aaa"}
