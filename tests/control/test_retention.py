#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a real `gambeson serve` keeps events."""

import datetime

import remote
from server import Server, tap

DAY = datetime.timedelta(days=1)


def lines_of(days, first):
    """Ten findings of so many days ago."""
    time = (datetime.datetime.now(datetime.timezone.utc) - days * DAY).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return [remote.finding(first + i, time=time) for i in range(10)]


def count(admin):
    return len(admin.get("/v1/events?limit=100").json["events"])


def main():
    with Server() as server:
        people = server.people()
        admin = people["admin"]
        before = admin.get("/v1/retention").json
        tap.equal(before, {"events_days": 0, "counts_days": 0, "events_megabytes": 50000}, "a size is the only limit at first")
        remote.ingest(admin, lines_of(1, 0) + lines_of(40, 100) + lines_of(400, 200))
        tap.check(tap.wait_until(lambda: count(admin) == 30), "thirty events of three ages are there")
        for body in ({"events_days": -1}, {"events_days": 36501}, {"events_days": "7"}, {"counts_days": 1.5}, {"events_megabytes": None}, {"events_days": True},
                     {"events_megabytes": 1000000001}):
            answer = admin.call("PUT", "/v1/retention", body)
            tap.check(answer.status == 422 and next(iter(body)) in answer.json["detail"], f"{body} is refused by its name", lambda a=answer: a)
        tap.equal(admin.get("/v1/retention").json, before, "and changes nothing")
        answer = admin.call("PUT", "/v1/retention", {"events_days": 365})
        tap.equal((answer.status, answer.json), (200, {**before, "events_days": 365}), "what is not given stays")
        tap.check(tap.wait_until(lambda: count(admin) == 20), "the oldest events go at once")
        admin.call("PUT", "/v1/retention", {"events_days": 30})
        tap.check(tap.wait_until(lambda: count(admin) == 10), "those of a shorter limit, too")
        entries = [item["detail"] for item in admin.get("/v1/audit").json["items"] if item["action"] == "retention.change"]
        tap.equal([entry["events_days"] for entry in entries], [30, 365], "the audit log has both changes")
        tap.check(admin.post("/v1/audit/verify", {}).json["is_whole"], "and is whole: it is not deleted from")
        tap.equal(people["operator"].call("PUT", "/v1/retention", {"events_days": 1}).status, 403, "an operator may not")
        tap.equal(count(admin), 10, "and nothing was deleted")
    tap.done()


if __name__ == "__main__":
    main()
