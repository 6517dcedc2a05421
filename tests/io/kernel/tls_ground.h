// SPDX-License-Identifier: Apache-2.0
// The certificates of the simulated nodes, made once per process. Their kind of key signs in a
// fixed number of bytes, so a handshake is as long in every run.
#pragma once

#include "io/tls/tls_context.h"
#include "io/tls/tls_transport.h"
#include "tests/io/net/link_pair.h"
#include "tests/io/tls/test_authority.h"

namespace quorate::io {

struct TlsGround {
  TestAuthority authority{"ED25519"};
  TlsMaterial a = authority.Issue(NodeIdentity{"test", kNodeA});
  TlsMaterial b = authority.Issue(NodeIdentity{"test", kNodeB});
  SslContextHandle client = *MakeClientContext({{}, {}, authority.pem()});

  static TlsGround& Of() {
    static TlsGround ground;
    return ground;
  }
};

}  // namespace quorate::io
