# SPDX-License-Identifier: Apache-2.0
"""test_runtime.py RUNTIME: one more runtime. Benign traffic is answered the same with Gambeson and without, under load too; its
children are watched; what a rule forbids it is stopped from, in its own process."""

import sys

from lib import benign, forbidden, tap

RUNTIME = sys.argv[1]

tap.section(benign.same_answers, RUNTIME, benign.COMMON + benign.LOAD)
tap.section(benign.children_are_watched, RUNTIME)
tap.section(forbidden.stopped_and_reported, RUNTIME)
tap.done()
