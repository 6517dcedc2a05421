// SPDX-License-Identifier: Apache-2.0
// A closed-loop load generator for servers that speak RESP. On a small machine the client is often
// the limit of a measurement, so this one does as little as it can for a request: each connection
// has its batch of requests prepared once, only the keys in it are rewritten, and replies are
// counted without being copied. One thread, one epoll, no dependency.
//
//   quorate-load --port 7379 --op set --keys 1000000 --connections 50 --pipeline 16 --seconds 5
//
// prints one line of JSON. `--op fill` sets every key exactly once instead of random ones.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/histogram.h"
#include "tests/bench/reply_counter.h"

namespace quorate::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kKeyBytes = 16;
constexpr size_t kReadBytes = size_t{64} << 10;
constexpr int kEventsPerWait = 256;

enum class Op : uint8_t { kFill, kSet, kGet, kIncr, kPing };

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 7379;
  Op op = Op::kGet;
  uint64_t keys = 1'000'000;
  uint64_t value_bytes = 64;
  uint64_t connections = 50;
  uint64_t pipeline = 1;
  uint64_t seconds = 5;
  uint64_t seed = 1;
  uint64_t timeout = 30;  // seconds without any reply
};

[[noreturn]] void Fail(const std::string& reason) {
  std::fprintf(stderr, "quorate-load: %s\n", reason.c_str());
  std::exit(2);
}

uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The key of number `index`: 16 hexadecimal digits without any order.
void WriteKey(uint64_t index, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  uint64_t bits = Mix(index);
  for (size_t i = 0; i < kKeyBytes; ++i, bits >>= 4) out[i] = kDigits[bits & 15];
}

void AppendBulk(std::string& out, std::string_view bytes) {
  out += "$" + std::to_string(bytes.size()) + "\r\n";
  out += bytes;
  out += "\r\n";
}

// One request, with a place for the key that is rewritten before each use.
struct Template {
  std::string bytes;
  size_t key_at = 0;
  bool has_key = true;
};

Template MakeTemplate(const Options& options) {
  Template made;
  const bool set = options.op == Op::kFill || options.op == Op::kSet;
  made.has_key = options.op != Op::kPing;
  made.bytes = "*" + std::to_string(1 + (made.has_key ? 1 : 0) + (set ? 1 : 0)) + "\r\n";
  AppendBulk(made.bytes, set                       ? "SET"
                         : options.op == Op::kGet  ? "GET"
                         : options.op == Op::kIncr ? "INCR"
                                                   : "PING");
  if (made.has_key) {
    AppendBulk(made.bytes, std::string(kKeyBytes, '0'));
    made.key_at = made.bytes.size() - kKeyBytes - 2;
  }
  if (set) AppendBulk(made.bytes, std::string(options.value_bytes, 'v'));
  return made;
}

