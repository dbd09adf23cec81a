"""Lexicons in the W3C's Pronunciation Lexicon Specification 1.0. A file is of one scope, named by a `meta` element.

Parsed by expat, which is told to refuse every document type: without one there are no entities to expand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from .lexicon_files import BadLexiconFile, BadLine, FileEntry, Mistake, checked, without_mistakes

NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
_SCOPE = "scope"
_XML = "http://www.w3.org/XML/1998/namespace"
_TEXTS = ("grapheme", "alias", "example")


def write_pls(entries: Iterable[FileEntry], *, scope: str) -> str:
    """The entries of one scope as a document: an alias for each grapheme. Author and day have no place in PLS."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<lexicon version="1.0" xmlns="{NAMESPACE}" alphabet="ipa" xml:lang="vi">',
        f'  <meta name="{_SCOPE}" content="{escape(scope)}"/>',
    ]
    for entry in entries:
        example = f"<example>{escape(entry.example, quote=False)}</example>" if entry.example else ""
        lines.append(
            f"  <lexeme><grapheme>{escape(entry.written, quote=False)}</grapheme>"
            f"<alias>{escape(entry.spoken, quote=False)}</alias>{example}</lexeme>"
        )
    lines.append("</lexicon>\n")
    return "\n".join(lines)


def read_pls(data: bytes) -> list[FileEntry]:
    """An entry for each grapheme, said as the preferred alias, else the first. Raises BadLexiconFile."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    reader.parser = parser
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadLexiconFile(
            [f"Dòng {error.lineno}: tệp PLS viết chưa đúng XML. Hãy xuất lại tệp từ phần mềm đã tạo ra nó."]
        ) from error
    if not reader.entries and not reader.mistakes:
        raise BadLexiconFile(["Tệp PLS không có mục từ nào. Cần ít nhất một lexeme có grapheme và alias."])
    return without_mistakes(reader.entries, reader.mistakes)


@dataclass
class _Lexeme:
    line: int
    graphemes: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    preferred: int = 0
    example: str = ""
    has_phoneme: bool = False


class _Reader:
    """Hears of the elements one after another."""

    parser: expat.XMLParserType

    def __init__(self) -> None:
        self.entries: list[FileEntry] = []
        self.mistakes: list[Mistake] = []
        self._scope = ""
        self._depth = 0
        self._lexeme: _Lexeme | None = None
        self._text: list[str] | None = None

    def refuse_doctype(self, *_names: object) -> None:
        raise BadLexiconFile(
            [f"Dòng {self.parser.CurrentLineNumber}: tệp có khai báo DOCTYPE nên không nhận. Hãy bỏ khai báo ấy."]
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line, name = self.parser.CurrentLineNumber, name.removeprefix(f"{NAMESPACE} ")
        self._depth += 1
        if self._depth == 1:
            self._check_root(name, attributes, line)
        elif name == "meta" and self._depth == 2 and attributes.get("name") == _SCOPE:
            self._scope = attributes.get("content", "").strip()
        elif name == "lexeme" and self._depth == 2:
            self._lexeme = _Lexeme(line)
        elif self._lexeme and self._depth == 3:
            if name == "phoneme":
                self._lexeme.has_phoneme = True
            elif name in _TEXTS:
                self._text = []
                if name == "alias" and attributes.get("prefer") == "true":
                    self._lexeme.preferred = len(self._lexeme.aliases)

    def text(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def end(self, name: str) -> None:
        name = name.removeprefix(f"{NAMESPACE} ")
        self._depth -= 1
        if self._lexeme and self._depth == 2 and self._text is not None:
            text = " ".join("".join(self._text).split())
            if name == "grapheme":
                self._lexeme.graphemes.append(text)
            elif name == "alias":
                self._lexeme.aliases.append(text)
            else:
                self._lexeme.example = self._lexeme.example or text
            self._text = None
        elif self._lexeme and self._depth == 1:
            try:
                self._keep(self._lexeme)
            except BadLine as error:
                self.mistakes.append((self._lexeme.line, str(error)))
            self._lexeme = None

    def _check_root(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name != "lexicon":
            raise BadLexiconFile([f"Dòng {line}: đây không phải tệp PLS. Phần tử đầu phải là lexicon."])
        language = attributes.get(f"{_XML} lang", "vi").lower()
        if language.split("-")[0] != "vi":
            self.mistakes.append((line, f"tệp ghi tiếng “{language[:20]}”. Chỉ nhận từ điển tiếng Việt, vi."))

    def _keep(self, lexeme: _Lexeme) -> None:
        if lexeme.has_phoneme:
            raise BadLine("mục này ghi âm bằng phoneme nên không nhận. Hãy ghi lời đọc bằng chữ trong alias.")
        if not lexeme.graphemes or not lexeme.aliases:
            raise BadLine("mục này thiếu grapheme hoặc alias. Hãy ghi đủ chữ viết và lời đọc.")
        spoken = lexeme.aliases[lexeme.preferred]
        for written in lexeme.graphemes:
            self.entries.append(checked(written, spoken, line=lexeme.line, example=lexeme.example, scope=self._scope))
