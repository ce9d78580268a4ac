// SPDX-License-Identifier: MIT
#include <string>

#include <bodega/data/code_buffer.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("A code buffer takes what fits, and all or nothing of it") {
  CodeBuffer code;
  CHECK(code.text().empty());
  CHECK(code.assign("abc"));
  CHECK(code.append('d'));
  CHECK(code.text() == "abcd");
  CHECK(code.assign(code.text().substr(1, 2)));  // a part of itself
  CHECK(code.text() == "bc");
  CHECK_FALSE(code.assign(std::string(CodeBuffer::capacity + 1, 'x')));
  CHECK(code.text() == "bc");
  CHECK_FALSE(code.append(std::string(CodeBuffer::capacity - 1, 'x')));
  CHECK(code.append(std::string(CodeBuffer::capacity - 2, 'x')));
  CHECK(code.size() == CodeBuffer::capacity);
  CHECK_FALSE(code.append('x'));
  code.clear();
  CHECK(code.text().empty());
  CHECK(code.append(std::string_view()));
}
