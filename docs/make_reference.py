# SPDX-License-Identifier: MIT
"""Writes the pages of the site: the pages of docs/, a page for each public header made of its
comments, and an index of errors.

    python3 docs/make_reference.py <repository> <output folder>

A header's comment is read as CONTRIBUTING.md says: text, then sections that begin with a fixed word
(Returns, Throws, Precondition, Thread safety, Complexity, Source). Needs nothing but Python.
"""
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

# First words of a sentence that begin a section, and the section's title.
SECTIONS = [
    ("Returns", r"Returns\b"),
    ("Throws", r"(?:Throws\b|Errors?(?::| \())"),
    ("Precondition", r"Preconditions?:"),
    ("Thread safety", r"(?:Thread safety|Thread rule|Threads):"),
    ("Complexity", r"(?:Complexity|Cost):"),
    ("Source", r"Source:"),
]
START = re.compile("|".join(f"(?P<s{i}>{pattern})" for i, (_, pattern) in enumerate(SECTIONS)))
SENTENCE_END = re.compile(r"(?<=[.:;)])\s+")
PRIVATE = ("detail", "")


@dataclass
class Entry:
    """A declaration with its comment."""
    code: str
    comment: str
    owner: str = ""  # the class it is a member of


@dataclass
class Header:
    name: str  # core/ids.hpp
    text: str = ""
    entries: list[Entry] = field(default_factory=list)
    members: dict[str, list[list[str]]] = field(default_factory=dict)  # of a class: code, meaning


def sections(comment: str) -> list[tuple[str, str]]:
    """Cuts a comment into ("", text) and its sections, in the order of SECTIONS."""
    parts: dict[str, list[str]] = {}
    current, in_code = "", False
    for line in comment.split("\n"):
        indented = line.startswith("   ")
        if in_code != indented and line.strip():
            in_code = indented
        pieces = [line] if in_code or not line.strip() else SENTENCE_END.split(line)
        for piece in pieces:
            match = None if in_code else START.match(piece.strip())
            if match and match.lastgroup:
                current = SECTIONS[int(match.lastgroup[1:])][0]
            parts.setdefault(current, []).append(piece)
        parts.setdefault(current, []).append("\n")
    order = ["", *(title for title, _ in SECTIONS)]
    return [(title, tidy(parts[title])) for title in order if title in parts and tidy(parts[title])]


