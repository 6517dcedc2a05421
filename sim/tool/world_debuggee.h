// SPDX-License-Identifier: Apache-2.0
// A world under a debug session: its steps are those of the agenda, its positions events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "sim/oracle/suite.h"
#include "sim/tool/debuggee.h"
#include "sim/tool/stop_watch.h"
#include "sim/world/world.h"

namespace quorate::sim {

class WorldDebuggee final : public Debuggee {
 public:
  explicit WorldDebuggee(const WorldConfig& config);

  // InvalidArgument for what makes no world.
  absl::Status Open();

  bool Step(const Stop& stop) override;
  [[nodiscard]] bool quiet() const override { return watch_.quiet(); }
  [[nodiscard]] bool reached() const override { return watch_.reached(); }
  [[nodiscard]] uint64_t position() const override { return watch_.position(); }
  [[nodiscard]] std::string_view unit() const override { return "event"; }
  void End() override;
  void Tell() const override;
  [[nodiscard]] std::optional<Stop> ParseStop(const Words& words) const override;
  [[nodiscard]] bool Look(const Words& words) const override;
  [[nodiscard]] std::string_view help_on_stops() const override;
  [[nodiscard]] std::string_view help_on_looks() const override;

 private:
  void Where(const Words& words) const;
  void ShowNode(uint32_t node) const;
  void ShowKey(const std::string& key) const;
  void ShowKey(PoolId pool, const std::string& key) const;

  const WorldConfig config_;
  StopWatch watch_;
  OracleSuite oracles_;
  std::unique_ptr<World> world_;
  std::optional<Failure> failure_;
  bool begun_ = false;
};

}  // namespace quorate::sim
