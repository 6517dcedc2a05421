// SPDX-License-Identifier: Apache-2.0
// Clients that send anything to a whole cluster: it goes on, every byte of an answer is part of a
// reply, and nothing acknowledged is lost or differs between replicas. The first byte chooses the
// cluster. A 0xff byte ends what is sent, and the byte behind it says what happens then; lines are
// commands too, so an input is mostly text.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/keyspace/cell.h"
#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

constexpr char kEvent = '\xff';
// Restarts and snapshots cost far more than commands.
constexpr int kEventsMax = 32;

MiniCluster::Options OptionsOf(uint8_t chosen) {
  MiniCluster::Options options = (chosen & 1) != 0 ? MiniCluster::Three() : MiniCluster::Options{};
  if ((chosen & 2) != 0) options.shards = 2;
  if ((chosen & 4) != 0) options.durability = env::Durability::kNone;
  if ((chosen & 8) != 0) options.memory_bytes_max = 20'000;
  if ((chosen & 16) != 0) options.password = "secret";
  if ((chosen & 32) != 0) options.eviction = Eviction::kClock;
  // What one command may ask for, so that an input takes no second.
  options.settings = {{"proto-max-bulk-len", "1048576"}};
  return options;
}

bool IsDeleted(std::string_view state) {
  keyspace::CellReader reader(state);
  keyspace::Cell cell;
  while (reader.Next(cell)) {
    if (cell.kind != keyspace::CellKind::kTombstone) return false;
  }
  return true;
}

class Talk {
 public:
  explicit Talk(uint8_t chosen) : options_(OptionsOf(chosen)), cluster_(options_) {}

  void Run(std::string_view input) {
    for (int events = 0; events < kEventsMax && !input.empty(); ++events) {
      const size_t end = input.find(kEvent);
      cluster_.Converse(node_, input.substr(0, end));
      if (end == std::string_view::npos || end + 1 == input.size()) break;
      Happens(input[end + 1]);
      input.remove_prefix(end + 2);
    }
    CheckReplicas();
  }

 private:
  [[nodiscard]] bool forgets() const { return options_.durability == env::Durability::kNone; }

  void Happens(char event) {
    switch (event) {
      case 'a':
      case 'b':
      case 'c':
        node_ = static_cast<size_t>(event - 'a') % options_.nodes;
        return;
      case 'k':
        if (forgets()) return;
        return CheckKept([this] { cluster_.Restart(node_); });
      case 's':
        return CheckKept([this] {
          cluster_.Stop(node_);
          cluster_.Restart(node_);
        });
      case 'l':
        if (options_.shards > 1) return;
        return CheckKept([this] {
          Bytes saved;
          cluster_.shard(node_).Save(saved);
          cluster_.Resume(node_, saved);
        });
      case 'n':
        return cluster_.Reconnect(node_);
      case 't':
        cluster_.Pass(1ms);
        return cluster_.RunUntilStill();
      case 'T':
        cluster_.Pass(10s);
        return cluster_.RunUntilStill();
      default:
        return;
    }
  }

  // By key, as it will be when its deadline has passed: a node may notice that at any time, and
  // where it has no peers it then keeps nothing.
  using States = std::map<std::string, std::string>;
  States StatesOf(size_t node) {
    States states;
    for (uint16_t shard = 0; shard < options_.shards; ++shard) {
      cluster_.shard(node, shard)
          .ForEachObject(PoolId{}, [&](std::string_view key, std::string_view state) {
            if (!IsDeleted(state)) states[Bytes(key)] = state;
          });
    }
    return states;
  }

  template <typename Change>
  void CheckKept(const Change& change) {
    const States before = StatesOf(node_);
    change();
    QUORATE_CHECK(StatesOf(node_) == before);
  }

  void CheckReplicas() {
    cluster_.RunUntilStill();
    for (size_t node = 1; node < options_.nodes; ++node) {
      QUORATE_CHECK(StatesOf(node) == StatesOf(0));
    }
  }

  const MiniCluster::Options options_;
  MiniCluster cluster_;
  size_t node_ = 0;
};

}  // namespace
}  // namespace quorate::node

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  quorate::node::Talk(data[0]).Run({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
