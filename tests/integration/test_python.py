# SPDX-License-Identifier: Apache-2.0
"""Python on awslambdaric: benign traffic is answered the same, byte for byte, with Gambeson and without."""

from lib import benign, tap

tap.section(benign.same_answers, "python", benign.COMMON)
tap.section(benign.children_are_watched, "python")
tap.done()
