// SPDX-License-Identifier: Apache-2.0
// The transports that come with quorate, behind the hook.
#include "io/api/status_bridge.h"
#include "io/api/transport_bridge.h"
#include "io/net/client_limits.h"
#include "io/net/limits.h"
#include "io/net/tcp_transport.h"
#include "io/reactor/kernel.h"
#include "io/tls/tls_transport.h"

namespace quorate {
namespace api {
namespace {

io::TcpOptions OptionsOf(const TcpTuning& tuning) {
  return {tuning.keep_alive, tuning.silence_max};
}

io::TlsMaterial MaterialOf(const Credentials& credentials) {
  return {credentials.certificate, credentials.key, credentials.authority};
}

std::chrono::milliseconds Milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

// What a transport stands on; outlives it.
struct Ground {
  explicit Ground(const TcpTuning& tuning) : tcp(kernel, OptionsOf(tuning)) {}
  io::LinuxKernel kernel;
  io::TcpTransport tcp;
};

class TcpHook final : public OwnTransport {
 public:
  explicit TcpHook(std::unique_ptr<Ground> ground)
      : OwnTransport(ground->tcp), ground_(std::move(ground)) {}

 private:
  const std::unique_ptr<Ground> ground_;
};

class TlsHook final : public OwnTransport {
 public:
  TlsHook(std::unique_ptr<Ground> ground, std::unique_ptr<io::TlsTransport> tls)
      : OwnTransport(*tls), ground_(std::move(ground)), tls_(std::move(tls)) {}
  Status Reload(const Credentials& credentials) override {
    return ToPublic(tls_->Reload(MaterialOf(credentials)));
  }

 private:
  const std::unique_ptr<Ground> ground_;
  const std::unique_ptr<io::TlsTransport> tls_;
};

Result<std::unique_ptr<Transport>> Hook(std::unique_ptr<Ground> ground,
                                        absl::StatusOr<std::unique_ptr<io::TlsTransport>> tls) {
  if (!tls.ok()) return ToPublic(tls.status());
  return std::unique_ptr<Transport>(std::make_unique<TlsHook>(std::move(ground), *std::move(tls)));
}

}  // namespace
}  // namespace api

TcpTuning PeerTuning() {
  return {std::chrono::milliseconds(0), api::Milliseconds(io::kLinkSilenceMax)};
}

TcpTuning ClientTuning() {
  return {api::Milliseconds(io::ClientLimits().keep_alive), std::chrono::milliseconds(0)};
}

std::unique_ptr<Transport> MakeTcpTransport(const TcpTuning& tuning) {
  return std::make_unique<api::TcpHook>(std::make_unique<api::Ground>(tuning));
}

Result<std::unique_ptr<Transport>> MakePeerTlsTransport(const std::string& cluster, uint64_t node,
                                                        const Credentials& credentials) {
  auto ground = std::make_unique<api::Ground>(PeerTuning());
  auto tls = io::TlsTransport::ForPeers(ground->tcp, api::MaterialOf(credentials),
                                        {cluster, NodeId{node}});
  return api::Hook(std::move(ground), std::move(tls));
}

Result<std::unique_ptr<Transport>> MakeClientTlsTransport(const Credentials& credentials) {
  auto ground = std::make_unique<api::Ground>(ClientTuning());
  auto tls = io::TlsTransport::ForClients(ground->tcp, api::MaterialOf(credentials), false);
  return api::Hook(std::move(ground), std::move(tls));
}

}  // namespace quorate
