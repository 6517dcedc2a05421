// SPDX-License-Identifier: Apache-2.0
#include "io/api/entropy.h"

#include <sys/random.h>

#include "io/disk/file_descriptor.h"

namespace quorate::api {

absl::StatusOr<uint64_t> RandomBits() {
  uint64_t bits = 0;
  while (bits == 0) {
    const ssize_t size = io::RetryInterrupted([&] { return ::getrandom(&bits, sizeof bits, 0); });
    if (size != static_cast<ssize_t>(sizeof bits))
      return Internal("the kernel gives no randomness");
  }
  return bits;
}

}  // namespace quorate::api
