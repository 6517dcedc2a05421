// SPDX-License-Identifier: Apache-2.0
#include "quorate/certificates.h"

#include "io/api/status_bridge.h"
#include "io/cert/certificates.h"

namespace quorate {

Result<std::vector<std::string>> MakeCertificates(const CertificateSettings& settings) {
  io::CertificatePlan plan;
  plan.cluster = settings.cluster;
  plan.folder = settings.folder;
  plan.days = settings.days;
  plan.renew = settings.renew;
  for (const std::string& text : settings.nodes) {
    auto node = io::ParseCertificateNode(text);
    if (!node.ok()) return api::ToPublic(node.status());
    plan.nodes.push_back(*std::move(node));
  }
  auto written = io::MakeCertificates(plan);
  if (!written.ok()) return api::ToPublic(written.status());
  return *std::move(written);
}

}  // namespace quorate
