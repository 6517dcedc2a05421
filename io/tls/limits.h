// SPDX-License-Identifier: Apache-2.0
// The bounds of this folder.
#pragma once

#include <cstddef>

namespace quorate::io {

// Encrypted bytes that wait for the socket; above it no more are encrypted.
inline constexpr size_t kTlsPendingBytesMax = size_t{128} << 10;
// Names of one certificate that are looked at.
inline constexpr int kCertificateNamesMax = 64;
// One PEM file.
inline constexpr size_t kPemBytesMax = size_t{1} << 20;
// Certificates in a chain between a node's and its authority's.
inline constexpr int kChainDepthMax = 8;

}  // namespace quorate::io
