// SPDX-License-Identifier: Apache-2.0
// Each of the five hooks in the hands of a user: the node must really go through it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <quorate/certificates.h>
#include <quorate/server.h>

#include <atomic>
#include <fstream>
#include <map>
#include <thread>

#include "tests/io/api/free_addresses.h"
#include "tests/io/api/within.h"
#include "tests/io/disk/temporary_directory.h"

namespace quorate {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PoolSettings AnyPort(const std::string& durability = "") {
  PoolSettings pool;
  pool.name = "main";
  pool.listen = "127.0.0.1:0";
  pool.durability = durability;
  return pool;
}

std::unique_ptr<Server> Start(Server::Builder& builder) {
  auto server = builder.LogTo([](std::string_view) {}).Start();
  EXPECT_TRUE(server.ok()) << server.status().ToString();
  EXPECT_EQ((*server)->WaitReady(10s), Status());
  return *std::move(server);
}

std::string Call(Server& server, std::vector<std::string> command) {
  const auto reply = server.Call(std::move(command)).get();
  return reply.ok() ? ToString(*reply) : reply.status().ToString();
}

// Until the nodes have found each other a quorum is not there.
std::string CallUntilItWorks(Server& server, const std::vector<std::string>& command) {
  std::string answer;
  static_cast<void>(Within(10s, [&] {
    answer = Call(server, command);
    return !answer.starts_with("(error)");
  }));
  return answer;
}

using Rows = std::map<std::string, std::string, std::less<>>;

// A map that outlives the node, and answers from a thread of its own.
class MapDatastore final : public Datastore {
 public:
  MapDatastore(Rows& rows, std::atomic<int>& commits) : rows_(rows), commits_(commits) {}
  void Open(Done done) override {
    Later([done] { done({}); });
  }
  void Commit(const Changes& changes, bool, Done done) override {
    changes.ForEach([&](std::string_view key, std::optional<std::string_view> value) {
      if (value) {
        rows_[std::string(key)] = *value;
      } else {
        rows_.erase(std::string(key));
      }
    });
    ++commits_;
    Later([done] { done({}); });
  }
  void Sync(Done done) override { done({}); }
  void Get(std::string_view key,
           std::function<void(Result<std::optional<std::string>>)> done) override {
    const auto found = rows_.find(key);
    done(found == rows_.end() ? std::optional<std::string>() : found->second);
  }
  void Scan(const ScanRange& range, std::function<void(Result<ScanPage>)> done) override {
    // A page of one row each, so that the node must come back.
    ScanPage page;
    const auto row = rows_.lower_bound(range.begin);
    const bool found = row != rows_.end() && (range.end.empty() || row->first < range.end);
    if (found) page.rows.push_back({row->first, row->second});
    page.complete = !found;
    done(page);
  }
  void Close(Done done) override { done({}); }

 private:
  static void Later(std::function<void()> run) { std::thread(std::move(run)).detach(); }
  Rows& rows_;
  std::atomic<int>& commits_;
};

TEST(DatastoreHook, KeepsWhatTheNodeStores) {
  Rows rows;
  std::atomic<int> commits{0};
  for (const char* expected : {"1", "2"}) {
    Server::Builder builder;
    builder.Pool(AnyPort()).With(std::make_unique<MapDatastore>(rows, commits));
    const auto server = Start(builder);
    EXPECT_EQ(Call(*server, {"INCR", "n"}), expected);
    EXPECT_EQ(server->Shutdown(10s), Status());
  }
  EXPECT_GT(commits, 2);
  EXPECT_FALSE(rows.empty());
}

class FullDatastore final : public Datastore {
 public:
  void Open(Done done) override { done({Code::kDataLoss, "the disk is of another age"}); }
  void Commit(const Changes&, bool, Done done) override { done({}); }
  void Sync(Done done) override { done({}); }
  void Get(std::string_view,
           std::function<void(Result<std::optional<std::string>>)> done) override {
    done(std::optional<std::string>());
  }
  void Scan(const ScanRange&, std::function<void(Result<ScanPage>)> done) override {
    done(ScanPage());
  }
  void Close(Done done) override { done({}); }
};

TEST(DatastoreHook, TellsWhyItDoesNotOpen) {
  Server::Builder builder;
  const auto server = builder.Pool(AnyPort())
                          .With(std::make_unique<FullDatastore>())
                          .LogTo([](std::string_view) {})
                          .Start();
  EXPECT_EQ(server.status(), Status(Code::kDataLoss, "the disk is of another age"));
}

class ListSeeds final : public SeedsProvider {
 public:
  explicit ListSeeds(std::vector<Seat> seats) : seats_(std::move(seats)) {}
  void Fetch(std::function<void(Result<std::vector<Seat>>)> done) override { done(seats_); }

