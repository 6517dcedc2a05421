// SPDX-License-Identifier: Apache-2.0
// Settings as a program makes them. Each field has the name, the form and the default of the
// setting in a configuration file; an empty text leaves the default.
#pragma once

#include <string>

namespace quorate {

struct PoolSettings {
  std::string name;
  std::string listen;  // host:port; port 0 lets the kernel choose
  std::string durability;
  std::string replicas;
  std::string partitions;
  std::string hash;
  std::string hash_tag;
  std::string distribution;
  std::string read_consistency;
  std::string write_consistency;
  std::string request_timeout;
  std::string speculative_delay;
  std::string maxmemory;
  std::string eviction;
  std::string unsafe_commands;
  std::string password;
  std::string password_file;
};

}  // namespace quorate
