// SPDX-License-Identifier: Apache-2.0
#include "tests/io/kernel/client_actor.h"

#include <array>

#include "io/net/plain_stream.h"
#include "io/tls/tls_stream.h"
#include "tests/io/kernel/tls_ground.h"

namespace quorate::io {
namespace {

constexpr std::string_view kRefusal = "-ERR max number of clients reached\r\n";

// Who has more to say than this hurries.
constexpr size_t kMuch = 500'000;

}  // namespace

std::string ClientActor::Describe() const {
  return Format("manner %d to %s%s: said %d of %d, heard %d of %d",
                static_cast<int>(conversation_.manner), address_, tls_ ? " (TLS)" : "", said_,
                conversation_.request.size(), heard_, conversation_.expected.size());
}

bool ClientActor::Open(Instant now) {
  auto socket = tcp_.Dial(address_);
  if (!socket.ok()) {
    next_ = now + 10ms;  // no descriptor now
    return false;
  }
  began_ = now;
  auto below = std::make_unique<PlainStream>(kernel_, *std::move(socket), /*connecting=*/true);
  if (tls_) {
    stream_ = *TlsStream::Create(TlsGround::Of().client.get(), TlsStream::Role::kClient,
                                 std::move(below), {});
  } else {
    stream_ = std::move(below);
  }
  return true;
}

void ClientActor::End(bool content) {
  const Endpoint* const endpoint = kernel_.Find(stream_->fd());
  content_ = content || endpoint->lossy;
  finished_ = true;
  stream_.reset();
}

void ClientActor::Act(Instant now, bool faults_over) {
  const bool much = conversation_.request.size() - said_ > kMuch;
  next_ = now + Duration(static_cast<int64_t>(50 + draws_.Below(much ? 100 : 3'000)));
  if (stream_ == nullptr && !Open(now)) return;
  if (conversation_.manner == Manner::kLeaves && draws_.Chance(1, 12)) return End(true);
  if (!Speak() || !Hear(faults_over)) return;
  const bool waits =
      conversation_.manner != Manner::kHalfCloses && conversation_.manner != Manner::kStranger;
  if (waits && heard_ == conversation_.expected.size()) End(true);
}

// False where the connection ended.
bool ClientActor::Speak() {
  const std::string_view rest = std::string_view(conversation_.request).substr(said_);
  const size_t most = 1 + draws_.Below(rest.size() > kMuch ? 40'000 : 4'000);
  const StreamResult result = stream_->Write(rest.substr(0, most));
  said_ += result.bytes;
  if (result.state == StreamState::kFailed) {
    // The last words of the other end may wait to be read.
    if (Hear(/*faults_over=*/true)) End(conversation_.manner == Manner::kStranger);
    return false;
  }
  const bool ends =
      conversation_.manner == Manner::kHalfCloses || conversation_.manner == Manner::kStranger;
  if (ends && !ended_side_ && said_ == conversation_.request.size() && stream_->established() &&
      !stream_->pending_output()) {
    stream_->Shutdown();
    ended_side_ = true;
  }
  return true;
}

bool ClientActor::Hear(bool faults_over) {
  if (conversation_.manner == Manner::kReadsNothing && !faults_over) return true;
  std::array<char, 8192> space;
  const bool slow = conversation_.manner == Manner::kReadsSlowly;
  const size_t most = slow ? 1 + draws_.Below(200) : space.size();
  for (int i = 0; i < (slow ? 1 : 8); ++i) {
    const StreamResult result = stream_->Read({space.data(), most});
    Judge({space.data(), result.bytes});
    if (result.state == StreamState::kClosed || result.state == StreamState::kFailed) {
      End(conversation_.manner == Manner::kStranger || conversation_.manner == Manner::kLeaves ||
          heard_ == conversation_.expected.size());
      return false;
    }
    if (result.state == StreamState::kBlocked && result.bytes == 0) break;
  }
  return true;
}

void ClientActor::Judge(std::string_view bytes) {
  const std::string_view expected(conversation_.expected);
  const bool right = expected.substr(std::min(heard_, expected.size())).starts_with(bytes) ||
                     kRefusal.substr(std::min(heard_, kRefusal.size())).starts_with(bytes);
  heard_ += bytes.size();
  if (right || conversation_.manner == Manner::kStranger || !failure_.empty()) return;
  failure_ = Describe() + ": heard something else: " + std::string(bytes.substr(0, 40));
}

}  // namespace quorate::io
