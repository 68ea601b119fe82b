"""No way leads from an expression to a Python object: tricks that work on other languages."""

from __future__ import annotations

import builtins
import os
from decimal import Decimal
from typing import Any

import pytest

from perfflow.feel import compile, FeelError
from perfflow.feel.values import FEEL_TYPES, Function

TRICKS = [
    # attributes of Python values
    '"".__class__', '"a".__class__.__mro__', '"".__class__.__base__.__subclasses__()',
    '(1).__class__', "1.real", '"a".upper()', '"{0.__class__}".format(1)', '"%s" % x',
    "[].__class__.__base__", "{}.__class__", "{}.keys()", "{}.items", "[1].append(2)",
    "[].__getitem__(0)", "true.__class__", "null.__class__", 'x.__class__', "x.__dict__",
    "x.__init__.__globals__", "x.__reduce__()", "x.__getattribute__(\"a\")", "m.__class__",
    "m.get", 'm["__class__"]', "xs.__len__", "xs.count", "xs.sort()", "xs.__iter__()",
    '@"2026-01-01".__class__', '@"2026-01-01".days', '@"2026-01-01".__slots__',
    '@"10:00:00".nanos', '@"10:00:00".zone', '@"P1D".nanos', '@"P1Y".__init__',
    "[1..3].operator", "[1..3].__class__", "(< 5).__slots__",
    # functions and their insides
    "abs.__globals__", "abs.__code__", "abs.call", "abs.name", "(function(x) x).__closure__",
    "(function(x) x).call", "(function(x) x).parameters", "(function(x) x).types",
    "host.__globals__", "host.call", "host.__self__",
    # names of Python
    "__import__(\"os\")", "__builtins__", "eval(\"1\")", "exec(\"1\")", "open(\"/etc/passwd\")",
    "getattr(x, \"a\")", "globals()", "locals()", "vars()", "dir(x)", "type(x)", "print(1)",
    "os.system(\"id\")", "sys.modules", "import os", "lambda: 1", "self", "scope", "run",
    "run.vars",
    "partial", "item", "object()", "compile(\"1\")", "breakpoint()", "exit()", "quit()",
    "help()", "input()", "memoryview(\"a\")", "super()", "classmethod(x)", "property(x)",
    # other languages
    "java.lang.Runtime.getRuntime()", "T(java.lang.Runtime).getRuntime()", "${7*7}", "{{7*7}}",
    "#{7*7}", "constructor.constructor(\"return 1\")()", "this", "process.env",
    'function() external {java: {class: "java.lang.System", method signature: "exit(int)"}}',
    '(function() external {java: {class: "java.lang.System", method signature: "gc()"}})()',
    # functions of the language used to reach further
    'get value(x, "__class__")', 'get value(m, "__class__")', 'get entries(abs)',
    'context put(m, "__class__", 1).__class__.a', 'context merge([abs])', 'string(abs)',
    'string(host)', 'number("__import__")', 'sort(xs, eval)', 'sort(xs, abs)',
    'list replace(xs, host, 1)', 'string join([host], ",")', 'date("__class__")',
    '@"__class__"', 'range("[__import__(1)..2]")', 'range("[abs(1)..abs(2)]")',
    'matches("a", "(?P<x>a)")', 'matches("a", "(?#x)a")', 'matches("a", "\\Ca")',
    'replace("a", "a", "\\g<0>")', 'time("10:00:00@/etc/passwd")',
    'time("10:00:00@../../../etc/passwd")', 'date and time("2026-01-01T00:00:00@posixrules/x")',
    'for __class__ in [1] return __class__.__name__', '{__class__: 1}.__class__.real',
    "xs[__class__]", "m[__class__ = 1]", "xs[item.__class__ = null][1].__class__",
    "some __x in xs satisfies __x.__class__ = 1", "x instance of __class__",
    "x instance of list<os.system>", 'if x.__class__ then 1 else 2', "x in (y.__class__)",
    "substring(x.__class__, 1)", "1 ** x.__class__",
]  # fmt: skip


def plain(value: Any, depth: int = 0) -> bool:
    """Whether a result is made of the values of the language and of nothing else."""
    assert depth < 50
    if type(value) is list:
        return all(plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return all(type(key) is str and plain(item, depth + 1) for key, item in value.items())
    return type(value) in FEEL_TYPES


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every door to the outside, wired to a bell."""
    rung: list[str] = []

    def alarm(name: str) -> Any:
        return lambda *_args, **_kwargs: rung.append(name)

    monkeypatch.setattr(os, "system", alarm("os.system"))
    monkeypatch.setattr(os, "popen", alarm("os.popen"))
    for name in ("eval", "exec", "breakpoint", "input", "print"):
        monkeypatch.setattr(builtins, name, alarm(name))
    return rung


@pytest.mark.parametrize("text", TRICKS)
def test_the_trick_reaches_nothing(text: str, alarms: list[str]) -> None:
    context = {"x": "text", "m": {"a": 1}, "xs": [3, 1, 2]}
    seen: list[Any] = []

    def host(*arguments: Any) -> Decimal:
        seen.extend(arguments)
        return Decimal(1)

    try:
        result = compile(text).evaluate(context, functions={"host": host})
    except FeelError:
        return
    assert plain(result.feel_value)
    assert not any(isinstance(item, Function) for item in seen)
    assert alarms == []
    assert "object at 0x" not in str(result.value)


def test_there_are_enough_tricks() -> None:
    assert len(set(TRICKS)) >= 100


def test_a_host_function_sees_plain_python_only() -> None:
    seen: list[Any] = []

    def host(*arguments: Any) -> None:
        seen.extend(arguments)

    text = 'host(1, "a", [@"2026-01-01"], {f: abs}, function(x) x, [1..2])'
    compile(text).evaluate({}, functions={"host": host})
    assert [type(value).__name__ for value in seen] == [
        "Decimal", "str", "list", "dict", "str", "str",
    ]  # fmt: skip


def test_what_a_host_function_returns_must_be_a_value_too() -> None:
    with pytest.raises(FeelError):
        compile("leak()").evaluate({}, functions={"leak": lambda: object()})
