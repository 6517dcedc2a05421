// SPDX-License-Identifier: Apache-2.0
// A node in a page: it stores in a directory, serves Redis clients, and is used from this process
// too. Stopped and started again, it still has what was written.
#include <quorate/server.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace std::chrono_literals;

namespace {

// An example that does not get what it expects ends with an error.
template <typename T>
T Expect(quorate::Result<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
  std::exit(EXIT_FAILURE);
}

void Expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "not as expected: %s\n", what);
  std::exit(EXIT_FAILURE);
}

std::unique_ptr<quorate::Server> StartNode(const std::string& directory) {
  quorate::PoolSettings pool;
  pool.name = "main";
  pool.listen = "127.0.0.1:0";  // the kernel chooses the port; addresses() tells it
  auto server = Expect(quorate::Server::Builder()
                           .Data(directory)
                           .Pool(pool)
                           .LogTo([](std::string_view) {})  // without it: standard error
                           .Start());
  Expect(server->WaitReady(10s).ok(), "the node is ready");
  return server;
}

}  // namespace

int main() {
  const std::string directory =
      (std::filesystem::temp_directory_path() / "quorate-one-page-node").string();
  std::filesystem::remove_all(directory);

  auto server = StartNode(directory);
  std::printf("redis-cli can use %s\n", server->addresses().pools[0].address.c_str());
  const quorate::Reply stored = Expect(server->Call({"SET", "greeting", "hello"}).get());
  Expect(stored.text == "OK", "SET says OK");
  Expect(server->Shutdown(10s).ok(), "an orderly end");

  server = StartNode(directory);
  const quorate::Reply found = Expect(server->Call({"GET", "greeting"}).get());
  std::printf("after a restart greeting is %s\n", quorate::ToString(found).c_str());
  Expect(found.text == "hello", "GET finds what was stored");
  Expect(server->stats().incarnation == 2, "the second start is counted");
  Expect(server->Shutdown(10s).ok(), "an orderly end");
  std::filesystem::remove_all(directory);
  return EXIT_SUCCESS;
}
