# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The steps that make binaries. Sourced by tests/run.

sim="$root/build/release/sim/tool/quorate-sim"
sim_planted="$root/build/release/sim/tool/quorate-sim-planted"
sim_clang="$root/build/clang/sim/tool/quorate-sim"
sim_sanitized="$root/build/fuzz/sim/tool/quorate-sim"
sim_dev="$root/build/dev/sim/tool/quorate-sim"

step_packages() {
  io/install_packages test
  # Where there is an npm that is not Debian's, Debian's would only be in its way.
  command -v npm > /dev/null || io/install_packages clients
}

# configure_and_build PRESET TARGET...
configure_and_build() {
  local preset="$1"
  shift
  cmake --preset "$preset"
  cmake --build --preset "$preset" --target "$@"
}

step_build() { configure_and_build dev all; }
step_release() { configure_and_build release quorated quorate-sim quorate-sim-planted; }
step_clang() { configure_and_build clang quorate-sim; }
