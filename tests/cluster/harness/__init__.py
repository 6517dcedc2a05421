# SPDX-License-Identifier: Apache-2.0
"""Starts real nodes on this machine and talks to them: what the tests of this folder are written with."""
