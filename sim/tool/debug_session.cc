// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/debug_session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/run_aside.h"

namespace quorate::sim {
namespace {

constexpr char kHelpOnGoing[] =
    "next [N], back [N]   some %ss on, some %ss back; one if nothing is said\n";
constexpr char kHelpOnProcesses[] =
    "snapshots            the %ss at which a process waits to be gone back to\n"
    "debug                gdb on this process\n"
    "quit\n";

// A line from the standard input, byte by byte: what was read ahead would be lost to the processes
// that are left behind.
std::optional<std::string> ReadLine() {
  std::string line;
  char letter = 0;
  ssize_t count = 0;
  while ((count = ::read(STDIN_FILENO, &letter, 1)) == 1 && letter != '\n') line += letter;
  if (count <= 0 && line.empty()) return std::nullopt;
  return line;
}

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> words;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

absl::Status DebugSession::Open() { return snapshots_.Open(); }

void DebugSession::Run(const std::string& first) {
  const bool person = ::isatty(STDIN_FILENO) != 0;
  std::string line = first;
  // The one that all ways back lead to.
  if (snapshots_.Take(debuggee_.beginning())) {
    line.clear();
    Stop stop;
    if (TakeUp(stop)) {
      Go(stop);
    } else {
      Tell();
    }
  }
  while (true) {
    const Words words = Split(line);
    if (!words.empty() && (words.front() == "quit" || words.front() == "q")) break;
    if (!words.empty() && !Execute(words)) {
      std::printf("what is '%s'? 'help' lists the commands\n", line.c_str());
    }
    if (person) std::fputs("(quorate) ", stdout);
    std::fflush(stdout);
    const std::optional<std::string> next = ReadLine();
    if (!next) break;
    line = *next;
  }
  snapshots_.End(kExitOk);
}

bool DebugSession::Execute(const Words& words) {
  const std::string& command = words.front();
  if (command == "run" && words.size() == 1) {
    Go({Stop::At::kEnd, 0, {}});
  } else if (command == "until") {
    const std::optional<Stop> stop = debuggee_.ParseStop(words);
    if (!stop) return false;
    Until(*stop);
  } else if ((command == "next" || command == "back") && words.size() <= 2) {
    const std::optional<uint64_t> count = words.size() == 2 ? ParseWhole(words[1]) : 1;
    if (!count || *count == 0) return false;
    if (command == "back") {
      Back(*count);
    } else {
      Go({Stop::At::kPosition, debuggee_.position() + *count, {}});
    }
  } else {
    return ExecuteLook(words);
  }
  return true;
}

bool DebugSession::ExecuteLook(const Words& words) {
  const std::string& command = words.front();
  if (words.size() == 1 && command == "help") {
    Help();
  } else if (words.size() == 1 && command == "snapshots") {
    ShowSnapshots();
  } else if (words.size() == 1 && command == "debug") {
    Debug();
  } else {
    return debuggee_.Look(words);
  }
  return true;
}

void DebugSession::Help() const {
  const std::string unit(debuggee_.unit());
  std::fputs(std::string(debuggee_.help_on_stops()).c_str(), stdout);
  std::fputs(Format(kHelpOnGoing, unit, unit).c_str(), stdout);
  std::fputs(std::string(debuggee_.help_on_looks()).c_str(), stdout);
  std::fputs(Format(kHelpOnProcesses, unit).c_str(), stdout);
}

// Going.

void DebugSession::Until(const Stop& stop) {
  if (stop.at != Stop::At::kPosition || stop.number > debuggee_.position()) return Go(stop);
  const uint64_t beginning = debuggee_.beginning();
  if (stop.number == debuggee_.position() || debuggee_.position() == beginning) return Tell();
  if (stop.number <= beginning) GoTo(beginning);
  GoTo(*std::lower_bound(places_.begin(), places_.end(), stop.number));
}

void DebugSession::Back(uint64_t steps) {
  const uint64_t position = debuggee_.position(), beginning = debuggee_.beginning();
  if (position == beginning) return Tell();
  const uint64_t wanted = position - std::min(steps, position - beginning);
  const auto behind = std::upper_bound(places_.begin(), places_.end(), wanted);
  GoTo(behind == places_.begin() ? beginning : *std::prev(behind));
}

void DebugSession::GoTo(uint64_t target) { snapshots_.GoBack(target); }

// Only right behind an event: nothing else happened since, so that to be gone back to is to be
// there for the first time.
bool DebugSession::WantsSnapshot(const Stop& stop) {
  const uint64_t position = debuggee_.position();
  if (!from_) {
    const std::vector<uint64_t>& taken = snapshots_.positions();
    const uint64_t last = taken.empty() ? debuggee_.beginning() : taken.back();
    return position - last >= std::max(kSnapshotGap, last - debuggee_.beginning());
  }
  const uint64_t left = stop.number - position;
  if (nearest_ < kSnapshotNearest || left > nearest_) return false;
  while (nearest_ >= left) nearest_ /= 2;
  return true;
}

bool DebugSession::TakeUp(Stop& stop) {
  stop = {Stop::At::kPosition, snapshots_.target(), {}};
  from_ = debuggee_.position();
  nearest_ = (stop.number - *from_) / 2;
  return stop.number > *from_;
}

void DebugSession::Go(Stop stop) {
  if (over_) std::printf("the run is over\n");
  while (!over_) {
    if (!debuggee_.Step(stop)) {
      over_ = true;
      debuggee_.End();
      break;
    }
    if (debuggee_.quiet()) continue;
    places_.push_back(debuggee_.position());
    snapshots_.Reached(debuggee_.position());
    if (debuggee_.reached()) break;
    if (WantsSnapshot(stop) && snapshots_.Take(debuggee_.position()) && !TakeUp(stop)) break;
  }
  Tell();
}

void DebugSession::Tell() {
  if (from_) {
    std::fputs(Format("%u %ss from the snapshot at #%u\n", debuggee_.position() - *from_,
                      std::string(debuggee_.unit()), *from_)
                   .c_str(),
               stdout);
    from_.reset();
  }
  if (debuggee_.position() == debuggee_.beginning()) {
    std::printf("before the first %s\n", std::string(debuggee_.unit()).c_str());
    return;
  }
  debuggee_.Tell();
}

void DebugSession::ShowSnapshots() const {
  std::string text;
  for (const uint64_t position : snapshots_.positions()) text += Format(" #%u", position);
  std::printf("%zu of at most %zu:%s\n", snapshots_.positions().size(), kSnapshotsMax,
              text.c_str());
}

void DebugSession::Debug() {
  const pid_t process = ::getpid();
  std::printf("gdb -p %d\n", process);
  if (::isatty(STDIN_FILENO) == 0) return;
  RunAside([process] {
    const std::string number = std::to_string(process);
    ::execlp("gdb", "gdb", "-q", "-p", number.c_str(), nullptr);
    std::printf("there is no gdb; install it, or type the line above elsewhere\n");
  });
}

}  // namespace quorate::sim
