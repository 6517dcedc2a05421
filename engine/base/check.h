// SPDX-License-Identifier: Apache-2.0
// Invariants, checked in every build. A failed CHECK is a bug of ours, never of the input: what
// comes from a client, a peer, a disk or a file is answered with a Status or a counted drop
// instead.
#pragma once

namespace quorate {

// Prints the place and the expression to standard error and aborts.
[[noreturn, gnu::cold]] void CheckFailed(const char* file, int line, const char* expression);

}  // namespace quorate

#define QUORATE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::quorate::CheckFailed(__FILE__, __LINE__, #condition))

// For checks that cost more than the code they guard: on unless NDEBUG is defined.
#ifdef NDEBUG
#define QUORATE_DCHECK(condition) static_cast<void>(0)
#else
#define QUORATE_DCHECK(condition) QUORATE_CHECK(condition)
#endif
