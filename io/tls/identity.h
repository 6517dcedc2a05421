// SPDX-License-Identifier: Apache-2.0
// How a certificate names a node: the one place that knows, for those who make certificates and
// those who check them.
//
//   subject   O = cluster name, CN = name of the node (for people)
//   SAN URI   quorate://cluster/node, the node's id as 16 hexadecimal digits; this is what is
//   checked
// A node is client and server: where the certificate has an extended key usage it must allow both.
// A cluster name that holds other bytes than letters, digits, '-', '.', '_' and '~' is
// percent-encoded in the URI (RFC 3986, 2.1).
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/status.h"

namespace quorate::io {

struct NodeIdentity {
  std::string cluster;
  NodeId node;
  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};

inline constexpr std::string_view kIdentityScheme = "quorate://";

// 16 hexadecimal digits, lower case.
[[nodiscard]] std::string NodeHex(NodeId node);
// InvalidArgument for anything but 1 to 16 hexadecimal digits.
[[nodiscard]] absl::StatusOr<NodeId> ParseNodeHex(std::string_view text);

[[nodiscard]] std::string IdentityUri(const NodeIdentity& identity);
// InvalidArgument for text that IdentityUri never gives.
[[nodiscard]] absl::StatusOr<NodeIdentity> ParseIdentityUri(std::string_view uri);

}  // namespace quorate::io
