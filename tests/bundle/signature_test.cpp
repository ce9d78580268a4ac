// SPDX-License-Identifier: MIT
#include <bodega/bundle/signature.hpp>

#include "catch.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("a signature names kind, parameters and formats, whatever the sizes") {
  CHECK(model_signature<ToyNet<16>>() == "toy_net(input:F32 recurrent:F32 bias:F32 scale:F32)");
  CHECK(model_signature<ToyNet<16, QuantizedMatrix>>() ==
        "toy_net(input:int8 recurrent:int8 bias:F32 scale:F32)");
  CHECK(model_signature<ToyNet<16>>() == model_signature<ToyNet<64>>());
  CHECK(model_signature<ToyItems<>>() == "toy_items(weights:csr:F32)");
  CHECK(model_signature<ToyItems<QuantizedCsrMatrix>>() == "toy_items(weights:csr:int8)");
  CHECK(model_signature<ToyTable>() ==
        "toy_table(options.flag:BOOL options.large:U64 options.ratio:F64 text:U8 begin:U64 "
        "prices:I64 small:I8 units:F32 table:F64)");
}

TEST_CASE("sizes in the signature of an earlier file are left out") {
  using detail::without_sizes;
  CHECK(without_sizes("net(input:int8[3,64] bias:F32[] scale:F32)") ==
        "net(input:int8 bias:F32 scale:F32)");
  CHECK(without_sizes("net(scale:F32)") == "net(scale:F32)");
  CHECK(without_sizes("net(input:int8[3,64") == "net(input:int8[3,64");
  CHECK(without_sizes("[]][") == "][");
  CHECK(without_sizes("") == "");
}
