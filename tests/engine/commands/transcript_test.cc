// SPDX-License-Identifier: Apache-2.0
// Requests and their replies, as text: testdata/*.txt. A line that begins with "> " is a request,
// the line behind it the reply as ReplyPrinter writes it (in RESP3's shapes); "+ N" lets N
// milliseconds pass, "#" begins a comment. The replies were compared with those of
// redis-server 7.0.15, except those below a comment that says otherwise. Every transcript runs as a
// sole owner and as one of several replicas: what a client sees is the same.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/engine/commands/replica_harness.h"

namespace quorate::commands {
namespace {

int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// Words between spaces; in double quotes a word may hold spaces and \xHH, \" and \\.
std::vector<std::string> SplitRequest(std::string_view line) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size(); ++i) {
    std::string word;
    if (line[i] == '"') {
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] != '\\') {
          word.push_back(line[i]);
        } else if (line[++i] == 'x') {
          word.push_back(static_cast<char>(HexDigit(line[i + 1]) * 16 + HexDigit(line[i + 2])));
          i += 2;
        } else {
          word.push_back(line[i]);
        }
      }
      ++i;
    } else {
      for (; i < line.size() && line[i] != ' '; ++i) word.push_back(line[i]);
    }
    words.push_back(word);
  }
  return words;
}

void RunTranscript(const std::filesystem::path& path, bool sole_owner) {
  Replica replica(sole_owner);
  std::ifstream file(path);
  ASSERT_TRUE(file.good());
  std::string line;
  int requests = 0;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("+ ")) replica.Pass(std::stoll(line.substr(2)));
    if (!line.starts_with("> ")) continue;
    const std::vector<std::string> words = SplitRequest(std::string_view(line).substr(2));
    const std::string request = line;
    std::string expected;
    std::getline(file, expected);
    ++number;
    ++requests;
    EXPECT_EQ(replica.Run({words.begin(), words.end()}), expected)
        << path.filename() << ":" << number << ": " << request
        << (sole_owner ? " (sole owner)" : " (one of several)");
  }
  EXPECT_GT(requests, 0);
}

class TranscriptTest : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(TranscriptTest, RepliesAreThoseOfRedis) { RunTranscript(GetParam(), true); }
TEST_P(TranscriptTest, RepliesAreTheSameWithSeveralReplicas) { RunTranscript(GetParam(), false); }

std::vector<std::filesystem::path> Transcripts() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder =
      std::filesystem::path(QUORATE_SOURCE_DIR) / "tests/engine/commands/testdata";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(All, TranscriptTest, testing::ValuesIn(Transcripts()),
                         [](const auto& path) { return path.param.stem().string(); });

}  // namespace
}  // namespace quorate::commands