int Connect(const Options& options) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) {
    Fail("--host takes an IPv4 address");
  }
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof generic);
  if (fd < 0 || ::connect(fd, &generic, sizeof generic) != 0) {
    Fail("cannot connect to port " + std::to_string(options.port) + ": " + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

struct Connection {
  int fd = -1;
  std::string batch;
  uint64_t requests = 0;  // in the batch
  size_t written = 0;
  uint64_t replies_due = 0;
  Clock::time_point sent;
  ReplyCounter counter;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), request_(MakeTemplate(options)), stream_(Mix(options.seed)) {}

  int Run() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (uint64_t i = 0; i < options_.connections; ++i) Open();
    const auto start = Clock::now();
    end_ = start + std::chrono::seconds(options_.seconds);
    last_ = start;
    for (auto& connection : connections_) SendBatch(*connection);
    while (busy_ > 0) Wait();
    Print(std::chrono::duration<double>(last_ - start).count());
    return errors_ == 0 ? 0 : 1;
  }

 private:
  void Open() {
    auto connection = std::make_unique<Connection>();
    connection->fd = Connect(options_);
    for (uint64_t i = 0; i < options_.pipeline; ++i) connection->batch += request_.bytes;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = connection.get();
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
    connections_.push_back(std::move(connection));
  }

  // The next batch, or nothing where the end is reached.
  void SendBatch(Connection& connection) {
    connection.requests = options_.pipeline;
    if (options_.op == Op::kFill) {
      connection.requests = std::min(options_.pipeline, options_.keys - filled_);
    } else if (last_ >= end_) {
      connection.requests = 0;
    }
    if (connection.requests == 0) return;
    ++busy_;
    if (request_.has_key) {
      for (uint64_t i = 0; i < connection.requests; ++i) {
        const uint64_t index = options_.op == Op::kFill ? filled_++ : NextIndex();
        WriteKey(index, connection.batch.data() + i * request_.bytes.size() + request_.key_at);
      }
    }
    connection.written = 0;
    connection.replies_due = connection.requests;
    connection.sent = Clock::now();
    Write(connection);
  }

  uint64_t NextIndex() {
    stream_ += 0x9e3779b97f4a7c15u;
    return Mix(stream_) % options_.keys;
  }

  void Write(Connection& connection) {
    const size_t size = connection.requests * request_.bytes.size();
    while (connection.written < size) {
      const ssize_t n = ::send(connection.fd, connection.batch.data() + connection.written,
                               size - connection.written, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return;
      if (n < 0) Fail(std::string("write: ") + std::strerror(errno));
      connection.written += static_cast<size_t>(n);
    }
  }

  void Wait() {
    std::array<epoll_event, kEventsPerWait> events;
    const int n = ::epoll_wait(epoll_, events.data(), kEventsPerWait,
                               static_cast<int>(options_.timeout) * 1000);
    if (n == 0) Fail("no reply for " + std::to_string(options_.timeout) + " seconds");
    for (int i = 0; i < n; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      if (connection.replies_due == 0) continue;
      Write(connection);
      Read(connection);
    }
  }

  void Read(Connection& connection) {
    const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) Fail("the server closed a connection");
    const uint64_t replies =
        connection.counter.Take({buffer_.data(), static_cast<size_t>(n)}, errors_, first_error_);
    if (replies > connection.replies_due) Fail("more replies than requests");
    connection.replies_due -= replies;
    if (replies == 0) return Read(connection);
    last_ = Clock::now();
    const auto waited =
        std::chrono::duration_cast<std::chrono::nanoseconds>(last_ - connection.sent);
    latencies_.Add(static_cast<uint64_t>(waited.count()), replies);
    operations_ += replies;
    if (connection.replies_due > 0) return Read(connection);
    --busy_;
    SendBatch(connection);
  }

  void Print(double seconds) const {
    const auto micros = [&](double share) {
      return static_cast<double>(latencies_.Quantile(share)) / 1000.0;
    };
    std::printf(
        "{\"operations\":%llu,\"seconds\":%.4f,\"per_second\":%.0f,\"p50_us\":%.1f,"
        "\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"errors\":%llu}\n",
        static_cast<unsigned long long>(operations_), seconds,
        static_cast<double>(operations_) / seconds, micros(0.5), micros(0.99), micros(0.999),
        micros(1.0), static_cast<unsigned long long>(errors_));
    if (errors_ > 0) std::fprintf(stderr, "first error: %s\n", first_error_.c_str());
  }

  const Options options_;
  const Template request_;
  uint64_t stream_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::array<char, kReadBytes> buffer_;
  Clock::time_point end_;
  Clock::time_point last_;
  uint64_t busy_ = 0;  // connections that wait for replies
  uint64_t filled_ = 0;
  uint64_t operations_ = 0;
  uint64_t errors_ = 0;
  std::string first_error_;
  Histogram latencies_;
};

Op OpOf(std::string_view name) {
  if (name == "fill") return Op::kFill;
  if (name == "set") return Op::kSet;
  if (name == "get") return Op::kGet;
  if (name == "incr") return Op::kIncr;
  if (name == "ping") return Op::kPing;
  Fail("--op is one of fill, set, get, incr, ping");
}

uint64_t NumberOf(std::string_view name, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    Fail(std::string(name) + " takes a number");
  }
  return value;
}

Options Parse(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    const std::string& value = arguments[i + 1];
    if (name == "--host") {
      options.host = value;
    } else if (name == "--op") {
      options.op = OpOf(value);
    } else if (name == "--port") {
      options.port = static_cast<uint16_t>(NumberOf(name, value));
    } else if (name == "--keys") {
      options.keys = NumberOf(name, value);
    } else if (name == "--value-bytes") {
      options.value_bytes = NumberOf(name, value);
    } else if (name == "--connections") {
      options.connections = NumberOf(name, value);
    } else if (name == "--pipeline") {
      options.pipeline = NumberOf(name, value);
    } else if (name == "--seconds") {
      options.seconds = NumberOf(name, value);
    } else if (name == "--seed") {
      options.seed = NumberOf(name, value);
    } else if (name == "--timeout") {
      options.timeout = NumberOf(name, value);
    } else {
      Fail("unknown option " + name);
    }
  }
  if (arguments.size() % 2 != 0) Fail("each option takes a value");
  if (options.keys == 0 || options.pipeline == 0) Fail("--keys and --pipeline are at least 1");
  return options;
}

}  // namespace
}  // namespace quorate::bench

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return quorate::bench::Load(quorate::bench::Parse(arguments)).Run();
}
