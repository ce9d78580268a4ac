# SPDX-License-Identifier: MIT
"""Checks the tree of headers: includes go down the layers, tests mirror it, no header is long.

The layers are the table in docs/architecture.md; a folder under include/bodega/ is a layer or a part
of one. A header may include its own folder and folders of a lower number, so never another one of
its own layer. bodega.hpp, the umbrella, includes all.

The test of include/bodega/x/y.hpp is tests/x/y_test.cpp. A header without one stands with the reason
in untested_headers.txt, a header of more than 400 lines in long_headers.txt; what stands there in
vain is a fault too. Lines of these lists: <header>: <reason>.

    python3 tests/checks/layers.py <repository>
"""
import re
import sys
from pathlib import Path

# Libraries, and the headers that alone may name them.
ONLY_IN = {
    "xsimd": ["tensor/kernels/simd.hpp", "tensor/kernels/tile_products.hpp"],
    "immintrin": ["tensor/kernels/byte_lanes.hpp", "tensor/kernels/int16_vectors.hpp"],
    "arm_neon": ["tensor/kernels/int16_vectors.hpp"],
    "zlib": ["connect/gzip_input.hpp"],
    "Eigen": [],
    "nlohmann": [],
}


def read_layers(architecture: str) -> dict[str, float]:
    """Rows such as: | 2 | `data/` `compress/` | ... | or | 3.1 | `forecast/recurrent/` | ... |"""
    layers = {}
    for number, folders in re.findall(r"^\| (\d+(?:\.\d)?) \|([^|]*)\|", architecture, re.MULTILINE):
        for folder in re.findall(r"`([\w/]+)/`", folders):
            layers[folder] = float(number)
    return layers


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def check_header(name: str, text: str, layers: dict[str, int], headers: set[str]) -> list[str]:
    """What is wrong with the header `name`, relative to include/bodega/."""
    wrong = []
    if not text.startswith("// SPDX-License-Identifier: MIT\n#pragma once\n"):
        wrong.append("does not start with the license line and #pragma once")
    code = without_comments(text)
    for library, homes in ONLY_IN.items():
        if name not in homes and re.search(rf"#\s*include\s*[<\"]{library}\b|\b{library}\s*::", code):
            wrong.append(f"names {library}, which {f'only {homes}' if homes else 'no header'} may")
    for quoted in re.findall(r'#\s*include\s*"([^"]*)"', code):
        wrong.append(f'includes "{quoted}": use <bodega/...>')
    for opened in re.findall(r"^namespace (bodega\b[^{]*?) *{", code, re.MULTILINE):
        if not opened.startswith("bodega::inline BODEGA_ABI"):
            wrong.append(f"opens namespace {opened}: write bodega::inline BODEGA_ABI, so that files for "
                         "different instruction sets share no code")
    folder = name.rpartition("/")[0]
    if folder and folder not in layers:
        return wrong + [f"the folder {folder}/ is not in the table of docs/architecture.md"]
    for target in re.findall(r"#\s*include\s*<bodega/([^>]*)>", code):
        if target not in headers:
            wrong.append(f"includes <bodega/{target}>, which is not there")
        elif folder and "/" in target:
            other = target.rpartition("/")[0]
            if other != folder and layers.get(other, 99) >= layers[folder]:
                wrong.append(f"of layer {layers[folder]:g} includes <bodega/{target}> "
                             f"of layer {layers.get(other, '?')}")
        elif folder and target != "version.hpp":
            wrong.append(f"includes <bodega/{target}>, the umbrella")
    return wrong


LONGEST = 400  # lines of a header


def read_list(text: str) -> dict[str, str]:
    """A list of exceptions: header -> reason."""
    lines = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name.strip(): reason.strip() for name, _, reason in lines}


def check_list(listed: dict[str, str], headers: set[str], excepted: set[str], fault: str,
               mended: str) -> list[str]:
    """`excepted` are the headers with the fault: each stands in the list, with a reason, and no
    other does."""
    wrong = [f"{name}: {fault}" for name in sorted(excepted - set(listed))]
    for name, reason in listed.items():
        if name not in headers:
            wrong.append(f"{name}: listed, but there is no such header")
        elif name not in excepted:
            wrong.append(f"{name}: listed, but {mended}: take it off the list")
        elif not reason:
            wrong.append(f"{name}: listed without a reason")
    return wrong


def check_mirror(headers: set[str], tests: set[str], untested: dict[str, str]) -> list[str]:
    without = {name for name in headers if name.removesuffix(".hpp") + "_test.cpp" not in tests}
    return check_list(untested, headers, without, "has no test of its name", "it has a test")


def check_lengths(texts: dict[str, str], long: dict[str, str]) -> list[str]:
    over = {name for name, text in texts.items() if text.count("\n") > LONGEST}
    return check_list(long, set(texts), over, f"has more than {LONGEST} lines", "it is short")


def check_test_names(text: str) -> list[str]:
    """ctest would take a semicolon in a test's name for two tests, and run neither."""
    return [f"test name with a semicolon: {name}"
            for name in re.findall(r'TEST_CASE\w*\(\s*"((?:[^"\\]|\\.)*)"', text) if ";" in name]


def main(root: Path) -> int:
    include = root / "include" / "bodega"
    layers = read_layers((root / "docs" / "architecture.md").read_text())
    texts = {str(p.relative_to(include)): p.read_text() for p in sorted(include.rglob("*.hpp"))}
    wrong = [f"include/bodega/{name}: {fault}" for name, text in texts.items()
             for fault in check_header(name, text, layers, set(texts))]
    wrong += [f"{path.relative_to(root)}: {fault}" for path in sorted(root.glob("tests/**/*_test.cpp"))
              for fault in check_test_names(path.read_text())]
    tests = {str(p.relative_to(root / "tests")) for p in root.glob("tests/**/*_test.cpp")}
    checks = Path(__file__).parent
    wrong += check_mirror(set(texts), tests, read_list((checks / "untested_headers.txt").read_text()))
    wrong += check_lengths(texts, read_list((checks / "long_headers.txt").read_text()))
    print("\n".join(wrong) or f"{len(texts)} headers keep to {len(layers)} layers")
    return 1 if wrong or not layers else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
