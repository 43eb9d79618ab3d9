# SPDX-License-Identifier: Apache-2.0
"""Harness of the integration tests: runs inside the cage, standard library only."""
