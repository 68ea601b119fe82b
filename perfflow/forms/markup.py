"""Safe markup of text and html components: a small whitelist; everything else stays text."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

_TAG_NAMES = (
    "p br hr h2 h3 h4 h5 ul ol li strong b em i u s code pre blockquote a span div table thead "
    "tbody tr th td caption dl dt dd small sub sup"
)
_TAGS = frozenset(_TAG_NAMES.split())
_VOID = frozenset({"br", "hr"})
_DROPPED = frozenset({"script", "style", "iframe", "object", "embed", "template", "svg", "math"})
_RENAMED = {"h1": "h2", "h6": "h5"}
_LINK = re.compile(r"(https?://|mailto:|/(?!/)|#)[^\s\"'<>]*", re.IGNORECASE)


class _Cleaner(HTMLParser):
    """Writes the allowed tags anew; attributes other than a harmless href or span are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.removed: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping.append(tag)
        name = _RENAMED.get(tag, tag)
        if self._dropping or name not in _TAGS:
            self.removed.append(f"<{tag}>")
            return
        self.parts.append(f"<{name}{self._attributes(name, attrs)}>")
        if name not in _VOID:
            self._open.append(name)

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        kept = ""
        for name, value in attrs:
            if tag == "a" and name == "href" and value and _LINK.fullmatch(value.strip()):
                kept += f' href="{escape(value.strip())}" rel="noopener noreferrer"'
            elif tag in {"td", "th"} and name in {"colspan", "rowspan"} and (value or "").isdigit():
                kept += f' {name}="{value}"'
            else:
                self.removed.append(f"{tag}.{name}")
        return kept

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
            return
        name = _RENAMED.get(tag, tag)
        if name in self._open:
            while self._open:
                last = self._open.pop()
                self.parts.append(f"</{last}>")
                if last == name:
                    break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.parts.append(escape(data, quote=False))

    def result(self) -> str:
        self.close()
        while self._open:
            self.parts.append(f"</{self._open.pop()}>")
        return "".join(self.parts)


def clean_html(text: str) -> Markup:
    """``text`` with only harmless markup left."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    return Markup(cleaner.result())


def removed_markup(text: str) -> list[str]:
    """What :func:`clean_html` takes out, each once."""
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.result()
    return list(dict.fromkeys(cleaner.removed))


_HEADING = re.compile(r"(#{1,5})\s+(.+)")
_ITEM = re.compile(r"\s*[-*]\s+(.+)")
_NUMBERED = re.compile(r"\s*\d+[.)]\s+(.+)")
_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"`(.+?)`"), r"<code>\1</code>"),
    (re.compile(r"(?<![\w*])[*_](.+?)[*_](?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\(([^()\s]+)\)"), r'<a href="\2">\1</a>'),
)


def markdown(text: str) -> Markup:
    """The small Markdown of text components: headings, lists, emphasis, links, paragraphs."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip().replace("\r\n", "\n")):
        lines = paragraph.split("\n")
        heading = _HEADING.fullmatch(lines[0])
        if heading:
            level = min(5, len(heading[1]) + 1)
            blocks.append(f"<h{level}>{_inline(heading[2])}</h{level}>")
            lines = lines[1:]
        if lines and all(_ITEM.fullmatch(line) for line in lines):
            blocks.append(_list("ul", lines, _ITEM))
        elif lines and all(_NUMBERED.fullmatch(line) for line in lines):
            blocks.append(_list("ol", lines, _NUMBERED))
        elif any(line.strip() for line in lines):
            blocks.append("<p>" + "<br>".join(_inline(line) for line in lines) + "</p>")
    return clean_html("".join(blocks))


def _list(tag: str, lines: list[str], shape: re.Pattern[str]) -> str:
    items = (match[1] for line in lines if (match := shape.fullmatch(line)))
    return f"<{tag}>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + f"</{tag}>"


def _inline(text: str) -> str:
    safe = escape(text, quote=False)
    for shape, replacement in _INLINE:
        safe = shape.sub(replacement, safe)
    return safe
