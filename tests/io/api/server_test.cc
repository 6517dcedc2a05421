// SPDX-License-Identifier: Apache-2.0
// The handle of a node alone, on real sockets and a real disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <quorate/backup.h>
#include <quorate/server.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "tests/io/api/within.h"
#include "tests/io/disk/temporary_directory.h"

namespace quorate {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

PoolSettings AnyPort(const std::string& name = "main", const std::string& durability = "") {
  PoolSettings pool;
  pool.name = name;
  pool.listen = "127.0.0.1:0";
  pool.durability = durability;
  return pool;
}

class ServerTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string Data() const { return temporary_.path() + "/data"; }

  Server::Builder Builder() {
    Server::Builder builder;
    builder.Data(Data()).Pool(AnyPort()).LogTo([this](std::string_view line) {
      const std::lock_guard<std::mutex> lock(mutex_);
      log_ += line;
    });
    return builder;
  }
  static std::unique_ptr<Server> Start(Server::Builder builder) {
    auto server = builder.Start();
    EXPECT_TRUE(server.ok()) << server.status().ToString();
    EXPECT_EQ((*server)->WaitReady(10s), Status());
    return *std::move(server);
  }
  static std::string Call(Server& server, std::vector<std::string> command) {
    const auto reply = server.Call(std::move(command)).get();
    return reply.ok() ? ToString(*reply) : reply.status().ToString();
  }
  std::string Log() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return log_;
  }

  const io::TemporaryDirectory temporary_;
  std::mutex mutex_;
  std::string log_;
};

TEST_F(ServerTest, AnswersCommandsInProcess) {
  const auto server = Start(Builder());
  EXPECT_EQ(Call(*server, {"SET", "k", "v"}), "OK");
  EXPECT_EQ(Call(*server, {"GET", "k"}), "\"v\"");
  EXPECT_EQ(Call(*server, {"GET", "none"}), "nil");
  EXPECT_EQ(Call(*server, {"INCR", "n"}), "1");
  EXPECT_EQ(Call(*server, {"HSET", "h", "a", "1"}), "1");
  EXPECT_EQ(Call(*server, {"HGETALL", "h"}), "{\"a\": \"1\"}");
  EXPECT_THAT(Call(*server, {"INCR", "h"}), StartsWith("(error) WRONGTYPE"));
  EXPECT_THAT(Call(*server, {"NOSUCH"}), StartsWith("(error) ERR unknown command"));
  EXPECT_EQ(Call(*server, {}), "invalid argument: the command is empty");
}

TEST_F(ServerTest, AnswersManyCallsAtOnce) {
  const auto server = Start(Builder());
  std::vector<std::future<Result<Reply>>> replies;
  replies.reserve(1000);
  for (int i = 0; i < 1000; ++i) replies.push_back(server->Call({"INCR", "n"}));
  for (int i = 0; i < 1000; ++i) {
    const auto reply = replies[static_cast<size_t>(i)].get();
    ASSERT_TRUE(reply.ok()) << reply.status().ToString();
    EXPECT_EQ(reply->integer, i + 1);
  }
}

TEST_F(ServerTest, KeepsPoolsApart) {
  Server::Builder builder = Builder();
  builder.Pool(AnyPort("other", "none"));
  const auto server = Start(std::move(builder));
  ASSERT_EQ(server->addresses().pools.size(), 2U);
  EXPECT_EQ(server->addresses().pools[1].name, "other");
  EXPECT_EQ(Call(*server, {"SET", "k", "v"}), "OK");
  const auto call_in = [&](const std::string& pool) {
    std::promise<std::string> answer;
    server->CallIn(pool, {"GET", "k"}, [&](const Result<Reply>& reply) {
      answer.set_value(reply.ok() ? ToString(*reply) : reply.status().ToString());
    });
    return answer.get_future().get();
  };
  EXPECT_EQ(call_in("main"), "\"v\"");
  EXPECT_EQ(call_in("other"), "nil");
  EXPECT_EQ(call_in("third"), "invalid argument: no pool has the name 'third'");
}

TEST_F(ServerTest, KeepsItsDataAndItsIdentityOverARestart) {
  uint64_t id = 0;
  {
    const auto server = Start(Builder());
    EXPECT_EQ(Call(*server, {"SET", "k", "v"}), "OK");
    id = server->stats().node_id;
    EXPECT_EQ(server->stats().incarnation, 1U);
    EXPECT_EQ(server->Shutdown(10s), Status());
    EXPECT_EQ(server->Shutdown(10s), Status());  // once more does nothing
  }
  const auto server = Start(Builder());
  EXPECT_EQ(Call(*server, {"GET", "k"}), "\"v\"");
  EXPECT_EQ(server->stats().node_id, id);
  EXPECT_EQ(server->stats().incarnation, 2U);
  EXPECT_EQ(server->stats().objects, 1U);
  EXPECT_GT(server->stats().storage.journal_bytes_max, 0U);
}