 private:
  std::vector<Seat> seats_;
};

class FailingSeeds final : public SeedsProvider {
 public:
  void Fetch(std::function<void(Result<std::vector<Seat>>)> done) override {
    done(Status(Code::kUnavailable, "the directory service is away"));
  }
};

std::vector<Seat> SeatsAt(const std::vector<std::string>& addresses) {
  std::vector<Seat> seats;
  for (size_t i = 0; i < addresses.size(); ++i) {
    Seat seat;
    seat.name = "n" + std::to_string(i);
    seat.address = addresses[i];
    seat.rack = "r" + std::to_string(i);
    seats.push_back(seat);
  }
  return seats;
}

Server::Builder ClusterNode(size_t index, const std::vector<Seat>& seats) {
  Server::Builder builder;
  builder.Cluster("demo")
      .Set("storage.engine", "memory")
      .OwnSeat("n" + std::to_string(index))
      .Pool(AnyPort("none"))
      .With(std::make_unique<ListSeeds>(seats));
  return builder;
}

TEST(SeedsHook, GivesTheSeatsOfACluster) {
  const std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  std::mutex mutex;
  std::vector<Event> events;
  Server::Builder first = ClusterNode(0, seats);
  first.OnEvent([&](const Event& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    events.push_back(event);
  });
  const auto a = Start(first);
  uint64_t id_of_b = 0;
  {
    Server::Builder second = ClusterNode(1, seats);
    const auto b = Start(second);
    id_of_b = b->stats().node_id;
    EXPECT_EQ(CallUntilItWorks(*a, {"SET", "k", "v"}), "OK");
    EXPECT_EQ(CallUntilItWorks(*b, {"GET", "k"}), "\"v\"");
    EXPECT_EQ(a->Join(), Status());
    EXPECT_GT(a->stats().peers_connected, 0U);
  }
  const auto count = [&](Event::Kind kind) {
    const std::lock_guard<std::mutex> lock(mutex);
    return std::count_if(events.begin(), events.end(), [&](const Event& event) {
      return event.kind == kind && event.node == id_of_b;
    });
  };
  EXPECT_TRUE(Within(10s, [&] { return count(Event::Kind::kNodeDown) > 0; }));
  EXPECT_GE(count(Event::Kind::kNodeUp), 1);
}

TEST(SeedsHook, TellsWhyThereAreNoSeats) {
  Server::Builder builder;
  builder.OwnSeat("a").With(std::make_unique<FailingSeeds>());
  EXPECT_THAT(builder.Check().message(), HasSubstr("seeds: the directory service is away"));
}

TEST(SeedsHook, IsCheckedLikeTheConfiguration) {
  std::vector<Seat> seats = SeatsAt({"localhost:1", "db.example:1"});
  EXPECT_THAT(ClusterNode(0, seats).Check().message(),
              HasSubstr("peers would speak with db.example:1 beyond this machine without TLS"));
  EXPECT_THAT(ClusterNode(7, seats).Check().message(), HasSubstr("no seat has the name 'n7'"));
}

TEST(SeedsHook, ReadsTokenFilesOfDynomite) {
  const io::TemporaryDirectory temporary;
  const std::string path = temporary.path() + "/seeds";
  std::ofstream(path) << "# one line per node\nlocalhost:1:r1:dc:0\nlocalhost:2:r2:dc:2147483648\n";
  const auto file = MakeFileSeeds(path, 32);
  std::vector<Seat> seats;
  file->Fetch([&](Result<std::vector<Seat>> result) { seats = *std::move(result); });
  ASSERT_EQ(seats.size(), 2U);
  EXPECT_EQ(seats[1].name, "localhost:2");
  EXPECT_EQ(seats[1].rack, "r2");
  EXPECT_EQ(seats[1].datacenter, "dc");
  EXPECT_EQ(seats[1].tokens, "2147483648");
  Server::Builder builder;
  builder.Configuration("pools: [{hash: murmur}]\nseat: 'localhost:2'\nseeds_file: " + path);
  EXPECT_EQ(builder.Check(), Status());
  std::ofstream(path) << "nonsense\n";
  EXPECT_THAT(builder.Check().message(), HasSubstr("is not host:port:rack:dc:tokens"));
}

TEST(SeedsHook, RefusesSeatsThatChangeWhileItRuns) {
  std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  class Growing final : public SeedsProvider {
   public:
    explicit Growing(std::vector<Seat> seats) : seats_(std::move(seats)) {}
    void Fetch(std::function<void(Result<std::vector<Seat>>)> done) override {
      done(seats_);
      if (++fetches_ == 2) seats_.push_back({.name = "new", .address = "localhost:9"});
    }

   private:
    std::vector<Seat> seats_;
    int fetches_ = 0;
  };
  Server::Builder builder = ClusterNode(0, seats);
  builder.With(std::make_unique<Growing>(seats));
  const auto server = Start(builder);
  Status status = server->Join();
  if (status.ok()) status = server->Join();
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("seat new is not in this epoch"));
}

