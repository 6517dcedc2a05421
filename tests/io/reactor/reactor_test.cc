// SPDX-License-Identifier: Apache-2.0
#include "io/reactor/reactor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "tests/io/reactor/fake_kernel.h"

namespace quorate::io {
namespace {

constexpr int kFd = FakeKernel::kFirstSocket;

struct Recorder final : EventHandler {
  void OnReady(Readiness readiness) override {
    seen.push_back(readiness);
    if (then) then();
  }
  std::vector<Readiness> seen;
  std::function<void()> then;
};

struct ReactorTest : ::testing::Test {
  FakeKernel kernel;
  std::unique_ptr<Reactor> reactor = *Reactor::Create(kernel);
  Recorder first;
  Recorder second;

  void Turn() {
    reactor->Wait(Duration(0));
    reactor->Dispatch();
  }
};

TEST_F(ReactorTest, WatchesInputEdgeTriggeredAndOutputOnlyWhenAsked) {
  ASSERT_TRUE(reactor->Add(kFd, first).ok());
  EXPECT_EQ(kernel.watched(kFd), uint32_t{EPOLLIN | EPOLLRDHUP | EPOLLET});
  reactor->WatchOutput(kFd, first, true);
  EXPECT_EQ(kernel.watched(kFd), uint32_t{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET});
  reactor->WatchOutput(kFd, first, false);
  EXPECT_EQ(kernel.watched(kFd), uint32_t{EPOLLIN | EPOLLRDHUP | EPOLLET});
}

TEST_F(ReactorTest, TellsInputOutputAndHangUpApart) {
  ASSERT_TRUE(reactor->Add(kFd, first).ok());
  kernel.Ready(kFd, EPOLLIN);
  kernel.Ready(kFd, EPOLLOUT);
  kernel.Ready(kFd, EPOLLIN | EPOLLRDHUP);
  kernel.Ready(kFd, EPOLLERR);
  Turn();
  ASSERT_EQ(first.seen.size(), 4u);
  EXPECT_TRUE(first.seen[0].readable && !first.seen[0].writable && !first.seen[0].hung_up);
  EXPECT_TRUE(!first.seen[1].readable && first.seen[1].writable && !first.seen[1].hung_up);
  EXPECT_TRUE(first.seen[2].readable && !first.seen[2].writable && first.seen[2].hung_up);
  EXPECT_TRUE(first.seen[3].readable && first.seen[3].writable && first.seen[3].hung_up);
}

TEST_F(ReactorTest, CallsNobodyBeforeDispatch) {
  ASSERT_TRUE(reactor->Add(kFd, first).ok());
  kernel.Ready(kFd, EPOLLIN);
  EXPECT_EQ(reactor->Wait(5ms), 1u);
  EXPECT_TRUE(first.seen.empty());
  reactor->Dispatch();
  EXPECT_EQ(first.seen.size(), 1u);
}

TEST_F(ReactorTest, DeliversNothingToAHandlerRemovedInTheSameRound) {
  ASSERT_TRUE(reactor->Add(kFd, first).ok());
  ASSERT_TRUE(reactor->Add(kFd + 1, second).ok());
  first.then = [&] { reactor->Remove(kFd + 1, second); };
  kernel.Ready(kFd, EPOLLIN);
  kernel.Ready(kFd + 1, EPOLLIN);
  Turn();
  EXPECT_EQ(first.seen.size(), 1u);
  EXPECT_TRUE(second.seen.empty());
}

TEST_F(ReactorTest, GoesOnAfterASignal) {
  ASSERT_TRUE(reactor->Add(kFd, first).ok());
  kernel.NextWaitFails(EINTR);
  kernel.Ready(kFd, EPOLLIN);
  EXPECT_EQ(reactor->Wait(std::nullopt), 0u);
  reactor->Dispatch();
  Turn();
  EXPECT_EQ(first.seen.size(), 1u);
}

TEST_F(ReactorTest, NotifiesOnceForManyWakes) {
  for (int i = 0; i < 5; ++i) reactor->Wake();
  EXPECT_EQ(kernel.notifications, 1);
  Turn();
  reactor->Wake();
  EXPECT_EQ(kernel.notifications, 2);
}

TEST(ReactorOnLinux, WakesAcrossThreadsAndKeepsDeadlinesBelowAMillisecond) {
  LinuxKernel kernel;
  const auto reactor = *Reactor::Create(kernel);
  std::thread waker([&] {
    std::this_thread::sleep_for(20ms);
    reactor->Wake();
  });
  const auto begin = std::chrono::steady_clock::now();
  reactor->Wait(10s);
  reactor->Dispatch();
  waker.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);

  const auto second = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) reactor->Wait(Duration(100));
  EXPECT_GE(std::chrono::steady_clock::now() - second, std::chrono::microseconds(1000));
}

TEST(ReactorOnLinux, ReportsAPipeOnceUntilMoreArrives) {
  LinuxKernel kernel;
  const auto reactor = *Reactor::Create(kernel);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Recorder recorder;
  ASSERT_TRUE(reactor->Add(ends[0], recorder).ok());
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  for (int i = 0; i < 3; ++i) {
    reactor->Wait(Duration(0));
    reactor->Dispatch();
  }
  EXPECT_EQ(recorder.seen.size(), 1u);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  reactor->Wait(Duration(0));
  reactor->Dispatch();
  EXPECT_EQ(recorder.seen.size(), 2u);
  reactor->Remove(ends[0], recorder);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace quorate::io
