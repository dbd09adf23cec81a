"""Scripts as files: Markdown paragraphs under YAML front matter.

    ---
    code: vuon-buoi
    title: Vườn bưởi trên đất bạc màu
    genre: guong-dien-hinh
    area: kinh-te-chinh-tri
    field: san-xuat-kinh-doanh
    source: Viết mẫu theo điều II.2 của kế hoạch
    ---
    Năm 2018, một nông dân ở xã Hòa Trí …

What is wrong with a file is told whole: one sentence a mistake, each with the file's name and the line.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from ..domain import taxonomy
from ..domain.plain_text import clean, clean_line, unseen_sign
from ..domain.scripts import LONGEST_BYTES, LONGEST_TITLE
from ..domain.speakers import label_of, labels
from ..errors import Invalid

LONGEST_FRONT_MATTER = 8_000
"""Characters. A dozen short lines need no more, and an expanding alias can not hide in them."""

SHELL_FIELDS = ("tên đài", "ngày", "thứ", "chuyên mục", "các mục", "tên bài")
"""What a shell may leave open, written {tên đài}."""

KEYS = (
    "code", "title", "genre", "area", "field", "content_group", "movement", "object_group",
    "exemplar_kind", "source", "evergreen", "shell",
)  # fmt: skip

CODE = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")

_CHOICES: Mapping[str, Mapping[str, object]] = {
    "genre": taxonomy.GENRES,
    "area": taxonomy.AREAS,
    "field": taxonomy.FIELDS,
    "content_group": taxonomy.CONTENT_GROUPS,
    "object_group": taxonomy.OBJECT_GROUPS,
    "exemplar_kind": taxonomy.EXEMPLAR_KINDS,
    "shell": taxonomy.SHELLS,
}
_TCVN3 = re.compile("[a-zA-ZéèêëùõÊÕ][¸µ¶·¹©®«¬Þ×Ø]|[¸µ¶·¹©®«¬][a-zA-Z]")
_TAG = re.compile(r"</?[A-Za-z!?][^\n]{0,200}?>|<!--|<(?:script|style|img|svg|iframe)\b", re.IGNORECASE)
_SIGNS = re.compile(r"^#{1,6}\s|\*\*|__|^```|\]\(|^\|")


@dataclass(frozen=True, kw_only=True)
class ScriptFile:
    """One file, checked: every code is known, text is NFC without anything unseen."""

    name: str
    sha256: str
    """Of the bytes as they lie on the disk."""
    code: str
    title: str
    genre: str
    area: str
    field: str
    content_group: str
    movement: str
    object_group: str
    exemplar_kind: str
    source: str
    evergreen: bool
    shell: str
    """Empty for a piece."""
    body: str
    """Paragraphs parted by blank lines."""


class BadScriptFile(Invalid):
    """A file can not be taken. `mistakes` has a sentence each; the text is all of them, one a line."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises BadScriptFile when it can not be read or is over 200 kB (then unread)."""
    try:
        size = path.stat().st_size
        if size > LONGEST_BYTES:
            raise BadScriptFile([_too_long(path.name, size)])
        with path.open("rb") as file:
            data = file.read(LONGEST_BYTES + 1)
    except OSError as error:
        raise BadScriptFile([f"{path.name}: không đọc được tệp ({error.strerror}). Hãy xem lại quyền đọc."]) from error
    return data


def read_script_file(path: Path) -> ScriptFile:
    """Read and check one file. Raises BadScriptFile."""
    return parse(read_bytes(path), path.name)


