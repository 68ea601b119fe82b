"""Typesets one PDF: data goes in as JSON, never as markup; a missing font is an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from perfflow.kernel.errors import PerfFlowError

CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Families with the Han characters of names and notes, the better-drawn ones first."""


class NotAvailable(PerfFlowError):
    """This installation cannot do it; the sentence says what to install."""

    status = 503


def typeset(template: Path, data: Mapping[str, Any], fonts: Path | None = None) -> bytes:
    """The PDF of ``template`` for ``data``; equal data give equal bytes.

    ``fonts`` is a folder that is searched besides the machine's own fonts.  The template reads
    ``sys.inputs.data`` (JSON) and ``sys.inputs.font``; nothing in the data is taken for markup.
    :class:`NotAvailable` when the typesetter or a font with Chinese is missing: Typst would
    print empty boxes in silence.
    """
    try:
        import typst
    except ImportError as error:
        raise NotAvailable("documents.no_typesetter") from error
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "font": chinese_family(fonts),
    }
    return bytes(
        typst.compile(
            template,
            font_paths=[fonts] if fonts else [],
            sys_inputs=inputs,
            timestamp=0,
        )
    )


@lru_cache(maxsize=8)
def chinese_family(fonts: Path | None = None, *, with_system: bool = True) -> str:
    """The family that documents are set in; looked up once for each folder."""
    import typst

    found = typst.Fonts(
        include_system_fonts=with_system,
        include_embedded_fonts=False,
        font_paths=[fonts] if fonts else [],
    ).families()
    family = next((name for name in CHINESE_FAMILIES if name in found), None)
    if family is None:
        raise NotAvailable("documents.no_chinese_font", families=", ".join(CHINESE_FAMILIES[:2]))
    return family