TEST_F(ServerTest, OpensADirectoryWithAnotherNumberOfShards) {
  {
    const auto server = Start(Builder());
    for (int i = 0; i < 100; ++i) Call(*server, {"SET", "k" + std::to_string(i), "v"});
  }
  Server::Builder builder = Builder();
  builder.Shards(2);
  const auto server = Start(std::move(builder));
  EXPECT_EQ(Call(*server, {"DBSIZE"}), "100");
  EXPECT_EQ(Call(*server, {"GET", "k42"}), "\"v\"");
}

TEST_F(ServerTest, TellsEventsInTheirOrder) {
  std::mutex mutex;
  std::vector<Event::Kind> events;
  Server::Builder builder = Builder();
  builder.OnEvent([&](const Event& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    events.push_back(event.kind);
  });
  auto server = Start(std::move(builder));
  // The pulse that reports readiness may come a little after it.
  ASSERT_TRUE(Within(10s, [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return events.size() == 2;
  }));
  int later = 0;
  const uint64_t id = server->Subscribe([&](const Event&) { ++later; });
  server->Unsubscribe(id);
  EXPECT_EQ(server->Shutdown(10s), Status());
  EXPECT_THAT(events, ElementsAre(Event::Kind::kStarted, Event::Kind::kReady,
                                  Event::Kind::kStopping, Event::Kind::kStopped));
  EXPECT_EQ(later, 0);
}

TEST_F(ServerTest, TellsNothingBetweenItsStopAndItsEnd) {
  std::vector<Event::Kind> events;
  std::promise<void> ready;
  Server::Builder builder = Builder();
  builder.OnEvent([&](const Event& event) { events.push_back(event.kind); })
      .LogTo([&](std::string_view line) {
        if (line.find("ready") == std::string_view::npos) return;
        ready.set_value();
        // Meanwhile the node is told to stop; the event comes after the line.
        std::this_thread::sleep_for(50ms);
      });
  auto server = Start(std::move(builder));
  ready.get_future().wait();
  EXPECT_EQ(server->Shutdown(10s), Status());
  EXPECT_THAT(events, ElementsAre(Event::Kind::kStarted, Event::Kind::kReady,
                                  Event::Kind::kStopping, Event::Kind::kStopped));
}

TEST_F(ServerTest, ChangesTheLevelOfItsLog) {
  const auto server = Start(Builder());
  EXPECT_EQ(server->log_level(), LogLevel::kInfo);
  server->SetLogLevel(LogLevel::kDebug);
  EXPECT_EQ(server->log_level(), LogLevel::kDebug);
}

TEST_F(ServerTest, RefusesWhatItHasNot) {
  const auto server = Start(Builder());
  EXPECT_EQ(server->ReloadTls().message(), "this node has no TLS to reload");
  EXPECT_EQ(server->Join(), Status());  // a node alone has nobody to join
}

TEST_F(ServerTest, NamesEverySettingThatIsWrong) {
  Server::Builder builder;
  builder.Configuration("lgo: {level: debug}\n", "q.yaml").Shards(0).Set("log.levle", "info");
  const std::string problems = builder.Check().message();
  EXPECT_THAT(problems, HasSubstr("q.yaml:1:1: unknown setting 'lgo'"));
  EXPECT_THAT(problems, HasSubstr("did you mean 'log'?"));
  EXPECT_THAT(problems, HasSubstr("Builder::Shards: '0' is not a whole number"));
  EXPECT_THAT(problems,
              HasSubstr("Builder::Set: unknown setting 'levle' in log; did you mean 'level'?"));
  EXPECT_EQ(builder.Start().status().message(), problems);
}

TEST_F(ServerTest, LetsLaterSettingsWin) {
  Server::Builder builder;
  builder.Configuration("data: one\nlog: {level: error, format: json}\n")
      .Arguments({"--data", "two"})
      .Set("log.level", "debug");
  EXPECT_EQ(*builder.DataDirectory(), "two");
  EXPECT_EQ(*builder.ConfiguredLogLevel(), LogLevel::kDebug);
}

TEST_F(ServerTest, ChecksFilesThatSettingsName) {
  Server::Builder builder;
  PoolSettings pool = AnyPort();
  pool.password_file = "/nonexistent";
  EXPECT_THAT(builder.Pool(pool).Check().message(), HasSubstr("cannot read '/nonexistent'"));
  Server::Builder tls;
  tls.Set("tls.certificate", "/nonexistent/c").Set("tls.key", "k").Set("tls.authority", "a");
  EXPECT_THAT(tls.Check().message(), HasSubstr("/nonexistent/c"));
}

