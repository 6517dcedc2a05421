// SPDX-License-Identifier: Apache-2.0
#include "io/tls/identity.h"

#include <algorithm>
#include <charconv>

namespace quorate::io {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsUnreserved(text[i])) {
      decoded.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] != '%' || text.size() - i < 3 ||
        std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
      return InvalidArgument("not percent-encoded");
    }
    decoded.push_back(static_cast<char>(value));
    i += 2;
  }
  return decoded;
}

}  // namespace

std::string NodeHex(NodeId node) { return Format("%016x", node.value); }

absl::StatusOr<NodeId> ParseNodeHex(std::string_view text) {
  NodeId node;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, node.value, 16);
  if (text.empty() || text.size() > 16 || error != std::errc() || parsed != end) {
    return InvalidArgument(Format("'%s' is not a node id: up to 16 hexadecimal digits", text));
  }
  return node;
}

std::string IdentityUri(const NodeIdentity& identity) {
  std::string uri(kIdentityScheme);
  for (const char c : identity.cluster) {
    if (IsUnreserved(c)) {
      uri.push_back(c);
    } else {
      uri += Format("%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return uri + "/" + NodeHex(identity.node);
}

absl::StatusOr<NodeIdentity> ParseIdentityUri(std::string_view uri) {
  const auto wrong = [&] {
    return InvalidArgument(Format("'%s' is not %scluster/node", uri, kIdentityScheme));
  };
  if (!uri.starts_with(kIdentityScheme)) return wrong();
  const std::string_view rest = uri.substr(kIdentityScheme.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong();
  const auto cluster = PercentDecode(rest.substr(0, slash));
  const auto node = ParseNodeHex(rest.substr(slash + 1));
  if (!cluster.ok() || !node.ok()) return wrong();
  NodeIdentity identity{*cluster, *node};
  if (IdentityUri(identity) != uri) return wrong();  // one spelling only
  return identity;
}

}  // namespace quorate::io
