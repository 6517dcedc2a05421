# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The step that runs Redis's own test suite against what `release` has built. Sourced by tests/run.

step_redis() { tests/redis/suite; }
