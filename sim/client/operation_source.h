// SPDX-License-Identifier: Apache-2.0
// Where a client takes its operations from: the workload while there are faults, the sweep after.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/ids.h"
#include "engine/topology/consistency.h"
#include "sim/client/key_space.h"
#include "sim/client/workload.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

// Of a recorded operation.
struct Prescription {
  uint32_t node = 0;
  SimTime time;
  topology::ConsistencyOverride levels;
  PoolId pool;
  friend bool operator==(const Prescription&, const Prescription&) = default;
};

class OperationSource {
 public:
  virtual ~OperationSource() = default;
  // The next operation of a client, its `number`-th; nothing if there is none now.
  virtual std::optional<Operation> Next(uint32_t client, uint64_t number) = 0;
  // Where, when and at which levels the next operation is to be made, if that is prescribed.
  [[nodiscard]] virtual std::optional<Prescription> Prescribes(uint32_t /*client*/,
                                                               uint64_t /*number*/) const {
    return std::nullopt;
  }
  // What became of it; `reply` is null where none came.
  virtual void Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) = 0;
};

// Something to be done once, by several clients.
class TaskSource : public OperationSource {
 public:
  [[nodiscard]] virtual bool done() const = 0;
  // What could not be done in all its attempts, and the last answer.
  [[nodiscard]] virtual const std::optional<Bytes>& given_up() const = 0;
  // In words, while it is not done.
  [[nodiscard]] virtual std::string left() const = 0;
};

class WorkloadSource final : public OperationSource {
 public:
  // `workload` outlives this.
  explicit WorkloadSource(const Workload& workload) : workload_(workload) {}
  std::optional<Operation> Next(uint32_t client, uint64_t number) override {
    return workload_.Next(client, number);
  }
  void Finished(uint32_t /*client*/, const Operation& /*operation*/,
                const resp::Reply* /*reply*/) override {}

 private:
  const Workload& workload_;
};

// A request of a client that was recorded, to be made again.
struct ScriptedOperation {
  uint32_t client = 0;
  Prescription prescription;
  std::vector<Bytes> command;
};

// Makes recorded operations again, each client its own, in their order and not before their time.
class ScriptSource final : public OperationSource {
 public:
  // `clients` bounds the numbers of the clients in it.
  ScriptSource(const std::vector<ScriptedOperation>& script, uint32_t clients);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  [[nodiscard]] std::optional<Prescription> Prescribes(uint32_t client,
                                                       uint64_t number) const override;
  void Finished(uint32_t /*client*/, const Operation& /*operation*/,
                const resp::Reply* /*reply*/) override {}

 private:
  std::vector<std::vector<ScriptedOperation>> of_client_;
};

// Whether an error that names no quorum may be the last word of an operation on a key that a client
// asked for.
using MayLackQuorum = std::function<bool(uint32_t client, std::string_view key)>;
// The error of an operation that too few replicas answered.
[[nodiscard]] bool SaysNoQuorum(const resp::Reply& reply);

// Reads every key once; one whose read fails goes to the end of the line, but where no quorum may
// be left for it.
class SweepSource final : public TaskSource {
 public:
  SweepSource(const std::vector<KeyRef>& keys, MayLackQuorum may_lack);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) override;
  [[nodiscard]] bool done() const override { return waiting_.empty() && under_way_ == 0; }
  [[nodiscard]] const std::optional<Bytes>& given_up() const override { return given_up_; }
  [[nodiscard]] std::string left() const override;

 private:
  struct Item {
    std::vector<Bytes> command;
    uint32_t attempts = 0;
  };
  const MayLackQuorum may_lack_;
  std::deque<Item> waiting_;
  std::vector<Item> taken_;
  size_t under_way_ = 0;
  std::optional<Bytes> given_up_;
};

}  // namespace quorate::sim