class KeepingSink final : public MetricsSink {
 public:
  explicit KeepingSink(MetricsSnapshot& last, std::atomic<int>& emitted)
      : last_(last), emitted_(emitted) {}
  void Emit(const MetricsSnapshot& snapshot, std::function<void(Status)> done) override {
    last_ = snapshot;
    ++emitted_;
    done({});
  }
  [[nodiscard]] std::chrono::milliseconds interval() const override { return 20ms; }

 private:
  MetricsSnapshot& last_;
  std::atomic<int>& emitted_;
};

TEST(MetricsHook, IsGivenWhatTheNodeMeasures) {
  MetricsSnapshot last;
  std::atomic<int> emitted{0};
  Server::Builder builder;
  builder.Set("storage.engine", "memory")
      .Pool(AnyPort("none"))
      .With(std::make_unique<KeepingSink>(last, emitted));
  const auto server = Start(builder);
  Call(*server, {"SET", "k", "v"});
  const int before = emitted;
  EXPECT_TRUE(Within(10s, [&] { return emitted >= before + 2; }));
  EXPECT_EQ(server->Shutdown(10s), Status());
  int64_t commands = 0;
  for (const Metric& metric : last) {
    if (metric.name == "quorate_commands_total") commands = metric.samples.at(0).value;
  }
  EXPECT_EQ(commands, 1);
}

// Counts what goes through it, and leaves the work to the default.
class CountingTransport final : public Transport {
 public:
  explicit CountingTransport(std::atomic<int>& accepted)
      : below_(MakeTcpTransport(ClientTuning())), accepted_(accepted) {}
  Result<Listening> Listen(const std::string& address, bool share_port, bool first) override {
    return below_->Listen(address, share_port, first);
  }
  Result<int> Dial(const std::string& address) override { return below_->Dial(address); }
  Result<std::unique_ptr<Stream>> Accept(int socket) override {
    ++accepted_;
    return below_->Accept(socket);
  }
  Result<std::unique_ptr<Stream>> Connect(int socket, uint64_t expected) override {
    ++accepted_;
    return below_->Connect(socket, expected);
  }

 private:
  std::unique_ptr<Transport> below_;
  std::atomic<int>& accepted_;
};

TEST(TransportHook, MakesTheConnectionsOfPeers) {
  const std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  std::atomic<int> streams{0};
  Server::Builder first = ClusterNode(0, seats);
  first.WithPeerTransport(std::make_unique<CountingTransport>(streams));
  Server::Builder second = ClusterNode(1, seats);
  const auto a = Start(first);
  const auto b = Start(second);
  EXPECT_EQ(CallUntilItWorks(*a, {"SET", "k", "v"}), "OK");
  EXPECT_GE(streams, 2);  // one in, one out
}

class MemoryCrypto final : public CryptoProvider {
 public:
  MemoryCrypto(Credentials credentials, std::atomic<int>& loads)
      : credentials_(std::move(credentials)), loads_(loads) {}
  void Load(std::function<void(Result<Credentials>)> done) override {
    ++loads_;
    done(credentials_);
  }

