// SPDX-License-Identifier: Apache-2.0
// Asks the world outside for something, as a library would that the simulator uses: what is named
// on the command line. Linked with the traps of the program, so it must not come back.
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string_view>
#include <system_error>
#include <thread>

namespace {

// SQLite takes the time from the system where its VFS is the default one.
void AskSqlite() {
  sqlite3* database = nullptr;
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) return;
  sqlite3_exec(database, "SELECT datetime('now')", nullptr, nullptr, nullptr);
  sqlite3_close(database);
}

struct Call {
  std::string_view name;
  std::function<void()> make;
};

}  // namespace

int main(int argc, char** argv) {
  const std::array<Call, 9> calls{{
      {"steady_clock", [] { static_cast<void>(std::chrono::steady_clock::now()); }},
      {"system_clock", [] { static_cast<void>(std::chrono::system_clock::now()); }},
      {"time", [] { static_cast<void>(std::time(nullptr)); }},
      {"sqlite", AskSqlite},
      {"random_device", [] { static_cast<void>(std::random_device("getentropy")()); }},
      {"rand", [] { static_cast<void>(std::rand()); }},
      {"sleep", [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }},
      {"thread", [] { std::thread([] {}).join(); }},
      {"socket", [] { static_cast<void>(::socket(AF_INET, SOCK_STREAM, 0)); }},
  }};
  for (const Call& call : calls) {
    if (argc == 2 && call.name != argv[1]) continue;
    if (argc != 2) {
      std::printf("%.*s\n", static_cast<int>(call.name.size()), call.name.data());
      continue;
    }
    call.make();
    return 0;
  }
  return argc == 2 ? 1 : 0;
}
