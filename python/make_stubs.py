# SPDX-License-Identifier: MIT
"""Writes the options of the module's functions into its stubs: keywords, types, defaults, words.

What stands before the options and behind the arrow is written by hand and kept; so is every
function without options. The tests compare the stubs with what this makes of them.

    python3 python/make_stubs.py [<stub>]
"""

import ast
import sys
import textwrap
from pathlib import Path

STUB = Path(__file__).with_name("bodega") / "_core.pyi"


def functions(tree):
    """(name, or Class.name; node) of every function."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield f"{node.name}.{member.name}", member


def written(text, node, default):
    """A parameter as it stands in the stub."""
    annotation = ast.get_source_segment(text, node.annotation) if node.annotation else None
    value = " = ..." if default else ""
    return node.arg + (f": {annotation}" if annotation else "") + value


def parameters(text, node, options):
    """(positional, keyword only) that are no options."""
    a = node.args
    plain = a.posonlyargs + a.args
    first = len(plain) - len(a.defaults)
    positional = [written(text, p, i >= first) for i, p in enumerate(plain)]
    keywords = [
        written(text, p, d is not None)
        for p, d in zip(a.kwonlyargs, a.kw_defaults)
        if p.arg not in options
    ]
    return positional, keywords


def names(parts):
    return [part.split(":")[0].split(" =")[0] for part in parts if part != "self"]


def declaration(text, node, options, doc, indent):
    known = {option[0] for option in options}
    positional, keywords = parameters(text, node, known)
    lines = positional + (["*"] if keywords or options else []) + keywords
    lines += [f"{name}: {kind} = {shown}" for name, kind, shown, _ in options]
    result = ast.get_source_segment(text, node.returns)
    head = [f"def {node.name}(", *(f"    {line}," for line in lines), f") -> {result}:"]
    said = textwrap.wrap(doc, 90 - len(indent))
    if options:
        said.append("")
    for name, _, _, meaning in options:
        said += textwrap.wrap(f"{name}: {meaning}", 90 - len(indent), subsequent_indent="    ")
    body = ['    """' + said[0], *(f"    {line}".rstrip() for line in said[1:]), '    """']
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in head + body)


def generated(text, declared):
    """The stub's text with these options: (name, leading parameters, options, docstring)."""
    lines = text.splitlines(keepends=True)
    nodes = list(functions(ast.parse(text)))
    edits = {}
    for name, leading, options, doc in declared:
        known = {option[0] for option in options}
        found = [
            node
            for of, node in nodes
            if of == name and names(sum(parameters(text, node, known), [])) == list(leading)
        ]
        if not found:
            raise SystemExit(f"the stub has no {name}({', '.join(leading)}, ...): write its head")
        for node in found:  # overloads that differ in types alone have the same options
            new = declaration(text, node, options, doc, " " * node.col_offset)
            edits[node.lineno] = (node.end_lineno, new)
    for first, (last, new) in sorted(edits.items(), reverse=True):
        lines[first - 1 : last] = [new]
    return "".join(lines)


def main(stub):
    here = Path(__file__).resolve().parent  # has a package without the compiled module
    sys.path = [entry for entry in sys.path if Path(entry).resolve() != here]
    from bodega import _core

    stub.write_text(generated(stub.read_text(), _core._options))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else STUB)
