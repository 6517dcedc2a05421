// SPDX-License-Identifier: Apache-2.0
// quorate-make-history OPERATIONS SEED [CLIENTS [KEYS [wrong]]]: prints a register history of
// clients on a perfect register in the format text; with `wrong` one read sees what it should not.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "sim/check/text_format.h"
#include "tests/sim/check/make_history.h"

int main(int argc, char** argv) {
  using quorate::sim::check::History;
  uint64_t numbers[] = {0, 0, 20, 1};
  bool wrong = argc == 6 && std::string_view(argv[5]) == "wrong";
  bool understood = argc >= 3 && (argc <= 5 || wrong);
  for (int i = 1; i < argc && i <= 4; ++i) {
    const std::string_view word = argv[i];
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), numbers[i - 1]);
    understood &= error == std::errc() && end == word.data() + word.size();
    understood &= i == 2 || (numbers[i - 1] > 0 && numbers[i - 1] <= UINT32_MAX);
  }
  if (!understood) {
    std::fputs("quorate-make-history OPERATIONS SEED [CLIENTS [KEYS [wrong]]]\n", stderr);
    return 1;
  }
  History history =
      quorate::sim::check::MakeHistory({.operations = static_cast<uint32_t>(numbers[0]),
                                        .clients = static_cast<uint32_t>(numbers[2]),
                                        .keys = static_cast<uint32_t>(numbers[3]),
                                        .unknown_share = 1,
                                        .seed = numbers[1]});
  if (wrong) quorate::sim::check::PlantWrongRead(history, numbers[1]);
  const std::string text = quorate::sim::check::EncodeText(history);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
