# SPDX-License-Identifier: Apache-2.0
"""test_runtime.py RUNTIME: one more runtime. Benign traffic is answered the same with Gambeson and without, under load too; its
children are watched; what a rule forbids it is stopped from, in its own process."""

import sys

from lib import benign, forbidden, tap

RUNTIME = sys.argv[1]
# What the function or its client cannot do bare: lambda_runtime 0.7 ends on a number out of range.
ABSENT = {"rust": ["numbers and escapes", "TLS on loopback"], "java": ["50 signals"]}.get(RUNTIME.split("-")[0], [])
TRAFFIC = [(name, event) for name, event in benign.COMMON + benign.LOAD if name not in ABSENT]

tap.section(benign.same_answers, RUNTIME, TRAFFIC)
tap.section(benign.children_are_watched, RUNTIME)
tap.section(forbidden.stopped_and_reported, RUNTIME)
tap.done()
