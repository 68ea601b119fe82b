"""Texts of a form never carry anything that acts."""

from __future__ import annotations

import pytest

from perfflow.forms.markup import clean_html, markdown, removed_markup


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<script>alert(1)</script>x", "x"),
        ("<style>*{}</style>x", "x"),
        ("<svg><script>1</script></svg>x", "x"),
        ("<img src=x onerror=alert(1)>x", "x"),
        ("<p onclick=x style=y class=z>a</p>", "<p>a</p>"),
        ('<a href="javascript:x">a</a>', "<a>a</a>"),
        ('<a href="JaVaScRiPt:x">a</a>', "<a>a</a>"),
        ('<a href="//evil.example">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        (
            '<a href="https://a.example/?q=1">a</a>',
            '<a href="https://a.example/?q=1" rel="noopener noreferrer">a</a>',
        ),
        ("<iframe src=x></iframe>a", "a"),
        ("<form><input></form>a", "a"),
        ("<p>open", "<p>open</p>"),
        ("</p>shut", "shut"),
        ("<b><p>a</b>b</p>", "<b><p>a</p></b>b"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<h1>big</h1>", "<h2>big</h2>"),
        ('<td colspan="2" rowspan="x">a</td>', '<td colspan="2">a</td>'),
        ("<!-- c --><!DOCTYPE html>a", "a"),
    ],
)
def test_html_keeps_only_what_is_harmless(text: str, kept: str) -> None:
    assert clean_html(text) == kept


def test_what_was_taken_out_is_named_once() -> None:
    assert removed_markup("<script>a</script><script>b</script><p id=x>c</p>") == [
        "<script>",
        "p.id",
    ]
    assert removed_markup("<p>fine</p>") == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("# Title", "<h2>Title</h2>"),
        ("a\nb", "<p>a<br>b</p>"),
        ("a\n\nb", "<p>a</p><p>b</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("`x < 1`", "<p><code>x &lt; 1</code></p>"),
        ("[a](javascript:alert)", "<p><a>a</a></p>"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("", ""),
    ],
)
def test_markdown_is_drawn_and_never_trusted(text: str, drawn: str) -> None:
    assert markdown(text) == drawn
