# SPDX-License-Identifier: MIT
"""The checks find what they are there to find."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

import compile_budget
import layers
import make_reference
import snippets
import till_reach

HEAD = "// SPDX-License-Identifier: MIT\n#pragma once\n"
TABLE = layers.read_layers("| layer | folder |\n| 0 | `core/` |\n| 2 | `data/` `bundle/` |\n| 6 | `till/` |\n")
HEADERS = {"bodega.hpp", "version.hpp", "core/ids.hpp", "data/csv.hpp", "data/catalog.hpp",
           "bundle/bundle.hpp", "till/till.hpp"}


def faults(name: str, body: str) -> list[str]:
    return layers.check_header(name, HEAD + body, TABLE, HEADERS)


class Layers(unittest.TestCase):
    def test_reads_the_table(self):
        self.assertEqual(TABLE, {"core": 0, "data": 2, "bundle": 2, "till": 6})

    def test_down_and_own_folder_are_fine(self):
        self.assertEqual(faults("data/csv.hpp", "#include <vector>\n#include <bodega/core/ids.hpp>\n"
                                "#include <bodega/version.hpp>\n#include <bodega/data/catalog.hpp>\n"
                                "// Eigen::Matrix would not do here\n"), [])
        self.assertEqual(faults("bodega.hpp", "#include <bodega/till/till.hpp>\n"), [])

    def test_up_sideways_and_the_umbrella_are_not(self):
        for target in ["till/till.hpp", "bundle/bundle.hpp", "bodega.hpp", "data/absent.hpp"]:
            self.assertEqual(len(faults("data/csv.hpp", f"#include <bodega/{target}>\n")), 1, target)

    def test_a_library_outside_its_header(self):
        for body in ["#include <Eigen/Core>\n", "using x = Eigen::MatrixXf;\n",
                     "#include <xsimd/xsimd.hpp>\n", "nlohmann::json j;\n"]:
            self.assertEqual(len(faults("data/csv.hpp", body)), 1, body)

    def test_form(self):
        self.assertEqual(len(faults("data/csv.hpp", '#include "catalog.hpp"\n')), 1)
        self.assertEqual(len(faults("data/csv.hpp", "namespace bodega {\n}\n")), 1)
        self.assertEqual(len(faults("data/csv.hpp", "namespace bodega::detail {\n}\n")), 1)
        self.assertEqual(faults("data/csv.hpp", "namespace bodega::inline BODEGA_ABI {\n}\n"), [])
        self.assertEqual(len(faults("misc/x.hpp", "")), 1)
        self.assertEqual(len(layers.check_header("core/ids.hpp", "#pragma once\n", TABLE, HEADERS)), 1)

    def test_names_of_tests(self):
        self.assertEqual(layers.check_test_names('TEST_CASE("one, [two]") {}'), [])
        self.assertEqual(len(layers.check_test_names('TEST_CASE("one; two") {}')), 1)


    def test_the_mirror(self):
        tests = {"core/ids_test.cpp", "data/csv_test.cpp"}
        headers = {"core/ids.hpp", "data/csv.hpp"}
        listed = layers.read_list("# why\ndata/csv.hpp: seen through another\n")
        self.assertEqual(listed, {"data/csv.hpp": "seen through another"})
        self.assertEqual(layers.check_mirror(headers, tests, {}), [])
        self.assertEqual(layers.check_mirror(headers, {"core/ids_test.cpp"}, listed), [])
        self.assertIn("has no test", layers.check_mirror(headers, {"core/ids_test.cpp"}, {})[0])
        self.assertIn("it has a test", layers.check_mirror(headers, tests, listed)[0])
        self.assertIn("no such header", layers.check_mirror(headers, tests, {"x.hpp": "y"})[0])
        self.assertIn("without a reason",
                      layers.check_mirror(headers, {"core/ids_test.cpp"}, {"data/csv.hpp": ""})[0])

    def test_lengths(self):
        texts = {"core/ids.hpp": "\n" * 400, "data/csv.hpp": "\n" * 401}
        self.assertEqual(layers.check_lengths(texts, {"data/csv.hpp": "a table"}), [])
        self.assertIn("more than 400", layers.check_lengths(texts, {})[0])
        self.assertEqual(len(layers.check_lengths(texts, {name: "why" for name in texts})), 1)


class TillReach(unittest.TestCase):
    LISTED = ("till.o: till.cpp \\\n a/tensor/invert.hpp \\\n b/ease_trainer.hpp b/ease.hpp "
              "/x/include/bodega/till/till.hpp /x/include/bodega/core/ids.hpp\n")

    def test_finds_linear_algebra_and_trainers(self):
        self.assertEqual(till_reach.forbidden(till_reach.reached(self.LISTED)),
                         ["a/tensor/invert.hpp", "b/ease_trainer.hpp"])

    def test_headers_more_and_fewer_than_listed(self):
        found = till_reach.headers(till_reach.reached(self.LISTED))
        self.assertEqual(found, ["bodega/core/ids.hpp", "bodega/till/till.hpp"])
        self.assertEqual(till_reach.changes(found, found), [])
        self.assertEqual(till_reach.changes(found, found[:1]),
                         ["more than listed: bodega/till/till.hpp"])
        self.assertEqual(till_reach.changes(found[:1], found),
                         ["listed and not reached: bodega/till/till.hpp"])
        self.assertEqual(len(till_reach.changes(found, found[::-1])), 1)


class CompileBudget(unittest.TestCase):
    def test_lines_are_counted_by_whose_they_are(self):
        text = ('# 1 "unit.cpp"\n# 1 "/x/include/bodega/a.hpp" 1\nint a;\n\nint b;\n'
                '# 1 "/usr/include/c++/12/span" 1 3\nint c;\n# 4 "/x/include/bodega/a.hpp" 2\nint d;\n')
        self.assertEqual(compile_budget.count_lines(text), {"own lines": 3, "all lines": 4})

    def test_what_is_above_the_budget_is_said(self):
        counts, budget = {"own lines": 9, "all lines": 9}, {"own lines": 8, "all lines": 8}
        self.assertEqual(len(compile_budget.faults("x.hpp", counts, budget, True)), 2)
        self.assertEqual(len(compile_budget.faults("x.hpp", counts, budget, False)), 1)
        self.assertEqual(compile_budget.faults("x.hpp", {"own lines": 8}, budget, True), [])

    def test_instantiations_of_bodega_are_counted(self):
        def event(name, detail):
            return {"name": name, "args": {"detail": detail}}
        self.assertEqual(compile_budget.count_instantiations({"traceEvents": [
            event("InstantiateClass", "bodega::Matrix<float>"), event("Source", "bodega::"),
            event("InstantiateFunction", "std::sort<bodega::ItemIndex>"), {"name": "x"}]}), 1)


class Reference(unittest.TestCase):
    HEADER = make_reference.read_header("data/x.hpp", """#pragma once