def tidy(pieces: list[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece if piece == "\n" or not text or text.endswith("\n") else " " + piece
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def markdown(text: str) -> str:
    """Indented lines of a comment become code; the rest is text."""
    out, code = [], []

    def flush() -> None:
        if code:
            out.extend(["", "```cpp", *code, "```", ""])
            code.clear()

    for line in text.split("\n"):
        if line.startswith("   "):
            code.append(line[2:] if line.startswith("  ") else line)
        else:
            flush()
            out.append(re.sub(r"<(?=\w)(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)", "&lt;", line))
    flush()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")


def declaration(lines: list[str], start: int) -> str:
    """The declaration that begins at `start`, up to its body, its end or its initialiser list."""
    text, depth = "", 0
    for line in lines[start:start + 16]:
        code = re.sub(r"\s*//.*", "", line).strip()
        for i, char in enumerate(code):
            if char in "([":
                depth += 1
            elif char in ")]":
                depth -= 1
            elif depth == 0 and (char == ";" or char == "{" and not text.endswith("= ")):
                return " ".join((text + code[:i]).split()).rstrip()
            elif depth == 0 and char == ":" and code[i:i + 2] != "::" and code[i - 1:i] != ":" \
                    and ")" in text + code[:i] and "class" not in text + code[:i]:
                return " ".join((text + code[:i]).split()).rstrip()
        text += code + " "
    return " ".join(text.split())


def read_header(name: str, text: str) -> Header:
    header = Header(name)
    lines = text.split("\n")
    owners: list[tuple[int, str, bool]] = []  # depth of the body, name, is it public now
    depth, i, comment, private_namespace = 0, 0, [], None
    while i < len(lines):
        line = lines[i].strip()
        public = all(o[2] for o in owners) and private_namespace is None
        at_scope = depth == (owners[-1][0] if owners else depth) and public
        owner = "::".join(o[1] for o in owners)
        code, _, meaning = line.partition("///<")
        if meaning:  # a field or a value, or one more line on it
            if public and code:
                header.members.setdefault(owner, []).append([code.strip(" ,;"), meaning.strip()])
            elif public and header.members.get(owner):
                header.members[owner][-1][1] += " " + meaning.strip()
            if not code:
                i += 1
                continue
        if line.startswith("///") and not line.startswith("///<"):
            comment.append(lines[i].strip()[3:].removeprefix(" "))
            i += 1
            continue
        if comment and line:
            if at_scope and line.startswith("namespace"):
                header.text = "\n".join(comment)
            elif at_scope and not line.startswith("#"):
                header.entries.append(Entry(declaration(lines, i), "\n".join(comment), owner))
            comment = []
        if meaning and at_scope and comment:
            comment = []
        code = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'', "0", re.sub(r"//.*", "", lines[i]))
        label = re.match(r"\s*(public|private|protected):", code)
        if label and owners:
            owners[-1] = (*owners[-1][:2], label[1] == "public")
        opened = re.match(r"\s*(?:template\s*<.*>\s*)?(class|struct|enum class|union)\s+(\w+)[^;()]*\{",
                          code)
        inside = re.match(r"\s*(?:inline )?namespace\s*([\w:]*)",
                          code.replace("::inline BODEGA_ABI", ""))
        before = depth
        depth += code.count("{") - code.count("}")
        if inside and depth > before and private_namespace is None \
                and (inside[1] in PRIVATE or "detail" in inside[1].split("::")):
            private_namespace = before
        elif opened and depth > before:
            owners.append((depth, opened[2], opened[1] != "class"))
        while owners and depth < owners[-1][0]:
            owners.pop()
        if private_namespace is not None and depth <= private_namespace:
            private_namespace = None
        i += 1
    return header


NAMED = re.compile(r"\b(?:class|struct|enum class|union|concept|using)\s+(?:\[\[\w+\]\]\s*)?(\w+)")


NOT_A_NAME = {"requires", "noexcept", "decltype", "explicit", "alignas", "sizeof",
              "static_assert"}


def title_of(entry: Entry) -> str:
    code = re.sub(r"^template\s*<.*?>\s+(?=class|struct|using)", "", entry.code)
    named = re.search(r"\bconcept\s+(\w+)", code) or \
        (None if code.startswith("friend") else NAMED.match(code))
    called = [name for name in re.findall(r"(operator\S+?|~?\w+)\s*\(", code)
              if name not in NOT_A_NAME]
    plain = re.search(r"(\w+)\s*(?:=.*|\{.*)?$", code)
    name = named[1] if named else called[0] if called else plain[1] if plain else "declaration"
    return (entry.owner + "::" if entry.owner else "") + name


def member_table(members: list[list[str]]) -> list[str]:
    cell = [[f"`{code}`", text] for code, text in members]
    return ["| | |", "| --- | --- |",
            *("| " + " | ".join(part.replace("|", "\\|") for part in row) + " |" for row in cell), ""]


def header_page(header: Header) -> str:
    out = [f"# {header.name}", "", "```cpp", f"#include <bodega/{header.name}>", "```", ""]
    if header.text:
        out += [markdown(header.text), ""]
    shown = set()
    for entry in header.entries:
        title = title_of(entry)
        out += [f"{'###' if entry.owner else '##'} {title}", "", "```cpp", entry.code, "```", ""]
        for section, text in sections(entry.comment):
            if section:
                out += [f"**{section}**", ""]
            out += [markdown(text), ""]
        if title in header.members and title not in shown:
            shown.add(title)
            out += member_table(header.members[title])
    for owner, members in header.members.items():
        if owner not in shown:
            out += [f"## {owner or 'Values'}", "", *member_table(members)]
    if not header.entries and not header.members:
        out += ["This header has no commented declaration of its own.", ""]
    return "\n".join(out)


def error_page(root: Path) -> str:
    """Every ErrorCode: its meaning, who throws it, and what a message looks like."""
    include = root / "include" / "bodega"
    body = re.search(r"enum class ErrorCode[^{]*\{(.*?)\};",
                     (include / "core" / "error.hpp").read_text(), re.DOTALL)[1]
    meanings = re.findall(r"(\w+),?\s*///<\s*(.*)", body)
    thrown: dict[str, dict[str, list[str]]] = {code: {} for code, _ in meanings}
    for path in sorted(include.rglob("*.hpp")):
        text = path.read_text()
        for found in re.finditer(r"\bErrorCode::(\w+),(.{0,300}?)\);", text, re.DOTALL):
            if found[1] in thrown:
                thrown[found[1]].setdefault(str(path.relative_to(include)), []).append(found[2])
    out = ["# Errors", "", "Everything that reads input throws one type, `bodega::Error`. Its `code()` "
           "is one of these, for programs; `where()`, `expected()` and `found()` are for people.", "",
           "| code | meaning |", "| --- | --- |"]
    out += [f"| [`{code}`](#{code}) | {meaning} |" for code, meaning in meanings]
    for code, meaning in meanings:
        out += ["", f"## {code}", "", meaning[0].upper() + meaning[1:] + "."]
        example = next((text for texts in thrown[code].values() for text in texts
                        if (words := re.findall(r'"([^"]{3,})"', text)) and len(words) >= 2), None)
        if example:
            arguments = " ".join(example.split())
            out += ["", "For instance (where, expected, found):", "", "```cpp",
                    f"Error(ErrorCode::{code}, {arguments})", "```"]
        out += ["", "Thrown in", ""]
        out += [f"- [{name}](reference/{name.removesuffix('.hpp')}.md)" for name in thrown[code]] \
            or ["- headers that are told the code by their caller"]
    return "\n".join(out) + "\n"


def without_links_to_files(text: str, pages: Path) -> str:
    """A link to a file of the repository that is no page becomes the file's name in text."""
    def mend(link: re.Match) -> str:
        target = link[2].partition("#")[0]
        stays = not target or target.startswith("http") or \
            (target.endswith((".md", ".svg")) and (pages / target).resolve().parent == pages.resolve()
             and (pages / target).exists())
        return link[0] if stays else link[1]

    return re.sub(r"\[([^\]]*)\]\(([^)\s]*)\)", mend, text)


def main(root: Path, output: Path) -> int:
    include = root / "include" / "bodega"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for page in sorted((root / "docs").glob("*.md")):
        (output / page.name).write_text(without_links_to_files(page.read_text(), root / "docs"))
    for picture in (root / "docs").glob("*.svg"):
        shutil.copy(picture, output)
    folders: dict[str, list[str]] = {}
    for path in sorted(include.rglob("*.hpp")):
        name = str(path.relative_to(include))
        page = output / "reference" / name.replace(".hpp", ".md")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(header_page(read_header(name, path.read_text())))
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    (output / "errors.md").write_text(error_page(root))
    index = ["# Reference", "", "A page for each header, made of its comments.", ""]
    for folder, names in folders.items():
        index += [f"## {folder or 'bodega'}/", ""]
        index += [f"- [{name}]({name.removesuffix('.hpp')}.md)" for name in names] + [""]
    (output / "reference" / "index.md").write_text("\n".join(index))
    readme = (root / "README.md").read_text().replace("](docs/", "](")
    (output / "index.md").write_text(without_links_to_files(readme, root / "docs"))
    print(f"{sum(map(len, folders.values()))} headers, "
          f"{len(list((root / 'docs').glob('*.md')))} pages, in {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
