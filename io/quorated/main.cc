// SPDX-License-Identifier: Apache-2.0
// The node as a program: the public API, a command line and signals.
#include <quorate/backup.h>
#include <quorate/certificates.h>
#include <quorate/server.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using quorate::Server;
using Arguments = std::vector<std::string>;

constexpr const char* kUsage =
    "quorated [FLAGS]                      run a node\n"
    "quorated cert [--cluster NAME] [--out FOLDER] [--days N] [--renew] NODE[=HOST,...] ...\n"
    "                                      make an authority and node certificates\n"
    "quorated backup FILE [FLAGS]          write the data of a stopped node to a file\n"
    "quorated restore FILE [FLAGS]         fill a new data directory from such a file\n\n"
    "Flags, with their defaults:\n";
constexpr int kWrongUsage = 2;
constexpr std::chrono::seconds kShutdownPatience{60};

int Fail(const quorate::Status& status, int code = EXIT_FAILURE) {
  std::fprintf(stderr, "quorated: %s\n", status.message().c_str());
  return code;
}

void Print(const quorate::Addresses& addresses) {
  for (const auto& pool : addresses.pools) {
    std::printf("pool %s listens on %s\n", pool.name.c_str(), pool.address.c_str());
  }
  if (!addresses.peers.empty()) std::printf("peers connect to %s\n", addresses.peers.c_str());
  if (!addresses.admin.empty()) std::printf("admin http://%s/metrics\n", addresses.admin.c_str());
  std::fflush(stdout);
}

int MakeCertificates(const Arguments& arguments) {
  quorate::CertificateSettings settings;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool takes_value = argument == "--cluster" || argument == "--out" || argument == "--days";
    if (takes_value && i + 1 == arguments.size()) {
      return Fail({quorate::Code::kInvalidArgument, argument + " needs a value"}, kWrongUsage);
    }
    if (argument == "--cluster") {
      settings.cluster = arguments[++i];
    } else if (argument == "--out") {
      settings.folder = arguments[++i];
    } else if (argument == "--days") {
      settings.days = std::atoi(arguments[++i].c_str());
    } else if (argument == "--renew") {
      settings.renew = true;
    } else if (argument.starts_with("-")) {
      return Fail({quorate::Code::kInvalidArgument, "unknown flag " + argument}, kWrongUsage);
    } else {
      settings.nodes.push_back(argument);
    }
  }
  const auto written = quorate::MakeCertificates(settings);
  if (!written.ok()) return Fail(written.status());
  for (const std::string& path : *written) std::printf("%s\n", path.c_str());
  return EXIT_SUCCESS;
}

int Copy(const std::string& command, const Arguments& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-")) {
    return Fail({quorate::Code::kInvalidArgument, command + " needs a FILE"}, kWrongUsage);
  }
  const auto directory =
      Server::Builder().Arguments({arguments.begin() + 1, arguments.end()}).DataDirectory();
  if (!directory.ok()) return Fail(directory.status(), kWrongUsage);
  const quorate::Status status = command == "backup" ? quorate::Backup(*directory, arguments[0])
                                                     : quorate::Restore(*directory, arguments[0]);
  return status.ok() ? EXIT_SUCCESS : Fail(status);
}

// SIGHUP: certificates and the level of the log are read anew.
void Reload(Server& server, const Arguments& arguments) {
  const auto level = Server::Builder().Arguments(arguments).ConfiguredLogLevel();
  if (level.ok()) server.SetLogLevel(*level);
  if (!level.ok()) Fail(level.status());
  const quorate::Status status = server.ReloadTls();
  if (!status.ok() && status.code() != quorate::Code::kFailedPrecondition) Fail(status);
}

int Run(const Arguments& arguments) {
  Server::Builder builder;
  builder.Arguments(arguments);
  switch (builder.request()) {
    case quorate::Request::kHelp:
      std::printf("%s%s", kUsage, Server::Builder::Help().c_str());
      return EXIT_SUCCESS;
    case quorate::Request::kVersion:
      std::printf("quorated %s\n", std::string(quorate::ReleaseVersion()).c_str());
      return EXIT_SUCCESS;
    case quorate::Request::kCheck:
    case quorate::Request::kRun:
      break;
  }
  if (const quorate::Status wrong = builder.Check(); !wrong.ok()) return Fail(wrong, kWrongUsage);
  if (builder.request() == quorate::Request::kCheck) return std::puts("ok"), EXIT_SUCCESS;

  // Blocked before any thread exists, so that only sigwait takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  // A node that serves no more ends, so that its supervisor starts it anew.
  builder.OnEvent([](const quorate::Event& event) {
    if (event.kind == quorate::Event::Kind::kFailed) kill(getpid(), SIGTERM);
  });
  auto server = builder.Start();
  if (!server.ok()) return Fail(server.status());
  Print((*server)->addresses());
  int signal = 0;
  while (sigwait(&signals, &signal) != 0 || signal == SIGHUP) Reload(**server, arguments);
  // A second signal ends the process at once.
  for (const int one : {SIGINT, SIGTERM}) std::signal(one, [](int) { std::_Exit(EXIT_FAILURE); });
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  const quorate::Status health = (*server)->health();
  const quorate::Status stopped = (*server)->Shutdown(kShutdownPatience);
  if (!health.ok()) return Fail(health);
  return stopped.ok() ? EXIT_SUCCESS : Fail(stopped);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments all(argv + 1, argv + argc);
  const std::string command = all.empty() ? "" : all.front();
  const Arguments rest(all.begin() + (all.empty() ? 0 : 1), all.end());
  if (std::find(rest.begin(), rest.end(), "--help") != rest.end()) return Run({"--help"});
  if (command == "cert") return MakeCertificates(rest);
  if (command == "backup" || command == "restore") return Copy(command, rest);
  return Run(all);
}
