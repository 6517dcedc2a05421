// SPDX-License-Identifier: Apache-2.0
// Where a client takes its operations from: the workload while there are faults, the sweep after.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "sim/client/key_space.h"
#include "sim/client/workload.h"

namespace quorate::sim {

class OperationSource {
 public:
  virtual ~OperationSource() = default;
  // The next operation of a client, its `number`-th; nothing if there is none now.
  virtual std::optional<Operation> Next(uint32_t client, uint64_t number) = 0;
  // What became of it; `reply` is null where none came.
  virtual void Finished(const Operation& operation, const resp::Reply* reply) = 0;
};

class WorkloadSource final : public OperationSource {
 public:
  // `workload` outlives this.
  WorkloadSource(const Workload& workload, uint32_t keys) : workload_(workload), written_(keys) {}
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(const Operation& /*operation*/, const resp::Reply* /*reply*/) override {}
  [[nodiscard]] const WrittenKeys& written() const { return written_; }

 private:
  const Workload& workload_;
  WrittenKeys written_;
};

// Reads every key once; one whose read fails goes to the end of the line.
class SweepSource final : public OperationSource {
 public:
  explicit SweepSource(const std::vector<KeyRef>& keys);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(const Operation& operation, const resp::Reply* reply) override;
  [[nodiscard]] bool done() const { return waiting_.empty() && under_way_ == 0; }
  // A key that could not be read in all its attempts, and the last answer.
  [[nodiscard]] const std::optional<Bytes>& given_up() const { return given_up_; }
  [[nodiscard]] size_t left() const { return waiting_.size() + under_way_; }

 private:
  struct Item {
    std::vector<Bytes> command;
    uint32_t attempts = 0;
  };
  std::deque<Item> waiting_;
  std::vector<Item> taken_;
  size_t under_way_ = 0;
  std::optional<Bytes> given_up_;
};

}  // namespace quorate::sim
