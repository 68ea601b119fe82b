"""Reads DMN files without entities, network or document types, whatever their version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from perfflow.feel.errors import ModelError

MAX_BYTES = 4_000_000
Element = etree._Element


def parse_xml(source: bytes) -> Element:
    """The root element; anything that could reach outside the file is refused."""
    if len(source) > MAX_BYTES:
        raise ModelError("feel.bad_model", reason=f"more than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ModelError("feel.bad_model", reason=str(error)) from error
    info: Any = root.getroottree().docinfo
    if info.doctype:
        raise ModelError("feel.bad_model", reason="document types are not allowed")
    return root


def tag(element: Element) -> str:
    """The name of an element without its namespace."""
    name = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    for child in element:
        if not names or tag(child) in names:
            yield child


def child(element: Element, *names: str) -> Element | None:
    return next(children(element, *names), None)


def text_of(element: Element | None) -> str | None:
    """The content of the ``text`` child, trimmed; None when there is none."""
    inner = child(element, "text") if element is not None else None
    if inner is None:
        return None
    return (inner.text or "").strip()


def attribute(element: Element | None, name: str, default: str = "") -> str:
    if element is None:
        return default
    value = element.get(name)
    return " ".join(value.split()) if isinstance(value, str) else default
