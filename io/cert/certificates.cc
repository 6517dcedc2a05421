// SPDX-License-Identifier: Apache-2.0
#include "io/cert/certificates.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "io/cert/x509.h"
#include "io/config/topology_of.h"
#include "io/disk/file_descriptor.h"
#include "io/tls/identity.h"

namespace quorate::io {
namespace {

namespace fs = std::filesystem;

constexpr long kSecondsPerDay = 86'400;
constexpr const char* kAuthorityName = "authority";

struct KeyPair {
  PrivateKey key;
  Certificate certificate;
};

// Names go into file names, URIs and OpenSSL's extension syntax: letters, digits and a few marks.
bool IsPlainName(std::string_view name, std::string_view more = "") {
  const auto plain = [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || more.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kCertificateNameBytesMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), plain);
}

absl::Status CheckName(std::string_view what, const std::string& name) {
  if (IsPlainName(name)) return absl::OkStatus();
  return InvalidArgument(
      Format("%s '%s': a name has 1 to %d letters, digits, '-', '_' or '.', and "
             "does not begin with '.'",
             std::string(what), name.substr(0, 80), kCertificateNameBytesMax));
}

bool IsIpAddress(const std::string& host) {
  in6_addr parsed{};
  return ::inet_pton(AF_INET, host.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

absl::Status CheckNode(const CertificateNode& node) {
  // A seat without a name is called by its address.
  if (!IsPlainName(node.name, ":[]")) QUORATE_RETURN_IF_ERROR(CheckName("node", node.name));
  if (node.name == kAuthorityName) {
    return InvalidArgument("node 'authority': this name is taken by the authority's own files");
  }
  if (node.hosts.size() > kCertificateHostsMax) {
    return InvalidArgument(
        Format("node %s has more than %d hosts", node.name, kCertificateHostsMax));
  }
  for (const std::string& host : node.hosts) {
    if (!IsIpAddress(host)) QUORATE_RETURN_IF_ERROR(CheckName("host", host));
  }
  return absl::OkStatus();
}

absl::Status CheckPlan(const CertificatePlan& plan) {
  QUORATE_RETURN_IF_ERROR(CheckName("cluster", plan.cluster));
  if (plan.folder.empty()) return InvalidArgument("no folder for the certificates");
  if (plan.nodes.empty()) return InvalidArgument("no nodes: name at least one");
  if (plan.nodes.size() > kCertificateNodesMax) {
    return InvalidArgument(Format("more than %d nodes", kCertificateNodesMax));
  }
  for (const int days : {plan.days, plan.authority_days}) {
    if (days < 1 || days > kCertificateDaysMax) {
      return InvalidArgument(
          Format("certificates are valid for 1 to %d days, not %d", kCertificateDaysMax, days));
    }
  }
  std::vector<std::string> names;
  for (const CertificateNode& node : plan.nodes) {
    QUORATE_RETURN_IF_ERROR(CheckNode(node));
    names.push_back(node.name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return InvalidArgument("node " + *twice + " is named twice");
  return absl::OkStatus();
}

std::string PathOf(const CertificatePlan& plan, const std::string& name, const char* ending) {
  return (fs::path(plan.folder) / (name + ending)).string();
}

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kCertificateFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.empty() || text.size() > kCertificateFileBytesMax) {
    return FailedPrecondition(path + " cannot be read, is empty, or is no PEM file");
  }
  return text;
}

// Whole and private from the first byte on, or not there.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  const FileDescriptor fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus("create", draft);
  const ssize_t written =
      RetryInterrupted([&] { return ::write(fd.get(), text.data(), text.size()); });
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(fd.get()) != 0) {
    return ErrnoStatus("write", draft);
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return ErrnoStatus("rename", draft);
  return absl::OkStatus();
}

absl::StatusOr<KeyPair> MakePair(const CertificatePlan& plan, CertificateFields fields, int days,
                                 const KeyPair* issuer) {
  fields.not_before_seconds = plan.shift_seconds - kBackdateSeconds;
  fields.not_after_seconds = plan.shift_seconds + days * kSecondsPerDay;
  KeyPair pair;
  QUORATE_ASSIGN_OR_RETURN(pair.key, MakeKey());
  QUORATE_ASSIGN_OR_RETURN(
      pair.certificate,
      MakeCertificate(fields, pair.key.get(), issuer ? issuer->certificate.get() : nullptr,
                      issuer ? issuer->key.get() : pair.key.get()));
  return pair;
}

std::string AuthorityCommonName(const CertificatePlan& plan) {
  return "quorate authority of " + plan.cluster.substr(0, kCertificateNameBytesMax - 21);
}

absl::StatusOr<KeyPair> LoadAuthority(const CertificatePlan& plan) {
  KeyPair pair;
  const std::string key_path = PathOf(plan, kAuthorityName, ".key");
  const std::string path = PathOf(plan, kAuthorityName, ".pem");
  QUORATE_ASSIGN_OR_RETURN(const std::string key_pem, ReadPem(key_path));
  QUORATE_ASSIGN_OR_RETURN(const std::string pem, ReadPem(path));
  auto key = KeyFromPem(key_pem);
  auto certificate = CertificateFromPem(pem);
  if (!key.ok() || !certificate.ok() ||
      X509_check_private_key(certificate->get(), key->get()) != 1) {
    return FailedPrecondition(path + " and " + key_path +
                              " are damaged, or do not belong together");
  }
  if (CommonNameOf(certificate->get()) != AuthorityCommonName(plan)) {
    return FailedPrecondition(path + " is the authority of another cluster ('" +
                              CommonNameOf(certificate->get()) + "'); use another folder");
  }
  pair.key = *std::move(key);
  pair.certificate = *std::move(certificate);
  return pair;
}

CertificateFields FieldsOf(const CertificatePlan& plan, const CertificateNode& node) {
  const NodeId id =
      node.node_id ? *node.node_id : DerivedNodeId(plan.cluster, node.name, node.disk);
  CertificateFields fields;
  fields.common_name = node.name;
  fields.organization = plan.cluster;
  fields.alternative_names = "URI:" + IdentityUri({plan.cluster, id});
  for (const std::string& host : node.hosts) {
    fields.alternative_names += (IsIpAddress(host) ? ",IP:" : ",DNS:") + host;
  }
  return fields;
}

class Writer {
 public:
  explicit Writer(const CertificatePlan& plan) : plan_(plan) {}

  absl::Status Write(const std::string& name, const KeyPair& pair) {
    QUORATE_ASSIGN_OR_RETURN(const std::string key, ToPem(pair.key.get()));
    QUORATE_ASSIGN_OR_RETURN(const std::string pem, ToPem(pair.certificate.get()));
    QUORATE_RETURN_IF_ERROR(WriteFile(PathOf(plan_, name, ".key"), key));
    QUORATE_RETURN_IF_ERROR(WriteFile(PathOf(plan_, name, ".pem"), pem));
    written_.push_back(PathOf(plan_, name, ".pem"));
    written_.push_back(PathOf(plan_, name, ".key"));
    return absl::OkStatus();
  }
  [[nodiscard]] std::vector<std::string> Take() { return std::move(written_); }

 private:
  const CertificatePlan& plan_;
  std::vector<std::string> written_;
};

absl::Status CheckFolder(const CertificatePlan& plan) {
  std::error_code error;
  fs::create_directories(plan.folder, error);
  if (error) return FailedPrecondition("cannot make the folder " + plan.folder);
  if (plan.renew) return absl::OkStatus();
  for (const CertificateNode& node : plan.nodes) {
    const std::string path = PathOf(plan, node.name, ".pem");
    if (fs::exists(path, error)) {
      return FailedPrecondition(path + " exists; say --renew to replace it");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CertificateNode> ParseCertificateNode(std::string_view text) {
  CertificateNode node;
  const size_t equals = std::min(text.find('='), text.size());
  std::string_view who = text.substr(0, equals);
  if (const size_t at = who.find('@'); at != std::string_view::npos) {
    QUORATE_ASSIGN_OR_RETURN(node.node_id, ParseNodeHex(who.substr(at + 1)));
    who = who.substr(0, at);
  }
  if (const size_t mark = who.find('#'); mark != std::string_view::npos) {
    const std::string_view digits = who.substr(mark + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), node.disk);
    if (error != std::errc() || end != digits.data() + digits.size() || node.disk == 0) {
      return InvalidArgument("node '" + std::string(who) + "': a number of a disk follows '#'");
    }
    who = who.substr(0, mark);
  }
  node.name = who;
  std::string_view hosts = text.substr(std::min(equals + 1, text.size()));
  while (!hosts.empty()) {
    const size_t end = std::min(hosts.find(','), hosts.size());
    node.hosts.emplace_back(hosts.substr(0, end));
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  QUORATE_RETURN_IF_ERROR(CheckNode(node));
  return node;
}

absl::StatusOr<std::vector<std::string>> MakeCertificates(const CertificatePlan& plan) {
  QUORATE_RETURN_IF_ERROR(CheckPlan(plan));
  QUORATE_RETURN_IF_ERROR(CheckFolder(plan));
  Writer writer(plan);
  KeyPair authority;
  std::error_code error;
  if (fs::exists(PathOf(plan, kAuthorityName, ".pem"), error)) {
    QUORATE_ASSIGN_OR_RETURN(authority, LoadAuthority(plan));
  } else {
    CertificateFields fields;
    fields.common_name = AuthorityCommonName(plan);
    fields.organization = plan.cluster;
    fields.authority = true;
    QUORATE_ASSIGN_OR_RETURN(authority, MakePair(plan, fields, plan.authority_days, nullptr));
    QUORATE_RETURN_IF_ERROR(writer.Write(kAuthorityName, authority));
  }
  for (const CertificateNode& node : plan.nodes) {
    QUORATE_ASSIGN_OR_RETURN(const KeyPair pair,
                             MakePair(plan, FieldsOf(plan, node), plan.days, &authority));
    QUORATE_RETURN_IF_ERROR(writer.Write(node.name, pair));
  }
  return writer.Take();
}

}  // namespace quorate::io
