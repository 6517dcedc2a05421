// SPDX-License-Identifier: Apache-2.0
// What nothing in a simulation may ask of the machine, nor any library under it: the program has
// its own functions of those names, which end it. The symbols of engine/ are looked at when it is
// built (tests/structure/symbols_test.py); this stops what calls through a library, at the first
// call.
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#if __has_include(<execinfo.h>)
#include <execinfo.h>
#endif

#include <pthread.h>

namespace {

constexpr int kFramesMax = 32;

// Nothing of the C++ library: it may be what has called.
void Say(const char* text) {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

[[noreturn]] void Trapped(const char* function) {
  Say("quorate-sim: ");
  Say(function);
  Say("() was called: a simulation has its own clock, chance and network, and asks no other\n");
#if __has_include(<execinfo.h>)
  void* frames[kFramesMax];
  ::backtrace_symbols_fd(frames, ::backtrace(frames, kFramesMax), STDERR_FILENO);
#endif
  std::abort();
}

}  // namespace

extern "C" {

// The time.
int clock_gettime(clockid_t, timespec*) noexcept { Trapped("clock_gettime"); }
int gettimeofday(timeval*, void*) noexcept { Trapped("gettimeofday"); }
time_t time(time_t*) noexcept { Trapped("time"); }
clock_t clock() noexcept { Trapped("clock"); }
int timespec_get(timespec*, int) noexcept { Trapped("timespec_get"); }

// Waiting for it.
int nanosleep(const timespec*, timespec*) { Trapped("nanosleep"); }
int clock_nanosleep(clockid_t, int, const timespec*, timespec*) { Trapped("clock_nanosleep"); }
int usleep(useconds_t) { Trapped("usleep"); }
unsigned int sleep(unsigned int) { Trapped("sleep"); }

// Chance.
ssize_t getrandom(void*, size_t, unsigned int) { Trapped("getrandom"); }
int getentropy(void*, size_t) { Trapped("getentropy"); }
int rand() noexcept { Trapped("rand"); }
int rand_r(unsigned int*) noexcept { Trapped("rand_r"); }
long random() noexcept { Trapped("random"); }
double drand48() noexcept { Trapped("drand48"); }
long lrand48() noexcept { Trapped("lrand48"); }

// Threads, and the network.
int pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*) noexcept {
  Trapped("pthread_create");
}
int socket(int, int, int) noexcept { Trapped("socket"); }

}  // extern "C"
