# SPDX-License-Identifier: Apache-2.0
"""Node on aws-lambda-ric: benign traffic is answered the same, byte for byte, with Gambeson and without."""

from lib import benign, tap

tap.section(benign.same_answers, "node", benign.COMMON + benign.NODE)
tap.section(benign.same_answers, "node-stream", benign.STREAMS)
tap.section(benign.children_are_watched, "node")
tap.done()
