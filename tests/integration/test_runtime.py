# SPDX-License-Identifier: Apache-2.0
"""test_runtime.py RUNTIME: one more runtime. Benign traffic is answered the same with Gambeson and without, under load too; its
children are watched; what a rule forbids it is stopped from, in its own process."""

import sys

from lib import benign, forbidden, tap
from lib.runtimes import RUNTIMES

RUNTIME = sys.argv[1]
TRAFFIC = [(name, event) for name, event in benign.COMMON + benign.LOAD if name not in RUNTIMES[RUNTIME].absent]

tap.section(benign.same_answers, RUNTIME, TRAFFIC)
tap.section(benign.children_are_watched, RUNTIME)
tap.section(forbidden.stopped_and_reported, RUNTIME)
tap.done()