namespace bodega::inline BODEGA_ABI {
/// How to fit.
struct XOptions {
  double l2 = 1;  ///< ridge, of
                  ///< what is left
};
namespace detail {
/// Not shown.
inline int hidden() { return 1; }
}  // namespace detail
/// Fits it. Returns the model. Throws Error(shape) if
/// it is not square. Complexity: linear.
template <class T>
  requires(sizeof(T) > 1)
inline X<T> fit_x(const T& t, const XOptions& options = {}) {
  return {};
}
class X {
 public:
  /// Its size.
  std::size_t size() const noexcept { return size_; }

 private:
  /// Not shown either.
  void hidden();
};
}  // namespace bodega
""")

    def test_what_is_public_is_there(self):
        self.assertEqual([make_reference.title_of(entry) for entry in self.HEADER.entries],
                         ["XOptions", "fit_x", "X::size"])
        self.assertEqual(self.HEADER.members, {"XOptions": [["double l2 = 1",
                                                             "ridge, of what is left"]]})

    def test_comments_are_cut_into_sections(self):
        self.assertEqual(make_reference.sections(self.HEADER.entries[1].comment),
                         [("", "Fits it."), ("Returns", "Returns the model."),
                          ("Throws", "Throws Error(shape) if\nit is not square."),
                          ("Complexity", "Complexity: linear.")])

    def test_links_to_files_become_text(self):
        pages = Path(__file__).parents[2] / "docs"
        self.assertEqual(make_reference.without_links_to_files(
            "[a](../LICENSE) [b](architecture.md#layers) [c](https://x.org)", pages),
            "a [b](architecture.md#layers) [c](https://x.org)")


class Snippets(unittest.TestCase):
    PAGE = """# One
```cpp
using namespace std;
int a = 1;
```
text
```cpp
struct S {};
```
```sh
rm -r build
```
## Two
<!-- not run: needs a till -->
```cpp
sell();
```
```cpp
int main() { return 0; }
```
```cpp
return a;
```
```python
print(1)
```
"""

    def test_blocks_go_together_by_heading(self):
        found = snippets.read_programs(self.PAGE, "cpp")
        self.assertEqual([(p.heading, p.line, p.blocks) for p in found],
                         [("One", 3, ["using namespace std;\nint a = 1;", "struct S {};"]),
                          ("Two", 19, ["int main() { return 0; }"]), ("Two", 22, ["return a;"])])
        self.assertEqual(snippets.read_programs(self.PAGE, "python")[0].blocks, ["print(1)"])

    def test_types_stand_before_main(self):
        one = snippets.cpp_source(snippets.read_programs(self.PAGE, "cpp")[0])
        self.assertLess(one.index("using namespace std;"), one.index("struct S"))
        self.assertLess(one.index("struct S"), one.index("int main()"))
        self.assertLess(one.index("int main()"), one.index("int a = 1;"))


if __name__ == "__main__":
    unittest.main()
