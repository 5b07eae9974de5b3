"""Mutants of parsers, of the chunker and of the text around a passage."""

from tests.mutants.mutant import Mutant

_RUNNING = "mirage/parse/pdf/running_headers.py"
_RUNNING_TESTS = ("tests/unit/parse/pdf/test_running_headers.py",)
_CHARSETS = "mirage/parse/characters/charset_detector.py"
_CHARSET_TESTS = ("tests/unit/parse/characters/test_decoding.py",)

PARSING = (
    Mutant(
        "pdf-most-of-five",
        "mirage/parse/pdf/layout.py",
        "_MOST_OF_FIVE = 3",
        "_MOST_OF_FIVE = 5",
        ("tests/unit/parse/pdf/test_layout.py",),
        "the longest line of a list is joined with the next",
    ),
    Mutant(
        "pdf-syllable",
        "mirage/parse/pdf/hyphens.py",
        "_SYLLABLE = 3",
        "_SYLLABLE = 1",
        ("tests/unit/parse/pdf/test_hyphens.py",),
        "`cannot` becomes `can-not`",
    ),
    Mutant(
        "pdf-min-density",
        _RUNNING,
        "_MIN_DENSITY = 0.4",
        "_MIN_DENSITY = 0.05",
        _RUNNING_TESTS,
        "three like lines of a book are taken for a header",
    ),
    Mutant(
        "pdf-telling-digits",
        _RUNNING,
        "_TELLING_DIGITS = 4",
        "_TELLING_DIGITS = 1",
        _RUNNING_TESTS,
        "an amount on several pages is taken for a header",
    ),
    Mutant(
        "pdf-clear-gap",
        "mirage/parse/pdf/page_edges.py",
        "_CLEAR_GAP = 1.5",
        "_CLEAR_GAP = 1.1",
        _RUNNING_TESTS,
        "the first line of the body is taken for a header",
    ),
    Mutant(
        "pdf-wide",
        _RUNNING,
        "_WIDE = 0.9",
        "_WIDE = 0.6",
        _RUNNING_TESTS,
        "a numbered line without a gap is taken for a header",
    ),
    Mutant(
        "pdf-scrambled",
        "mirage/parse/pdf/reading_order.py",
        "_SCRAMBLED = 0.3",
        "_SCRAMBLED = 0.05",
        ("tests/unit/parse/pdf/test_reading_order.py",),
        "pages with some labels of figures are put in another order",
    ),
    Mutant(
        "charset-capitals",
        _CHARSETS,
        "_CAPITAL_COST = 0.05",
        "_CAPITAL_COST = 0.0",
        _CHARSET_TESTS,
        "KOI8-R is read as Windows-1251, in capitals",
    ),
    Mutant(
        "charset-mac-roman",
        _CHARSETS,
        '"mac_roman": 0.1',
        '"mac_roman": 0.0',
        _CHARSET_TESTS,
        "short texts are read as Mac Roman",
    ),
    Mutant(
        "chunk-line-fill",
        "mirage/chunk/cutter.py",
        "(Border.LINE, 0.5)",
        "(Border.LINE, 0.99)",
        ("tests/unit/test_chunk.py",),
        "chunks end in the middle of lines",
    ),
    Mutant(
        "context-word-border",
        "mirage/embed/trimming.py",
        "start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())",
        "True",
        ("tests/unit/test_context.py",),
        "a widened passage begins inside of a word",
    ),
    Mutant(
        "unsafe-archive-lost",
        "mirage/parse/sandbox/frames.py",
        "for child in error.__subclasses__()",
        'for child in error.__subclasses__() if child.code != "unsafe-archive"',
        ("tests/sandbox/test_sandbox.py::test_unsafe_archive_keeps_its_remedy",),
        "the error of a hostile archive loses its remedy on the way out of the sandbox",
    ),
)
