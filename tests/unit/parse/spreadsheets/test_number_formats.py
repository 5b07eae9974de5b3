import pytest

from mirage.parse.spreadsheets.number_formats import write_general, writer_of


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (1234567890123456.0, "1234567890123460"),
        (1e20, "100000000000000000000"),
        (1e30, "1E+30"),
        (0.0000001, "0.0000001"),
    ],
)
def test_general_has_15_digits(value: float, written: str) -> None:
    assert write_general(value) == written


@pytest.mark.parametrize(
    ("code", "value", "written"),
    [
        ("0%", 0.155, "16%"),
        ("0.0%", 0.155, "15.5%"),
        ("0.00", 2.675, "2.68"),
        ("#,##0.00", 1250.5, "1250.50"),
        ("0.##", 1.5, "1.5"),
        ("0.##", 2.0, "2"),
        ('#,##0.00\\ "₽"', 1250.5, "1250.50 ₽"),
        ("#,##0.00 [$€-407]", 1250.5, "1250.50 €"),
        ("[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00", -3.5, "-$3.50"),
        ('0" kg"', 3.2, "3 kg"),
        ("000000", 42.0, "000042"),
        ("General", 0.5, "0.5"),
        ("@", 12.0, "12"),
        ("# ?/?", 0.5, "0.5"),
        ("0.00E+00", 1500.0, "1500"),
        ("0.0,", 1500.0, "1500"),
        ("0.00", 1e300, "1E+300"),
        ("", 7.0, "7"),
        ("0" * 300, 7.0, "7"),
        ('"', 7.0, "7"),
        ("dd.mm.yyyy", 45323.0, "2024-02-01"),
        ("[$-419]d mmmm yyyy;@", 45323.0, "2024-02-01"),
        ("mmm yyyy", 45323.0, "2024-02"),
        ("m/d/yy h:mm", 45323.5208333333, "2024-02-01 12:30"),
        ("h:mm AM/PM", 0.75, "18:00"),
        ("h:mm:ss", 0.5, "12:00:00"),
        ("[h]:mm", 1.5, "36:00"),
        ("[h]:mm:ss", 1.5, "36:00:00"),
        ("yyyy-mm-dd", 1.0, "1900-01-01"),
        ("yyyy-mm-dd", 61.0, "1900-03-01"),
        ("yyyy-mm-dd", -5.0, "-5"),
        ("yyyy-mm-dd", 1e12, "1000000000000"),
    ],
)
def test_numbers_are_written_as_shown(code: str, value: float, written: str) -> None:
    assert writer_of(code)(value) == written


def test_days_may_begin_in_1904() -> None:
    assert writer_of("yyyy-mm-dd", since_1904=True)(43861.0) == "2024-02-01"
