"""Lists the document formats, one row per format.

A new format is a module with `parse(path) -> Parsed`, a member of `MediaType`, a row, and a test.
Detection, the sandbox, and the remedies and help texts that list formats read this table. It names
the parsers' modules instead of importing them, because only the child that parses needs their
libraries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from mirage.model import MediaType
from mirage.parse import signatures
from mirage.parse.signatures import OLD_OFFICE, SOME_OFFICE, SOME_ZIP


def _never(head: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """A document format.

    `name` is how sentences call a document of the format. `endings` are its file endings, the usual
    one first; `further_endings` are too many for a sentence. `parser` is a module with
    `parse(path) -> Parsed`, which raises only `Unreadable` and OSError for a bad file.

    `matches` returns whether the first bytes identify the format, whatever the file's name.
    Two weaker signs count only if the name has an ending of the format; the parser then decides.
    `may_match` returns whether the first bytes allow the format. `looks_like` names other
    content (a media type, or a name of `signatures`) for which these bytes may be taken.
    """

    media_type: MediaType
    name: str
    endings: tuple[str, ...]
    parser: str
    matches: Callable[[bytes], bool]
    may_match: Callable[[bytes], bool] = _never
    looks_like: tuple[MediaType | str, ...] = ()
    further_endings: tuple[str, ...] = ()


# What people write as plain text: other markup, logs, subtitles, settings, data and programs.
_TEXTS = (
    ".rst", ".adoc", ".asciidoc", ".org", ".tex", ".log", ".srt", ".vtt", ".json", ".jsonl",
    ".ndjson", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".sql", ".sh",
    ".bash", ".ps1", ".bat", ".py", ".pyi", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".java", ".kt",
    ".scala", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb", ".php", ".pl", ".lua",
    ".r", ".swift", ".dart", ".css", ".scss", ".proto", ".tf", ".diff", ".patch",
)  # fmt: skip


# In the order in which their signatures are tried, which is also the order of every list.
FORMATS = (
    Format(
        MediaType.PDF,
        "a PDF",
        (".pdf",),
        "mirage.parse.pdf",
        signatures.begins_pdf,
        may_match=signatures.has_pdf_header,
    ),
    Format(
        MediaType.EPUB,
        "an EPUB",
        (".epub",),
        "mirage.parse.epub",
        signatures.is_epub,
        # Tools write the entries of an archive in any order.
        looks_like=(SOME_ZIP,),
    ),
    Format(
        MediaType.DOCX,
        "a Word document",
        (".docx",),
        "mirage.parse.docx",
        signatures.is_word,
        # An Office document that a password protects is one of the old kind.
        looks_like=(SOME_ZIP, SOME_OFFICE, OLD_OFFICE),
    ),
    Format(
        MediaType.FB2,
        "an FB2 book",
        (".fb2", ".fb2.zip"),
        "mirage.parse.fb2",
        signatures.is_fb2,
        looks_like=(MediaType.TEXT, SOME_ZIP),
    ),
    Format(
        MediaType.XLSX,
        "an Excel workbook",
        (".xlsx", ".xlsm"),
        "mirage.parse.spreadsheets.xlsx",
        signatures.is_excel,
        looks_like=(SOME_ZIP, SOME_OFFICE, OLD_OFFICE),
    ),
    Format(
        MediaType.ODS,
        "an OpenDocument spreadsheet",
        (".ods",),
        "mirage.parse.spreadsheets.ods",
        signatures.is_open_spreadsheet,
        looks_like=(SOME_ZIP,),
    ),
    Format(
        MediaType.ODT,
        "an OpenDocument text",
        (".odt", ".ott"),
        "mirage.parse.opendocument.odt",
        signatures.is_open_text,
        looks_like=(SOME_ZIP,),
    ),
    Format(
        MediaType.PPTX,
        "a PowerPoint presentation",
        (".pptx", ".ppsx", ".pptm"),
        "mirage.parse.slides.pptx",
        signatures.is_powerpoint,
        looks_like=(SOME_ZIP, SOME_OFFICE, OLD_OFFICE),
    ),
    Format(
        MediaType.ODP,
        "an OpenDocument presentation",
        (".odp", ".otp"),
        "mirage.parse.slides.odp",
        signatures.is_open_presentation,
        looks_like=(SOME_ZIP,),
    ),
    Format(
        MediaType.RTF,
        "an RTF document",
        (".rtf",),
        "mirage.parse.rtf",
        signatures.is_rtf,
        looks_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.CSV,
        "a CSV table",
        (".csv", ".tsv", ".tab"),
        "mirage.parse.delimited",
        _never,  # It cannot be told from plain text.
        looks_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.MAIL,
        "a mail",
        (".eml", ".mbox"),
        "mirage.parse.mail",
        _never,  # It cannot be told from plain text.
        looks_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.HTML,
        "an HTML page",
        (".html", ".htm", ".xhtml"),
        "mirage.parse.html",
        signatures.is_html,
        looks_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.MARKDOWN,
        "Markdown",
        (".md", ".markdown", ".mdx", ".mdown", ".mkd"),
        "mirage.parse.markdown",
        _never,  # It cannot be told from plain text.
        looks_like=(MediaType.TEXT, MediaType.HTML),
    ),
    Format(
        MediaType.NOTEBOOK,
        "a Jupyter notebook",
        (".ipynb",),
        "mirage.parse.notebook",
        _never,  # It cannot be told from other JSON.
        looks_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.TEXT,
        "plain text",
        (".txt", ".text"),
        "mirage.parse.text",
        signatures.is_text,
        looks_like=(MediaType.HTML,),
        further_endings=_TEXTS,
    ),
)

BY_TYPE: dict[MediaType, Format] = {row.media_type: row for row in FORMATS}

EXTENSIONS: dict[str, MediaType] = {
    ending: row.media_type for row in FORMATS for ending in (*row.endings, *row.further_endings)
}
"""The media type that each file ending stands for; endings are in lower case, with their dot."""


def ending_of(name: str) -> str:
    """Return the ending of a file's name as it is written, such as `.PDF` or `.fb2.zip`."""
    path = PurePath(name)
    both = "".join(path.suffixes[-2:])
    return both if both.lower() in EXTENSIONS else path.suffix


def type_of(name: str) -> MediaType | None:
    """Return the media type that the ending of a file's name stands for; None for no format."""
    return EXTENSIONS.get(ending_of(name).lower())


def any_document() -> str:
    """Return a list of all formats for a sentence, each with its usual ending."""
    choices = [f"{row.name} ({row.endings[0]})" for row in FORMATS]
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def all_endings() -> str:
    """Return a list of the usual file endings for a sentence."""
    listed = ", ".join(ending for row in FORMATS for ending in row.endings)
    return f"{listed}, and those of programs, settings and logs"