TEST_F(ServerTest, TakesThePasswordOfAFile) {
  const std::string path = temporary_.path() + "/password";
  std::ofstream(path) << "s3cret\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  PoolSettings pool = AnyPort();
  pool.listen = "0.0.0.0:0";  // beyond loopback only with a password
  pool.password_file = path;
  Server::Builder builder;
  builder.Data(Data()).Pool(pool).LogTo([](std::string_view) {});
  EXPECT_EQ(builder.Check(), Status());
  const auto server = Start(std::move(builder));
  EXPECT_EQ(Call(*server, {"AUTH", "s3cret"}), "OK");
  EXPECT_THAT(Call(*server, {"AUTH", "wrong"}), StartsWith("(error) WRONGPASS"));
}

TEST_F(ServerTest, LeavesNothingOpenWhereItCannotStart) {
  const auto first = Start(Builder());
  // The directory is taken.
  auto second = Builder().Start();
  EXPECT_THAT(second.status().message(), HasSubstr("is in use by process"));
  // The address is taken; the directory is free again afterwards.
  const std::string other = temporary_.path() + "/other";
  PoolSettings taken = AnyPort();
  taken.listen = first->addresses().pools[0].address;
  for (int i = 0; i < 2; ++i) {
    Server::Builder builder;
    auto third = builder.Data(other).Pool(taken).LogTo([](std::string_view) {}).Start();
    EXPECT_THAT(third.status().message(), HasSubstr(taken.listen));
  }
}

TEST_F(ServerTest, AsksForAPasswordOnItsSocketsButNotInProcess) {
  Server::Builder builder;
  PoolSettings pool = AnyPort();
  pool.password = "s3cret";
  builder.Data(Data()).Pool(pool).LogTo([](std::string_view) {});
  const auto server = Start(std::move(builder));
  EXPECT_EQ(Call(*server, {"SET", "k", "v"}), "OK");
  EXPECT_THAT(Call(*server, {"CONFIG", "GET", "requirepass"}), Not(HasSubstr("s3cret")));
}

TEST_F(ServerTest, IsDrivenByItsCallerInTheInlineForm) {
  Server::Builder builder = Builder();
  auto started = builder.Inline().Start();
  ASSERT_TRUE(started.ok()) << started.status().ToString();
  Server& server = **started;
  EXPECT_EQ(server.WaitReady(1s).code(), Code::kFailedPrecondition);
  for (int i = 0; i < 1000 && !server.ready(); ++i) server.Poll(10ms);
  ASSERT_TRUE(server.ready());
  std::string answer;
  server.Call({"SET", "k", "v"}, [&](const Result<Reply>& reply) { answer = ToString(*reply); });
  for (int i = 0; i < 1000 && answer.empty(); ++i) server.Poll(10ms);
  EXPECT_EQ(answer, "OK");
  EXPECT_GE(server.fd(), 0);
  EXPECT_EQ(server.stats().commands, 1U);
  // With nobody to serve it wants to be called at a time to come, or never: no loop spins for it.
  using Time = std::chrono::steady_clock::time_point;
  const auto rests = [&server] { return server.NextDeadline() == Time::max(); };
  for (int i = 0; i < 1000 && !rests(); ++i) server.Poll(10ms);
  EXPECT_TRUE(rests());
  EXPECT_EQ(server.Shutdown(10s), Status());
}

TEST_F(ServerTest, RefusesTheInlineFormWithSeveralShards) {
  Server::Builder builder = Builder();
  const auto started = builder.Inline().Shards(2).Start();
  EXPECT_THAT(started.status().message(), HasSubstr("the inline form has one shard"));
}

TEST_F(ServerTest, IsBackedUpAndRestored) {
  const std::string file = temporary_.path() + "/backup";
  const std::string copy = temporary_.path() + "/copy";
  {
    const auto server = Start(Builder());
    Call(*server, {"SET", "k", "v"});
    EXPECT_THAT(Backup(Data(), file).message(), HasSubstr("is in use"));
  }
  EXPECT_EQ(Backup(Data(), file), Status());
  EXPECT_THAT(Backup(Data(), file).message(), HasSubstr("exists"));
  EXPECT_THAT(Backup(temporary_.path() + "/none", file + "2").message(),
              HasSubstr("is no data directory"));
  EXPECT_EQ(Restore(copy, file), Status());
  EXPECT_THAT(Restore(Data(), file).message(), HasSubstr("not empty"));
  Server::Builder builder;
  builder.Data(copy).Pool(AnyPort()).LogTo([](std::string_view) {});
  const auto server = Start(std::move(builder));
  EXPECT_EQ(Call(*server, {"GET", "k"}), "\"v\"");
}

TEST_F(ServerTest, ServesItsAdminPage) {
  Server::Builder builder = Builder();
  builder.Set("admin.listen", "127.0.0.1:0");
  const auto server = Start(std::move(builder));
  EXPECT_THAT(server->addresses().admin, StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace quorate
