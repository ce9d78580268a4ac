# SPDX-License-Identifier: MIT
"""The type stubs say what the compiled module has: names, parameters, defaults."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bodega
from bodega import _core

STUB = Path(_core.__file__).with_name("_core.pyi")
MAKER = Path(__file__).resolve().parents[1] / "make_stubs.py"


def functions(body):
    """Name -> the lists of (parameter, has a default, keyword only) of its overloads."""
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            a = node.args
            positional = a.posonlyargs + a.args
            first_default = len(positional) - len(a.defaults)
            parameters = [(p.arg, i >= first_default, False) for i, p in enumerate(positional)]
            if a.vararg:
                parameters.append(("*" + a.vararg.arg, False, False))
            for parameter, default in zip(a.kwonlyargs, a.kw_defaults):
                parameters.append((parameter.arg, default is not None, True))
            if a.kwarg:
                parameters.append(("**" + a.kwarg.arg, False, False))
            found.setdefault(node.name, []).append([p for p in parameters if p[0] != "self"])
    return found


def properties(body):
    return {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
    }


def split_arguments(text):
    """At the commas outside of brackets and quotes."""
    parts, depth, quote, current = [], 0, "", ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c in "[({":
            depth += 1
        elif c in "])}":
            depth -= 1
        if c == "," and depth == 0 and not quote:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    return parts + [current.strip()] if current.strip() else parts


def signatures(function):
    """The same lists, from the first lines that pybind11 writes into docstrings."""
    found = []
    for line in function.__doc__.splitlines():
        match = re.match(r"(?:\d+\. )?(\w+)\((.*)\) -> .*$", line)
        if not match or match[1] != function.__name__:
            continue
        parameters, keyword_only = [], False
        for part in split_arguments(match[2]):
            name = re.match(r"\*?\*?\w*", part)[0]
            if name == "*":
                keyword_only = True
            elif name.startswith("*"):
                parameters.append((name, False, False))
            else:
                parameters.append((name, "=" in part, keyword_only))
        found.append([p for p in parameters if p[0] != "self"])
    return found


def members(cls):
    ignored = {"__module__", "__doc__", "__repr__", "__str__", "__new__"}
    names = {name for name in vars(cls) if name not in ignored and "pybind11" not in name}
    return names - {"__init__"} | ({"__init__"} if has_constructor(cls) else set())


def has_constructor(cls):
    return "__init__" in vars(cls) and "__init__(" in (cls.__init__.__doc__ or "")


TREE = ast.parse(STUB.read_text())
CLASSES = {
    node.name: node
    for node in TREE.body
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
}


def test_the_package_is_typed():
    assert STUB.with_name("py.typed").exists()


def test_same_functions():
    stub = {n: s for n, s in functions(TREE.body).items() if not n.startswith("_")}
    module = {n for n, v in vars(_core).items() if callable(v) and not isinstance(v, type)}
    assert set(stub) == module
    for name, overloads in stub.items():
        compiled = signatures(getattr(_core, name))
        assert compiled, name
        assert all(one in overloads for one in compiled), (name, compiled, overloads)


@pytest.mark.skipif(not MAKER.exists(), reason="without the script that makes them")
def test_options_are_current():
    spec = importlib.util.spec_from_file_location("make_stubs", MAKER)
    make_stubs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_stubs)
    text = STUB.read_text()
    assert make_stubs.generated(text, _core._options) == text, "run python/make_stubs.py"


def test_same_classes():
    compiled = {n for n, value in vars(_core).items() if isinstance(value, type)}
    assert set(CLASSES) == compiled


@pytest.mark.parametrize("name", CLASSES)
def test_same_members(name):
    node, cls = CLASSES[name], getattr(_core, name)
    bases = {base.id for base in node.bases}
    assert bases == {b.__name__ for b in cls.__bases__ if "pybind11" not in b.__name__}
    stub = functions(node.body)
    attributes = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign)}
    assert set(stub) | attributes == members(cls)
    assert properties(node.body) == {n for n, v in vars(cls).items() if isinstance(v, property)}
    for method in set(stub) - properties(node.body):
        compiled = signatures(getattr(cls, method))
        assert compiled, method
        assert sorted(compiled) == sorted(stub[method]), method


def test_everything_is_documented():
    bare = []
    for name, value in vars(_core).items():
        if isinstance(value, type):
            bare += [name] * (not value.__doc__)
            for member, method in vars(value).items():
                if not member.startswith("_") and len(signature_free(method.__doc__)) == 0:
                    bare.append(f"{name}.{member}")
        elif callable(value):
            bare += [name] * (len(signature_free(value.__doc__)) == 0)
    assert bare == []


def signature_free(doc):
    lines = (doc or "").splitlines()
    text = [line for line in lines if not re.match(r"(\d+\. )?\w+\(.*\) -> ", line)]
    return "".join(text).replace("Overloaded function.", "").strip()


def test_the_package_exports_the_module():
    public = {name for name in vars(_core) if not name.startswith("_")}
    assert set(bodega.__all__) == public | {"Error", "__version__"}
    for name in bodega.__all__:
        assert hasattr(bodega, name)


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
@pytest.mark.parametrize(
    "command",
    [
        # pybind11's classes have a metaclass, and an __init__ also where there is no constructor.
        ["stubtest", "bodega", "--allowlist", "allowed"],
        ["mypy", "--strict", "-p", "bodega"],
    ],
)
def test_mypy_agrees(command, tmp_path):
    (tmp_path / "allowed").write_text(r"bodega\._core\.[A-Z]\w*(\.__init__)?")
    module = {"stubtest": "mypy.stubtest", "mypy": "mypy"}[command[0]]
    run = subprocess.run(
        [sys.executable, "-m", module, *command[1:]], capture_output=True, text=True, cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout + run.stderr
