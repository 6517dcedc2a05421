// SPDX-License-Identifier: Apache-2.0
#include "io/cert/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/cert/x509.h"
#include "io/config/topology_of.h"
#include "io/tls/identity.h"
#include "tests/io/disk/temporary_directory.h"

namespace quorate::io {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Certificates : public ::testing::Test {
 protected:
  CertificatePlan Plan(std::vector<CertificateNode> nodes) const {
    CertificatePlan plan;
    plan.cluster = "demo";
    plan.folder = folder_;
    plan.nodes = std::move(nodes);
    return plan;
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] Certificate Load(const std::string& name) const {
    return *CertificateFromPem(Read(name));
  }
  [[nodiscard]] std::string Reason(const CertificatePlan& plan) const {
    return MessageOf(MakeCertificates(plan).status());
  }

  TemporaryDirectory temporary_;
  const std::string folder_ = temporary_.path() + "/certs";
};

// X509_V_OK, or the reason of OpenSSL's verification as a peer's certificate.
int Verify(const Certificate& authority, const Certificate& leaf, X509_PURPOSE* purpose) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_add_cert(store, authority.get());
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_get_id(purpose));
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

int VerifyAsServer(const Certificate& authority, const Certificate& leaf) {
  return Verify(authority, leaf,
                X509_PURPOSE_get0(X509_PURPOSE_get_by_id(X509_PURPOSE_SSL_SERVER)));
}

int VerifyAsClient(const Certificate& authority, const Certificate& leaf) {
  return Verify(authority, leaf,
                X509_PURPOSE_get0(X509_PURPOSE_get_by_id(X509_PURPOSE_SSL_CLIENT)));
}

std::string UriOf(const Certificate& certificate) {
  std::string uri;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
  }
  GENERAL_NAMES_free(names);
  return uri;
}

TEST_F(Certificates, AreMadeForAWholeClusterAtOnce) {
  const auto written = MakeCertificates(Plan({{"node1", {}}, {"node2", {}}}));
  ASSERT_TRUE(written.ok()) << MessageOf(written.status());
  EXPECT_THAT(*written, ElementsAre(Path("authority.pem"), Path("authority.key"), Path("node1.pem"),
                                    Path("node1.key"), Path("node2.pem"), Path("node2.key")));
  const Certificate authority = Load("authority.pem");
  for (const char* name : {"node1", "node2"}) {
    const Certificate leaf = Load(std::string(name) + ".pem");
    EXPECT_EQ(VerifyAsServer(authority, leaf), X509_V_OK);
    EXPECT_EQ(VerifyAsClient(authority, leaf), X509_V_OK);
    EXPECT_EQ(UriOf(leaf), IdentityUri({"demo", DerivedNodeId("demo", name, 1)}));
    EXPECT_EQ(CommonNameOf(leaf.get()), name);
    const PrivateKey key = *KeyFromPem(Read(std::string(name) + ".key"));
    EXPECT_EQ(X509_check_private_key(leaf.get(), key.get()), 1);
  }
}

TEST_F(Certificates, AreReadableByTheirOwnerOnly) {
  const auto written = MakeCertificates(Plan({{"n", {}}}));
  ASSERT_TRUE(written.ok());
  for (const std::string& path : *written) {
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << path;
  }
}

