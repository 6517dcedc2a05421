// SPDX-License-Identifier: Apache-2.0
// An authority and node certificates for mutual TLS, in one call.
#pragma once

#include <string>
#include <vector>

#include "quorate/result.h"

namespace quorate {

struct CertificateSettings {
  std::string cluster = "quorate";
  std::string folder = "certs";  // made where it does not exist; an authority in it is used again
  // The names of seats, each as "name", "name=host,address,..." with what clients reach it by,
  // "name#2" for the second disk of a seat, or "name@0123456789abcdef" for a node with that id.
  std::vector<std::string> nodes;
  int days = 825;
  bool renew = false;  // replace certificates that exist
};

// The files written: authority.pem, authority.key, NODE.pem and NODE.key, all readable by their
// owner only.
[[nodiscard]] Result<std::vector<std::string>> MakeCertificates(
    const CertificateSettings& settings);

}  // namespace quorate