def parse(data: bytes, name: str) -> ScriptFile:
    """Check the bytes of a file called `name`. Raises BadScriptFile with every mistake that can be seen at once."""
    if len(data) > LONGEST_BYTES:
        raise BadScriptFile([_too_long(name, len(data))])
    text = _decode(data, name)
    lines = text.split("\n")
    if not lines[0].strip():
        raise BadScriptFile([f"{name}, dòng 1: tệp rỗng hoặc thiếu dòng “---” mở đầu phần khai báo."])
    if lines[0].rstrip() != "---":
        raise BadScriptFile([f"{name}, dòng 1: thiếu dòng “---” mở đầu phần khai báo (mã, tên bài, thể loại…)."])
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise BadScriptFile([f"{name}, dòng {len(lines)}: thiếu dòng “---” kết thúc phần khai báo."])
    values, where, mistakes = _front_matter("\n".join(lines[1:end]), name)
    mistakes += _check_values(values, where, name)
    mistakes += _check_body(lines[end + 1 :], end + 2, bool(values.get("shell")), name)
    if mistakes:
        raise BadScriptFile(mistakes)
    return ScriptFile(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        evergreen=values.pop("evergreen", "false").lower() in _TRUE,
        body=_unwrap("\n".join(lines[end + 1 :])),
        **{key: values.get(key, "") for key in KEYS if key != "evergreen"} | {"genre": values.get("genre", "loi-dan")},
    )


_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}


def _too_long(name: str, size: int) -> str:
    return (
        f"{name}, dòng 1: tệp nặng {size // 1000} kB, quá mức {LONGEST_BYTES // 1000} kB cho một kịch bản. "
        "Hãy tách thành nhiều bài."
    )


