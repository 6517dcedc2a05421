// SPDX-License-Identifier: Apache-2.0
// Makes what mutual TLS between nodes needs: one authority for a cluster, and a certificate for
// each node, signed by it.
//
// A node's certificate names its identity as a URI (io/tls/identity.h): the cluster and the node's
// id, which is derived from the seat's name as in a configuration. A peer is let in only if the
// authority signed its certificate and the identity is the one it claims to have. Keys are EC
// P-256, signatures SHA-256 [RFC 5480, 5280].
//
// Files, readable by their owner only: authority.pem and authority.key, NODE.pem and NODE.key. An
// authority that is already in the folder is used again, so nodes can be added and renewed later.
// Only NODE.pem, NODE.key and authority.pem belong on a node; authority.key stays with the
// operator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "io/cert/limits.h"

namespace quorate::io {

struct CertificateNode {
  std::string name;                     // of the seat; names the files
  std::vector<std::string> hosts = {};  // names and IP addresses that clients reach it by
  uint64_t disk = 1;
  std::optional<NodeId> node_id = {};  // in place of the derived one
};

struct CertificatePlan {
  std::string cluster;
  std::string folder;  // made where it does not exist
  std::vector<CertificateNode> nodes;
  int days = kNodeCertificateDays;
  int authority_days = kAuthorityCertificateDays;
  bool renew = false;  // replace certificates of nodes that exist
  // Moves the time of validity, for tests of certificates that have expired or are not valid yet.
  long shift_seconds = 0;
};

// "name", "name=host,address,...": the seat, or "name#2" where it has its second disk; a node that
// has another id than the derived one is "name@0123456789abcdef".
[[nodiscard]] absl::StatusOr<CertificateNode> ParseCertificateNode(std::string_view text);

// The paths written, in order. InvalidArgument for a plan that makes no sense; FailedPrecondition
// where a node's files exist and are not to be renewed, or the authority in the folder is of
// another cluster or broken. Nothing is written then.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> MakeCertificates(
    const CertificatePlan& plan);

}  // namespace quorate::io
