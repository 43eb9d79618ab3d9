# SPDX-License-Identifier: Apache-2.0
"""measure.py RUNTIME: Gambeson's lines of a function that starts three times and answers a few small events each time: what the
runtime alone does (scripts/measure-base)."""

import sys

from lib.function import Function

for _ in range(3):
    with Function(sys.argv[1], settings={"GAMBESON_OBSERVE": "1"}) as function:
        for number in range(5):
            function.invoke({"op": "echo", "number": number})
        function.wait_for_report(lambda report: report["kind"] in ("observations", "progress"))
        for line in function.lines():
            if line.startswith('{"gambeson":1,'):
                print(line)
