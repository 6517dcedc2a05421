// SPDX-License-Identifier: Apache-2.0
// Bounds of certificates.
#pragma once

#include <cstddef>

namespace quorate::io {

inline constexpr int kNodeCertificateDays = 825;
inline constexpr int kAuthorityCertificateDays = 3650;
inline constexpr int kCertificateDaysMax = 36'500;
inline constexpr size_t kCertificateNodesMax = 1000;
inline constexpr size_t kCertificateNameBytesMax = 64;  // of a common name [RFC 5280, appendix A]
inline constexpr size_t kCertificateHostsMax = 64;
inline constexpr size_t kCertificateFileBytesMax = 65536;
// Clocks of two machines differ: certificates are valid from this long ago.
inline constexpr long kBackdateSeconds = 300;

}  // namespace quorate::io
