// SPDX-License-Identifier: Apache-2.0
// Promises about the API as text: the headers need nothing but the standard library, and quorated
// is a small program over nothing but them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace quorate {
namespace {

namespace fs = std::filesystem;

const fs::path kIo = QUORATE_IO_FOLDER;

std::vector<std::string> LinesOf(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> IncludesOf(const fs::path& path) {
  std::vector<std::string> includes;
  for (const std::string& line : LinesOf(path)) {
    if (line.starts_with("#include ")) includes.push_back(line.substr(10, line.size() - 11));
  }
  return includes;
}

bool IsStandard(const std::string& name) {
  static const std::set<std::string> kNames = {
      "algorithm", "array",   "atomic",     "chrono",      "csignal", "cstddef", "cstdint",
      "cstdio",    "cstdlib", "functional", "future",      "map",     "memory",  "mutex",
      "optional",  "span",    "string",     "string_view", "utility", "vector"};
  return kNames.contains(name);
}

TEST(PublicSurface, NeedsNothingButTheStandardLibrary) {
  size_t headers = 0;
  for (const auto& entry : fs::directory_iterator(kIo / "api" / "quorate")) {
    ++headers;
    for (const std::string& name : IncludesOf(entry.path())) {
      EXPECT_TRUE(IsStandard(name) || name.starts_with("quorate/"))
          << entry.path() << " includes " << name;
    }
  }
  EXPECT_GE(headers, 10U);
}

TEST(PublicSurface, IsAllThatQuoratedUses) {
  const fs::path main = kIo / "quorated" / "main.cc";
  for (const std::string& name : IncludesOf(main)) {
    const bool posix = name == "signal.h" || name == "unistd.h";
    EXPECT_TRUE(posix || IsStandard(name) || name.starts_with("quorate/")) << name;
  }
  const size_t lines = LinesOf(main).size();
  EXPECT_GT(lines, 50U);
  EXPECT_LT(lines, 150U);
  size_t sources = 0;
  for (const auto& entry : fs::directory_iterator(kIo / "quorated")) {
    const std::string ending = entry.path().extension();
    if (ending == ".cc" || ending == ".h") ++sources;
  }
  EXPECT_EQ(sources, 1U);
}

}  // namespace
}  // namespace quorate