 private:
  const Credentials credentials_;
  std::atomic<int>& loads_;
};

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Credentials CredentialsIn(const std::string& folder, const std::string& node) {
  return {Read(folder + "/" + node + ".pem"), Read(folder + "/" + node + ".key"),
          Read(folder + "/authority.pem")};
}

void MakeFiles(const std::string& folder, const std::string& cluster) {
  CertificateSettings settings;
  settings.cluster = cluster;
  settings.folder = folder;
  settings.nodes = {"n0", "n1"};
  const auto written = MakeCertificates(settings);
  ASSERT_TRUE(written.ok()) << written.status().ToString();
}

TEST(CryptoHook, ProtectsTheLinksOfPeers) {
  const io::TemporaryDirectory temporary;
  MakeFiles(temporary.path(), "demo");
  const std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  std::atomic<int> loads{0};
  std::atomic<int> reloads{0};
  Server::Builder first = ClusterNode(0, seats);
  first.With(std::make_unique<MemoryCrypto>(CredentialsIn(temporary.path(), "n0"), loads))
      .OnEvent([&](const Event& event) {
        if (event.kind == Event::Kind::kReloaded) ++reloads;
      });
  Server::Builder second = ClusterNode(1, seats);
  second.Set("tls.certificate", temporary.path() + "/n1.pem")
      .Set("tls.key", temporary.path() + "/n1.key")
      .Set("tls.authority", temporary.path() + "/authority.pem");
  const auto a = Start(first);
  const auto b = Start(second);
  EXPECT_EQ(CallUntilItWorks(*a, {"SET", "k", "v"}), "OK");
  EXPECT_EQ(CallUntilItWorks(*b, {"GET", "k"}), "\"v\"");
  const int before = loads;
  EXPECT_EQ(a->ReloadTls(), Status());
  EXPECT_EQ(loads, before + 1);
  EXPECT_EQ(reloads, 1);
}

TEST(CryptoHook, KeepsForeignNodesOut) {
  const io::TemporaryDirectory ours;
  const io::TemporaryDirectory theirs;
  MakeFiles(ours.path(), "demo");
  MakeFiles(theirs.path(), "demo");  // another authority with the same names
  const std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  std::atomic<int> loads{0};
  Server::Builder first = ClusterNode(0, seats);
  first.With(std::make_unique<MemoryCrypto>(CredentialsIn(ours.path(), "n0"), loads));
  Server::Builder second = ClusterNode(1, seats);
  second.With(std::make_unique<MemoryCrypto>(CredentialsIn(theirs.path(), "n1"), loads));
  Server::Builder third = ClusterNode(1, seats);  // plain TCP
  const auto a = Start(first);
  for (Server::Builder* builder : {&second, &third}) {
    const auto b = Start(*builder);
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(a->stats().peers_connected, 0U);
    EXPECT_EQ(b->stats().peers_connected, 0U);
  }
}

TEST(CryptoHook, ServesClientsOfANodeAloneWithAnyCertificate) {
  const io::TemporaryDirectory temporary;
  MakeFiles(temporary.path(), "demo");
  std::atomic<int> loads{0};
  Server::Builder builder;
  builder
      .Configuration(
          "pools: [{listen: '127.0.0.1:0', tls: yes, durability: none}]\n"
          "storage: {engine: memory}\n"
          "tls: {certificate: " +
          temporary.path() + "/n0.pem, key: " + temporary.path() +
          "/n0.key, authority: " + temporary.path() + "/authority.pem}\n")
      .With(std::make_unique<MemoryCrypto>(CredentialsIn(temporary.path(), "n0"), loads));
  const auto server = Start(builder);
  EXPECT_EQ(Call(*server, {"SET", "k", "v"}), "OK");
  EXPECT_EQ(server->ReloadTls(), Status());
}

TEST(CryptoHook, RefusesACertificateOfAnotherNode) {
  const io::TemporaryDirectory temporary;
  MakeFiles(temporary.path(), "demo");
  const std::vector<Seat> seats = SeatsAt(FreeAddresses(2));
  std::atomic<int> loads{0};
  Server::Builder builder = ClusterNode(0, seats);
  const auto server =
      builder.With(std::make_unique<MemoryCrypto>(CredentialsIn(temporary.path(), "n1"), loads))
          .LogTo([](std::string_view) {})
          .Start();
  EXPECT_EQ(server.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(server.status().message(), Not(IsEmpty()));
}

}  // namespace
}  // namespace quorate
