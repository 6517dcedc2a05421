// SPDX-License-Identifier: Apache-2.0
// Everything that is decided before a node starts: the settings with the files they name, and the
// seats that the seeds provider gives.
#pragma once

#include <memory>
#include <vector>

#include "io/config/read_config.h"
#include "io/config/value.h"
#include "quorate/crypto.h"
#include "quorate/seeds.h"

namespace quorate::api {

struct Plan {
  io::NodeConfig config;
  std::vector<io::Problem> problems;
  std::vector<io::Problem> warnings;
};

// The seeds provider of the configuration.
[[nodiscard]] std::unique_ptr<SeedsProvider> SeedsOf(const io::NodeConfig& config);
// Its crypto provider; null where no TLS is configured.
[[nodiscard]] std::unique_ptr<CryptoProvider> CryptoOf(const io::NodeConfig& config);

// `seeds` and `crypto` are the caller's hooks, or null for the defaults.
[[nodiscard]] Plan MakePlan(const io::Value& tree, SeedsProvider* seeds, CryptoProvider* crypto);

[[nodiscard]] Result<std::vector<Seat>> FetchSeats(SeedsProvider& seeds);
[[nodiscard]] Result<Credentials> LoadCredentials(CryptoProvider& crypto);
[[nodiscard]] io::SeatConfig ToConfig(const Seat& seat);

}  // namespace quorate::api
