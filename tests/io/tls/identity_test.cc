// SPDX-License-Identifier: Apache-2.0
#include "io/tls/identity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quorate::io {
namespace {

TEST(Identity, IsWrittenAsAUri) {
  EXPECT_EQ(IdentityUri({"prod", NodeId{0xabc}}), "quorate://prod/0000000000000abc");
  EXPECT_EQ(IdentityUri({"a b/c", NodeId{1}}), "quorate://a%20b%2Fc/0000000000000001");
}

TEST(Identity, RefusesWhatItNeverWrites) {
  for (const char* wrong :
       {"", "quorate://", "quorate://prod", "quorate://prod/", "quorate://prod/xyz",
        "quorate://prod/abc", "http://prod/0000000000000abc", "quorate://prod/0000000000000ABC",
        "quorate://a b/0000000000000abc", "quorate://a%2/0000000000000abc",
        "quorate://a%zz/0000000000000abc", "quorate://prod/0000000000000abc0"}) {
    EXPECT_FALSE(ParseIdentityUri(wrong).ok()) << wrong;
  }
}

RC_GTEST_PROP(Identity, ReadsBackAnyClusterName, (const std::string& cluster, uint64_t node)) {
  const NodeIdentity identity{cluster, NodeId{node}};
  const auto read = ParseIdentityUri(IdentityUri(identity));
  RC_ASSERT(read.ok());
  RC_ASSERT(*read == identity);
}

}  // namespace
}  // namespace quorate::io
