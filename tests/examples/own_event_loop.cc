// SPDX-License-Identifier: Apache-2.0
// A node that has no thread to serve its clients: the program's own epoll loop drives it, beside
// whatever else that loop does. Here it is a timer of the program's own.
#include <quorate/server.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

void Expect(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "not as expected: %s\n", what.c_str());
  std::exit(EXIT_FAILURE);
}

// The program's own loop. It knows the node by a descriptor and a deadline only.
class Loop {
 public:
  explicit Loop(quorate::Server& node) : node_(node) {
    Watch(node_.fd());
    const itimerspec often{{0, 10'000'000}, {0, 10'000'000}};
    Expect(::timerfd_settime(timer_, 0, &often, nullptr) == 0, "the timer runs");
    Watch(timer_);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    ::close(timer_);
    ::close(epoll_);
  }

  // One turn: waits until something is ready, or until the node wants to be called.
  void Turn() {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(node_.NextDeadline() - steady_clock::now());
    const auto wait = std::clamp<std::chrono::milliseconds>(left, 0ms, 1000ms);
    epoll_event ready[2];
    const int count = ::epoll_wait(epoll_, ready, 2, static_cast<int>(wait.count()));
    for (int i = 0; i < count; ++i) {
      if (ready[i].data.fd == timer_) OnTimer();
    }
    node_.Poll(0ms);  // does nothing where nothing is due
  }

  [[nodiscard]] int timers() const { return timers_; }

 private:
  void Watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    Expect(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll takes the descriptor");
  }
  void OnTimer() {
    uint64_t expired = 0;
    if (::read(timer_, &expired, sizeof expired) == sizeof expired) ++timers_;
  }

  quorate::Server& node_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  const int timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int timers_ = 0;
};

}  // namespace

int main() {
  quorate::PoolSettings pool;
  pool.name = "main";
  pool.listen = "127.0.0.1:0";
  pool.durability = "none";
  auto started = quorate::Server::Builder()
                     .Set("storage.engine", "memory")
                     .Pool(pool)
                     .LogTo([](std::string_view) {})
                     .Inline()
                     .Start();
  Expect(started.ok(), started.status().ToString());
  quorate::Server& node = **started;
  Loop loop(node);
  const auto end = steady_clock::now() + 10s;
  while (!node.ready() && steady_clock::now() < end) loop.Turn();
  Expect(node.ready(), "the node is ready");

  // The loop must turn for a call to be answered, so the callback form is used. Each answer makes
  // the next call.
  constexpr int kCalls = 1000;
  int answers = 0;
  std::optional<quorate::Status> failure;
  std::function<void()> next = [&] {
    node.Call({"INCR", "counter"}, [&](quorate::Result<quorate::Reply> reply) {
      if (!reply.ok()) failure = reply.status();
      if (reply.ok() && reply->integer == answers + 1) ++answers;
      if (!failure && answers < kCalls) next();
    });
  };
  next();
  while ((answers < kCalls || loop.timers() < 3) && !failure && steady_clock::now() < end) {
    loop.Turn();
  }
  Expect(!failure, failure ? failure->ToString() : "");
  Expect(answers == kCalls, "every call was answered, in order");
  Expect(loop.timers() >= 3, "the program's own timer ran meanwhile");
  std::printf("%d calls answered, %d timers of our own\n", answers, loop.timers());
  Expect(node.Shutdown(10s).ok(), "an orderly end");
  return EXIT_SUCCESS;
}