def _decode(data: bytes, name: str) -> str:
    """UTF-8 to composed text with plain newlines, or a guess at what the encoding is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadScriptFile([f"{name}, dòng 1: tệp lưu bằng mã UTF-16. Hãy lưu lại bằng mã UTF-8."])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadScriptFile(
            [
                f"{name}, dòng {line}: chữ không theo mã UTF-8 (có thể là Windows-1258, TCVN3 hoặc VNI). "
                "Hãy mở tệp, kiểm tra dấu rồi lưu lại bằng mã UTF-8."
            ]
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    unseen = unseen_sign(text)
    if unseen:
        line, sign = unseen
        raise BadScriptFile([f"{name}, dòng {line}: có ký tự điều khiển hoặc ký tự ẩn {sign}. Hãy xóa ký tự ấy."])
    for line, content in enumerate(text.split("\n"), 1):
        if len(_TCVN3.findall(content)) >= 2:
            raise BadScriptFile(
                [f"{name}, dòng {line}: chữ gõ bằng phông cũ (TCVN3). Hãy chuyển sang Unicode rồi lưu lại."]
            )
    return unicodedata.normalize("NFC", text)


def _front_matter(text: str, name: str) -> tuple[dict[str, str], dict[str, int], list[str]]:
    """(key → value as written, key → line, mistakes). Nothing is built from YAML but plain text."""
    if len(text) > LONGEST_FRONT_MATTER:
        raise BadScriptFile([f"{name}, dòng 2: phần khai báo quá dài. Chỉ cần mỗi mục một dòng ngắn."])
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            mark = event.start_mark
            where = f"{name}, dòng {mark.line + 2 if mark else 2}"
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadScriptFile([f"{where}: phần khai báo không dùng dấu & và * để nhắc lại mục khác."])
            if isinstance(event, yaml.CollectionStartEvent) and mark and mark.column > 0:
                raise BadScriptFile([f"{where}: mỗi mục chỉ ghi một dòng chữ; đặt chữ trong ngoặc kép nếu cần."])
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = "phần khai báo sai cú pháp. Mỗi mục viết “tên: giá trị”; có dấu hai chấm thì đặt trong ngoặc kép."
        raise BadScriptFile([f"{name}, dòng {(mark.line if mark else 0) + 2}: {sentence}"]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadScriptFile([f"{name}, dòng 2: phần khai báo sai cú pháp."]) from error
    if not isinstance(root, yaml.MappingNode):
        raise BadScriptFile([f"{name}, dòng 2: phần khai báo cần các mục dạng “tên: giá trị”."])
    return _entries(root, name)


def _entries(root: yaml.MappingNode, name: str) -> tuple[dict[str, str], dict[str, int], list[str]]:
    values: dict[str, str] = {}
    where: dict[str, int] = {}
    mistakes: list[str] = []
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 2
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        if key not in KEYS:
            guess = get_close_matches(key, KEYS, n=1)
            hint = f" Có phải “{guess[0]}”?" if guess else " Các mục có thể ghi: " + ", ".join(KEYS) + "."
            mistakes.append(f"{name}, dòng {line}: không có mục “{key[:40]}”.{hint}")
        elif key in where:
            mistakes.append(f"{name}, dòng {line}: mục “{key}” đã ghi ở dòng {where[key]}. Hãy giữ lại một.")
        elif not isinstance(value_node, yaml.ScalarNode):
            mistakes.append(f"{name}, dòng {line}: mục “{key}” chỉ ghi một dòng chữ.")
        else:
            where[key] = line
            is_null = value_node.tag == "tag:yaml.org,2002:null"
            values[key] = "" if is_null else clean_line(str(value_node.value))
    return values, where, mistakes


def _check_values(values: dict[str, str], where: dict[str, int], name: str) -> Iterator[str]:
    shell = bool(values.get("shell"))
    for key in ("code", "title") if shell else ("code", "title", "genre", "area", "field", "source"):
        if not values.get(key):
            yield f"{name}, dòng {where.get(key, 1)}: thiếu mục “{key}”."
    code = values.get("code", "")
    if code and (len(code) > 80 or not CODE.fullmatch(code)):
        yield f"{name}, dòng {where['code']}: mã “{code[:40]}” chỉ được có chữ không dấu, số và gạch nối."
    if len(values.get("title", "")) > LONGEST_TITLE:
        yield f"{name}, dòng {where['title']}: tên bài dài quá {LONGEST_TITLE} chữ cái."
    for key, choices in _CHOICES.items():
        value = values.get(key, "")
        if value and value not in choices:
            guess = get_close_matches(value, list(choices), n=1)
            hint = f" Có phải “{guess[0]}”?" if guess else " Chọn một trong: " + ", ".join(choices) + "."
            yield f"{name}, dòng {where[key]}: không có “{value[:40]}” cho mục “{key}”.{hint}"
    field = taxonomy.FIELDS.get(values.get("field", ""))
    area = values.get("area", "")
    if field and area in taxonomy.AREAS and field[0] != area:
        yield f"{name}, dòng {where['area']}: lĩnh vực “{values['field']}” thuộc “{field[0]}”, không thuộc “{area}”."
    evergreen = values.get("evergreen", "")
    if evergreen and evergreen.lower() not in _TRUE | _FALSE:
        yield f"{name}, dòng {where['evergreen']}: mục “evergreen” chỉ ghi true hoặc false."
    for key, value in values.items():
        if _TAG.search(value):
            yield f"{name}, dòng {where[key]}: mục “{key}” có thẻ HTML. Hãy bỏ thẻ, chỉ giữ chữ."


def _check_body(lines: list[str], first: int, shell: bool, name: str) -> Iterator[str]:
    if not any(char.isalpha() for line in lines for char in line):
        yield f"{name}, dòng {first}: bài chưa có chữ nào. Hãy viết nội dung dưới dòng “---”."
    for number, line in enumerate(lines, first):
        if _TAG.search(line):
            yield f"{name}, dòng {number}: có thẻ HTML. Hãy bỏ thẻ, chỉ giữ chữ."
        elif _SIGNS.search(line):
            yield f"{name}, dòng {number}: có ký hiệu Markdown không đọc lên được (#, **, liên kết). Hãy bỏ ký hiệu."
        for field in re.findall(r"\{([^{}]*)\}?|\}", line):
            if not shell:
                yield f"{name}, dòng {number}: bài có ô trống “{{{field}}}”; chỉ lời xướng, lời chào mới có ô trống."
            elif unicodedata.normalize("NFC", field) not in SHELL_FIELDS:
                known = ", ".join(f"{{{known}}}" for known in SHELL_FIELDS)
                yield f"{name}, dòng {number}: không có ô trống “{{{field}}}”. Có thể dùng: {known}."


def _unwrap(body: str) -> str:
    """Clean paragraphs; a line broken for the editor's sake goes on, one that begins speech does not: with a dash, or
    with the name of somebody in a conversation."""
    text = clean(body)
    speakers = set(labels(text))
    lines: list[str] = []
    for line in text.split("\n"):
        if line and lines and lines[-1] and not re.match(r"[-–—] ", line) and label_of(line) not in speakers:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join(lines)
