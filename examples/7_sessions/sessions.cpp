// SPDX-License-Identifier: MIT
//
// A kiosk: what those who looked at the same went on to look at. The model is a window of the
// newest sessions; a session that has just ended is learnt at once, and the oldest is forgotten.
//
//   sessions

#include <cstdio>
#include <string>
#include <vector>

#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/session/session_neighbours.hpp>

using namespace bodega;

namespace {

void next(const Catalog& catalog, const SessionNeighbours& model,
          const std::vector<ItemIndex>& views) {
  Workspace workspace(catalog.size());
  const ItemMask everything(catalog.size());
  std::printf(" ");
  for (const ItemIndex item : views) std::printf(" %s", std::string(catalog.id(item)).c_str());
  std::printf(" ->");
  // A session is a query whose basket is in the order of the views.
  for (const Pick& pick : select_slate(model, {.basket = views}, everything, 2, workspace))
    std::printf(" %s", std::string(catalog.id(pick.item)).c_str());
  std::printf("\n");
}

}  // namespace

int main() {
  Catalog catalog;
  for (const char* id : {"TENT", "STOVE", "GAS", "BOOTS", "SOCKS", "LAMP"}) catalog.add({.id = id});
  const ItemIndex tent(0), stove(1), gas(2), boots(3), socks(4), lamp(5);

  SessionNeighbours model(catalog.size(), {.sessions = 4});
  model.append(std::vector{tent, stove, gas});
  model.append(std::vector{stove, gas});
  model.append(std::vector{boots, socks});
  std::printf("this morning\n");
  next(catalog, model, {tent});
  next(catalog, model, {tent, stove});
  next(catalog, model, {boots});

  // At noon the lamps are in, and sessions go another way: the window keeps the newest four.
  model.append(std::vector{tent, lamp});
  model.append(std::vector{tent, lamp, stove});
  model.append(std::vector{boots, lamp});
  std::printf("this afternoon\n");
  next(catalog, model, {tent});
  next(catalog, model, {boots});
}
