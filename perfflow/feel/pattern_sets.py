"""Character classes of XPath's regular expressions: escapes, blocks and subtraction."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LAST = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]

CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
_BLOCKS = """
BasicLatin 0000 007F|Latin-1Supplement 0080 00FF|LatinExtended-A 0100 017F|
LatinExtended-B 0180 024F|IPAExtensions 0250 02AF|SpacingModifierLetters 02B0 02FF|
CombiningDiacriticalMarks 0300 036F|Greek 0370 03FF|GreekandCoptic 0370 03FF|Cyrillic 0400 04FF|
CyrillicSupplement 0500 052F|Armenian 0530 058F|Hebrew 0590 05FF|Arabic 0600 06FF|
Devanagari 0900 097F|Bengali 0980 09FF|Tamil 0B80 0BFF|Thai 0E00 0E7F|Lao 0E80 0EFF|
Tibetan 0F00 0FFF|Georgian 10A0 10FF|HangulJamo 1100 11FF|Mongolian 1800 18AF|
LatinExtendedAdditional 1E00 1EFF|GreekExtended 1F00 1FFF|GeneralPunctuation 2000 206F|
SuperscriptsandSubscripts 2070 209F|CurrencySymbols 20A0 20CF|LetterlikeSymbols 2100 214F|
NumberForms 2150 218F|Arrows 2190 21FF|MathematicalOperators 2200 22FF|
MiscellaneousTechnical 2300 23FF|BoxDrawing 2500 257F|BlockElements 2580 259F|
GeometricShapes 25A0 25FF|MiscellaneousSymbols 2600 26FF|Dingbats 2700 27BF|
CJKRadicalsSupplement 2E80 2EFF|KangxiRadicals 2F00 2FDF|CJKSymbolsandPunctuation 3000 303F|
Hiragana 3040 309F|Katakana 30A0 30FF|Bopomofo 3100 312F|EnclosedCJKLettersandMonths 3200 32FF|
CJKCompatibility 3300 33FF|CJKUnifiedIdeographsExtensionA 3400 4DBF|
CJKUnifiedIdeographs 4E00 9FFF|HangulSyllables AC00 D7A3|PrivateUseArea E000 F8FF|
CJKCompatibilityIdeographs F900 FAFF|CJKCompatibilityForms FE30 FE4F|SmallFormVariants FE50 FE6F|
HalfwidthandFullwidthForms FF00 FFEF|Emoticons 1F600 1F64F|
CJKUnifiedIdeographsExtensionB 20000 2A6DF
"""
BLOCKS: dict[str, tuple[int, int]] = {}
for _entry in _BLOCKS.replace("\n", "").split("|"):
    _name, _low, _high = _entry.split()
    BLOCKS[_name] = (int(_low, 16), int(_high, 16))

_NAME_START = (
    "_:A-Za-z\\x{c0}-\\x{d6}\\x{d8}-\\x{f6}\\x{f8}-\\x{2ff}\\x{370}-\\x{37d}\\x{37f}-\\x{1fff}"
    "\\x{200c}-\\x{200d}\\x{2070}-\\x{218f}\\x{2c00}-\\x{2fef}\\x{3001}-\\x{d7ff}"
    "\\x{f900}-\\x{fdcf}\\x{fdf0}-\\x{fffd}\\x{10000}-\\x{effff}"
)
_NAME_PART = _NAME_START + "\\-.0-9\\x{b7}\\x{300}-\\x{36f}\\x{203f}-\\x{2040}"
ESCAPES = {"s": " \\t\\n\\r", "d": "\\p{Nd}", "i": _NAME_START, "c": _NAME_PART}
"""Bodies of RE2 classes for the escapes with one letter; ``\\w`` is the complement of three."""
NOT_WORD = "\\p{P}\\p{Z}\\p{C}"


def cover(chars: set[int]) -> Ranges:
    ranges: list[tuple[int, int]] = []
    for code in sorted(chars):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return tuple(ranges)


def union(ranges: Ranges) -> Ranges:
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def complement(ranges: Ranges) -> Ranges:
    result, start = [], 0
    for low, high in union(ranges):
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def difference(left: Ranges, right: Ranges) -> Ranges:
    return complement(union(complement(left) + right))


@lru_cache(maxsize=64)
def category(prefix: str) -> Ranges:
    """The code points of a general category; asked for by subtraction only."""
    return cover({c for c in range(LAST + 1) if unicodedata.category(chr(c)).startswith(prefix)})


def fold(ranges: Ranges) -> Ranges:
    """The ranges with both cases of their letters."""
    size = sum(high - low + 1 for low, high in ranges)
    if size > 20_000:
        return ranges
    chars: set[int] = set()
    for low, high in ranges:
        for code in range(low, high + 1):
            variants = {chr(code), chr(code).lower(), chr(code).upper()}
            chars.update(ord(char) for char in variants if len(char) == 1)
    return cover(chars)


def class_text(ranges: Ranges) -> str:
    if not ranges:
        return "[^\\x{0}-\\x{10ffff}]"
    return "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in ranges) + "]"
