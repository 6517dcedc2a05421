// SPDX-License-Identifier: Apache-2.0
#include "tests/io/kernel/kernel_world.h"

#include <algorithm>

#include "adapters/resp/limits.h"
#include "io/http/limits.h"
#include "io/net/limits.h"

namespace quorate::io {
namespace {

constexpr Duration kFaultTime = 2s;
// Enough for every timeout of a listener, link, stranger and admin connection.
constexpr Duration kHealTime = 40s;
constexpr Duration kQuietTime = 3s;
// One round of a node costs this much at least, so that a node that spins is seen to.
constexpr uint64_t kRoundMicros = 20;
constexpr uint64_t kRoundsMax = 200'000;
// A sweep a second and a few stragglers.
constexpr uint64_t kQuietRoundsMax = 30;
// Three listeners that try every 100 ms, and a few that try at once when they are told anew.
constexpr uint64_t kExhaustedPerSecondMax = 60;

// What the session holds back for a slow reader, and what one more tick can add to it.
constexpr size_t kBufferedMax = resp::kOutputBytesMax + 4 * kReadBytesPerTick;

bool OneIn(uint64_t draw, uint64_t one_of) { return draw % one_of == 0; }

ClientLimits DrawLimits(uint64_t seed) {
  ClientLimits limits;
  if (OneIn(KeyedHash(seed, 1), 6)) limits.clients_max = 2;
  if (OneIn(KeyedHash(seed, 2), 3)) limits.output_bytes_max = 2'000;
  if (OneIn(KeyedHash(seed, 3), 8)) limits.idle_timeout = 1s;
  return limits;
}

size_t DrawDescriptors(uint64_t seed) { return OneIn(KeyedHash(seed, 4), 3) ? 11 : 1'000; }

}  // namespace

KernelWorld::KernelWorld(uint64_t seed)
    : seed_(seed),
      draws_(KeyedHash(seed, 5)),
      tls_(OneIn(KeyedHash(seed, 6), 3)),
      network_(seed),
      server_kernel_(network_, 1, DrawDescriptors(seed)),
      link_kernel_(network_, 2, 1'000),
      client_kernel_(network_, 3, 1'000),
      limits_(DrawLimits(seed)) {}

void KernelWorld::Check(bool holds, const std::string& what) {
  if (!holds) result_.failures.push_back(what);
}

void KernelWorld::MakeClients() {
  const uint64_t count = draws_.Between(2, 10);
  for (uint64_t i = 0; i < count; ++i) {
    const auto manner = static_cast<Manner>(draws_.Below(static_cast<uint64_t>(Manner::kCount)));
    const Instant begin = network_.now() + Duration(static_cast<int64_t>(draws_.Below(1'000'000)));
    const uint64_t seed = draws_.Next();
    uint16_t port = ServerNode::kClientPort;
    bool tls = tls_;
    Conversation conversation = Echoes(seed, manner);
    if (manner == Manner::kStranger) {
      port = static_cast<uint16_t>(port + draws_.Below(3));
      stranger_peer_ = stranger_peer_ || port == ServerNode::kPeerPort;
      conversation = Nonsense(seed);
      tls = false;
    } else if (draws_.Chance(1, 4)) {
      port = ServerNode::kAdminPort;
      conversation = Scrape(seed, manner);
      tls = false;
    }
    clients_.push_back(std::make_unique<ClientActor>(client_kernel_, Format("127.0.0.1:%d", port),
                                                     tls, draws_.Next(), begin,
                                                     std::move(conversation)));
  }
}

// A node that finds no descriptor says so, leaves none behind, and may try again.
template <typename Node>
void KernelWorld::OpenNode(Node& node) {
  SimKernel& kernel = std::is_same_v<Node, ServerNode> ? server_kernel_ : link_kernel_;
  for (int i = 0; i < 100; ++i) {
    const absl::Status opened = node.Open();
    if (opened.ok()) return;
    Check(kernel.open() == 0, "a start that failed left descriptors open");
    network_.AdvanceTo(network_.now() + 50ms);
  }
  network_.faults().Stop();
  Check(node.Open().ok(), "a node does not open");
}

void KernelWorld::ServerTurn() {
  ++server_rounds_;
  server_->Round(!faults_over_ && draws_.Chance(1, 10));
  CheckFrames();
}

void KernelWorld::LinkTurn() {
  if (sends_ && network_.now() >= send_at_) {
    const uint64_t messages = draws_.Between(1, 4);
    for (uint64_t i = 0; i < messages; ++i)
      link_->Send(draws_.Below(uint64_t{16} << draws_.Below(11)));
    send_at_ = network_.now() + Duration(static_cast<int64_t>(draws_.Below(30'000)));
  }
  link_->Round();
}

// One turn of everyone who has something to do; false where nobody has.
bool KernelWorld::Turn() {
  bool any = false;
  const auto cost = [&] {
    any = true;
    network_.AdvanceTo(network_.now() +
                       Duration(static_cast<int64_t>(kRoundMicros + draws_.Below(80))));
  };
  if (server_ && server_->Due() <= network_.now()) {
    ServerTurn();
    cost();
  }
  if (link_ && (link_->Due() <= network_.now() || (sends_ && send_at_ <= network_.now()))) {
    LinkTurn();
    cost();
  }
  for (const auto& client : clients_) {
    if (client->finished() || client->next() > network_.now()) continue;
    client->Act(network_.now(), faults_over_);
    any = true;
  }
  return any;
}

void KernelWorld::RunUntil(Instant until) {
  while (network_.now() < until) {
    if (server_rounds_ > kRoundsMax) return Check(false, "the server spins");
    if (Turn()) continue;
    Instant next = std::min(until, network_.NextEvent());
    if (server_) next = std::min(next, server_->Due());
    if (link_) next = std::min(next, link_->Due());
    if (link_ && sends_) next = std::min(next, send_at_);
    for (const auto& client : clients_) {
      if (!client->finished()) next = std::min(next, client->next());
    }
    network_.AdvanceTo(next);
  }
}

bool KernelWorld::AllFinished() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->finished(); });
}

// None twice, each as it was sent, and in order on each connection. (What an earlier connection
// still had under way may come after what a later one brought.)
void KernelWorld::CheckFrames() {
  for (const wire::Frame& frame : server_->frames) {
    for (const wire::Envelope& envelope : frame.envelopes) {
      const auto& body = std::get<wire::Mutate>(envelope.message.body);
      const uint64_t number = body.id.value;
      Check(seen_.insert(number).second, "a message came twice");
      Check(number > last_[frame.header.epoch.value], "a message came out of order");
      last_[frame.header.epoch.value] = number;
      result_.frames = std::max(result_.frames, number);
      Check(body.cells == Filler(body.id.value, static_cast<size_t>(std::stoul(body.key))),
            "a message is not what was sent");
    }
  }
  server_->frames.clear();
}

void KernelWorld::CheckClients() {
  const bool sent_away =
      server_->clients().counters().evicted + server_->clients().counters().refused > 0;
  for (const auto& client : clients_) {
    Check(client->failure().empty(), client->failure());
    Check(client->finished(), "not finished: " + client->Describe());
    if (!client->finished()) continue;
    const bool late = network_.now() - client->began() > kHttpTimeout;
    Check(client->content() || sent_away || late, "bytes are lost: " + client->Describe());
    if (client->content()) ++result_.replies_complete;
  }
}

// Attempts keep their distance, and it grows: what five in a row take at least.
void KernelWorld::CheckBackoff() {
  const std::vector<Instant>& connects = link_kernel_.connects();
  constexpr size_t kRow = 5;
  for (size_t i = 1; i < connects.size(); ++i) {
    Check(connects[i] - connects[i - 1] >= kBackoffMin / 2, "a link does not wait");
    if (i < kRow) continue;
    Check(connects[i] - connects[i - kRow] >= kBackoffMin * 31 / 2, "the waits do not grow");
  }
}

// The faults stop: all must come right, in bounded time.
void KernelWorld::Heal() {
  network_.faults().Stop();
  faults_over_ = true;
  const Instant until = network_.now() + kHealTime;
  const uint64_t mark = link_->sent();
  const auto well = [&] { return AllFinished() && result_.frames > mark; };
  while (network_.now() < until && !well() && result_.failures.empty()) {
    RunUntil(network_.now() + 100ms);
  }
  Check(result_.frames > mark, "the link does not come back");
}

// Nobody wants anything: the server must sleep, and hold nothing for clients that left.
void KernelWorld::CheckQuiet() {
  sends_ = false;
  RunUntil(network_.now() + 2s);
  // One message alone, with nothing behind it that could push it on.
  link_->Send(10);
  const bool was_up = link_->up();
  RunUntil(network_.now() + 2s);
  Check(!was_up || result_.frames == link_->sent(), "the last message is stuck");
  link_.reset();
  RunUntil(network_.now() + kFirstFrameTimeout + 2s);
  const uint64_t rounds = server_rounds_;
  RunUntil(network_.now() + kQuietTime);
  Check(server_rounds_ - rounds <= kQuietRoundsMax, "the server does not sleep");
  Check(server_->connections() == 0,
        Format("%d connections are never let go", server_->connections()));
}

void KernelWorld::CheckEnd() {
  result_.evicted = server_->clients().counters().evicted;
  result_.refused = server_->clients().counters().refused;
  result_.buffered_most = server_->buffered_most();
  Check(result_.buffered_most <= kBufferedMax, "a client's buffers are beyond their limit");
  if (!tls_ && !stranger_peer_ && network_.faults().count(Fault::kNoMemory) == 0) {
    Check(server_->links().refused == 0, "a link that broke counts as refused");
  }
  server_.reset();
  link_.reset();
  clients_.clear();
  for (SimKernel* kernel : {&server_kernel_, &link_kernel_, &client_kernel_}) {
    Check(kernel->open() == 0, Format("%d descriptors are left open", kernel->open()));
    for (const std::string& violation : kernel->violations()) Check(false, violation);
    Check(kernel->exhausted_per_second() <= kExhaustedPerSecondMax,
          Format("accept was called %d times in a second without a descriptor",
                 kernel->exhausted_per_second()));
  }
}

WorldResult KernelWorld::Run() {
  server_ = std::make_unique<ServerNode>(server_kernel_, tls_, limits_);
  link_ = std::make_unique<LinkNode>(link_kernel_, tls_, KeyedHash(seed_, 7),
                                     Format("127.0.0.1:%d", ServerNode::kPeerPort));
  OpenNode(*server_);
  OpenNode(*link_);
  MakeClients();
  // A third of the worlds ends at any moment.
  const bool cut = OneIn(KeyedHash(seed_, 8), 3);
  const auto fault_micros = static_cast<uint64_t>(kFaultTime.count());
  RunUntil(network_.now() +
           (cut ? Duration(static_cast<int64_t>(draws_.Below(fault_micros))) : kFaultTime));
  if (!cut) {
    Heal();
    if (result_.failures.empty()) CheckClients();
    if (result_.failures.empty()) CheckQuiet();
  }
  CheckBackoff();
  CheckEnd();
  result_.hash = network_.hash();
  result_.calls = network_.calls();
  result_.tls = tls_;
  result_.faults = network_.faults().counts();
  return std::move(result_);
}

}  // namespace quorate::io