TEST_F(Certificates, NameTheHostsThatClientsUse) {
  ASSERT_TRUE(MakeCertificates(Plan({{"n", {"127.0.0.1", "::1", "db.example"}}})).ok());
  const Certificate leaf = Load("n.pem");
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(leaf.get(), "db.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(leaf.get(), "other.example", 0, 0, nullptr), 0);
}

TEST_F(Certificates, OfNodesAddedLaterComeFromTheSameAuthority) {
  ASSERT_TRUE(MakeCertificates(Plan({{"a", {}}})).ok());
  const std::string authority = Read("authority.pem");
  const auto written = MakeCertificates(Plan({{"b", {}}}));
  ASSERT_TRUE(written.ok());
  EXPECT_THAT(*written, ElementsAre(Path("b.pem"), Path("b.key")));
  EXPECT_EQ(Read("authority.pem"), authority);
  EXPECT_EQ(VerifyAsServer(Load("authority.pem"), Load("b.pem")), X509_V_OK);
}

TEST_F(Certificates, AreReplacedOnlyWhereThatIsAskedFor) {
  CertificatePlan plan = Plan({{"a", {}}});
  ASSERT_TRUE(MakeCertificates(plan).ok());
  const std::string before = Read("a.pem");
  EXPECT_EQ(Reason(plan), Path("a.pem") + " exists; say --renew to replace it");
  EXPECT_EQ(Read("a.pem"), before);
  plan.renew = true;
  ASSERT_TRUE(MakeCertificates(plan).ok());
  EXPECT_NE(Read("a.pem"), before);
}

TEST_F(Certificates, AreInvalidOutsideTheirTime) {
  CertificatePlan plan = Plan({{"new", {}}});
  ASSERT_TRUE(MakeCertificates(plan).ok());
  plan.nodes = {{"old", {}}};
  plan.days = 1;
  plan.shift_seconds = -3L * 86'400;
  ASSERT_TRUE(MakeCertificates(plan).ok());
  plan.nodes = {{"early", {}}};
  plan.shift_seconds = 86'400;
  ASSERT_TRUE(MakeCertificates(plan).ok());
  const Certificate authority = Load("authority.pem");
  EXPECT_EQ(VerifyAsServer(authority, Load("new.pem")), X509_V_OK);
  EXPECT_EQ(VerifyAsServer(authority, Load("old.pem")), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(VerifyAsServer(authority, Load("early.pem")), X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST_F(Certificates, OfANodeCannotSignOthers) {
  ASSERT_TRUE(MakeCertificates(Plan({{"a", {}}})).ok());
  EXPECT_EQ(X509_check_ca(Load("a.pem").get()), 0);
  EXPECT_EQ(X509_check_ca(Load("authority.pem").get()), 1);
}

TEST_F(Certificates, AreRefusedForPlansThatMakeNoSense) {
  EXPECT_EQ(Reason(Plan({})), "no nodes: name at least one");
  EXPECT_EQ(Reason(Plan({{"a", {}}, {"a", {}}})), "node a is named twice");
  EXPECT_THAT(Reason(Plan({{"../a", {}}})), HasSubstr("node '../a': a name has"));
  EXPECT_THAT(Reason(Plan({{"a", {"x,DNS:evil"}}})), HasSubstr("host 'x,DNS:evil'"));
  EXPECT_THAT(Reason(Plan({{"authority", {}}})), HasSubstr("taken by the authority"));
  CertificatePlan plan = Plan({{"a", {}}});
  plan.days = 0;
  EXPECT_EQ(Reason(plan), "certificates are valid for 1 to 36500 days, not 0");
  plan = Plan({{"a", {}}});
  plan.cluster = "a/b";
  EXPECT_THAT(Reason(plan), HasSubstr("cluster 'a/b': a name has"));
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(Certificates, AreNotMadeWithAForeignOrBrokenAuthority) {
  ASSERT_TRUE(MakeCertificates(Plan({{"a", {}}})).ok());
  CertificatePlan plan = Plan({{"b", {}}});
  plan.cluster = "other";
  EXPECT_THAT(Reason(plan), HasSubstr("is the authority of another cluster"));
  std::ofstream(Path("authority.key")) << "nonsense";
  EXPECT_THAT(Reason(Plan({{"b", {}}})), HasSubstr("are damaged, or do not belong together"));
  EXPECT_FALSE(fs::exists(Path("b.pem")));
}

TEST_F(Certificates, NameTheDiskOrTheIdOfANode) {
  ASSERT_TRUE(MakeCertificates(
                  Plan({*ParseCertificateNode("a#2"), *ParseCertificateNode("b@00000000000000ff"),
                        *ParseCertificateNode("localhost:7380")}))
                  .ok());
  EXPECT_EQ(UriOf(Load("a.pem")), IdentityUri({"demo", DerivedNodeId("demo", "a", 2)}));
  EXPECT_EQ(UriOf(Load("b.pem")), "quorate://demo/00000000000000ff");
  EXPECT_EQ(UriOf(Load("localhost:7380.pem")),
            IdentityUri({"demo", DerivedNodeId("demo", "localhost:7380", 1)}));
}

TEST(CertificateNodes, AreReadWithTheirHosts) {
  const auto node = ParseCertificateNode("n1=10.0.0.1,db.example");
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(node->name, "n1");
  EXPECT_THAT(node->hosts, ElementsAre("10.0.0.1", "db.example"));
  EXPECT_TRUE(ParseCertificateNode("n1")->hosts.empty());
  EXPECT_EQ(ParseCertificateNode("n1#3")->disk, 3U);
  EXPECT_FALSE(ParseCertificateNode("n1#x").ok());
  EXPECT_FALSE(ParseCertificateNode("n1#0").ok());
  EXPECT_FALSE(ParseCertificateNode("n1@xyz").ok());
  EXPECT_FALSE(ParseCertificateNode("").ok());
  EXPECT_FALSE(ParseCertificateNode("n1=a b").ok());
}

}  // namespace
}  // namespace quorate::io
