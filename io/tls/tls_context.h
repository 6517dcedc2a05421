// SPDX-License-Identifier: Apache-2.0
// What a TLS connection is made from: keys, whom to trust, and who must be at the other end.
// TLS 1.3 only.
#pragma once

#include <optional>
#include <string>

#include "engine/base/status.h"
#include "io/tls/identity.h"
#include "io/tls/openssl_handles.h"
#include "io/tls/tls_material.h"

namespace quorate::io {

// Between nodes: both ends show a certificate of the authority that names the cluster and a node.
// InvalidArgument, with the reason, where the material is unusable: malformed, expired, its key
// does not fit, or it does not name `self`.
absl::StatusOr<SslContextHandle> MakePeerContext(const TlsMaterial& material,
                                                 const NodeIdentity& self);

// For clients: this end shows its certificate; clients must show one too where `verify_clients`.
absl::StatusOr<SslContextHandle> MakeClientListenerContext(const TlsMaterial& material,
                                                           bool verify_clients);

// The far end of `make clients`: verifies the server by the authority, and by its name where `host`
// is checked by the stream. Shows a certificate where the material has one.
absl::StatusOr<SslContextHandle> MakeClientContext(const TlsMaterial& material);

// The identity that a certificate carries. FailedPrecondition, saying what is wrong, where it names
// none or several.
absl::StatusOr<NodeIdentity> IdentityOf(X509* certificate);

}  // namespace quorate::io
