// SPDX-License-Identifier: Apache-2.0
// The command line: settings of the node and of one pool as flags, put into the same tree that a
// file becomes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/config/value.h"

namespace quorate::io {

struct CommandLine {
  Value tree;               // the file's settings, if one was named, with the flags over them
  std::string config_file;  // as named by --config
  bool check = false;
  bool help = false;
  bool version = false;
  std::vector<Problem> problems;
};

// `arguments` without the program's name. Reads the file that --config names; `--name value` and
// `--name=value` are the same. A pool's flags apply to the only pool, and are refused where the
// file has several.
[[nodiscard]] CommandLine ParseCommandLine(std::span<const std::string> arguments);

// Text for --help: every flag with what it is for.
[[nodiscard]] std::string FlagsHelp();

// Sets `path` ("log.level", or "pools[].listen" of the only pool) in the tree.
void SetInTree(Value& tree, std::string_view path, std::string_view text, const Position& where);

}  // namespace quorate::io
