# SPDX-License-Identifier: Apache-2.0
"""test_schema.py GAMBESON: docs/schema/policy.json against `policy validate`, with a validator that is not ours
(python3-jsonschema). What the command takes the schema takes: every example, and every mutation of them. What has a field
or a type that is not the language's both refuse."""

import copy
import json
import re

import jsonschema
import yaml

from cli import ROOT, gambeson, tap


class Loader(yaml.SafeLoader):
    """YAML as its version 1.2 has it: true and false, numbers, null; dates and `off` are text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", "true|false", "tf"), ("null", "null|~|", "n~"), ("int", "-?[0-9]+", "-0123456789")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first) + [""])

SCHEMA = json.loads((ROOT / "docs" / "schema" / "policy.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def taken(document):
    text = json.dumps(document, ensure_ascii=False)
    result = gambeson("policy", "validate", "-", stdin=text.encode())
    return result.status == 0, f"{text[:1500]}\n{result}"


def documents():
    paths = sorted((ROOT / "fuzz" / "corpus" / "document").iterdir()) + sorted((ROOT / "examples").rglob("*policy*.yaml"))
    for path in paths:
        if gambeson("policy", "validate", str(path)).status == 0:
            for number, document in enumerate(yaml.load_all(path.read_text(encoding="utf-8"), Loader), 1):
                yield f"{path.name} {number}", document
    for number, text in enumerate(re.findall(r"```yaml\n(apiVersion.*?)```", (ROOT / "docs" / "POLICY.md").read_text(), re.DOTALL), 1):
        for document in yaml.load_all(text.replace("lists: [miners.list]", "lists: []"), Loader):
            yield f"POLICY.md {number}", document


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, path + (key,))


def put(document, path, value):
    mutant = copy.deepcopy(document)
    node = mutant
    for key in path[:-1]:
        node = node[key]
    if callable(value):
        value(node, path[-1])
    else:
        node[path[-1]] = value
    return mutant


def rename(node, key):
    node[key + "z"] = node.pop(key)


def drop(node, key):
    del node[key]


FREE = {"tags"}  # whose keys are anybody's


def examples():
    count = 0
    for name, document in documents():
        error = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(document))
        tap.check(error is None, f"the schema takes {name}", error)
        is_taken, detail = taken(document)
        tap.check(is_taken, f"and the command takes {name}", detail)
        count += 1
    tap.check(count >= 12, f"there are examples ({count})")


def mutations():
    """Of each kind of place one: a field by its name and those of what it stands in, not by number."""
    seen, wrong, refused, counted = set(), [], 0, 0
    for name, document in documents():
        for path in places(document):
            words = tuple("#" if isinstance(key, int) else key for key in path)
            if not path or words in seen:
                continue
            seen.add(words)
            mutants = [(drop, False), ([["x"]], True)]
            if path[-1] not in FREE:
                mutants.append(({"nonsense": 1}, True))
            if isinstance(path[-1], str) and not (len(path) > 1 and path[-2] in FREE):
                mutants.append((rename, True))
            for value, must_refuse in mutants:
                mutant = put(document, path, value)
                counted += 1
                is_taken, detail = taken(mutant)
                is_valid = VALIDATOR.is_valid(mutant)
                refused += not is_valid
                if is_taken and not is_valid:
                    error = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(mutant))
                    wrong.append(f"{name} {words}: taken, but not by the schema: {error.message[:300]}\n{detail}")
                if must_refuse and (is_taken or is_valid):
                    wrong.append(f"{name} {words}: taken {is_taken}, by the schema {is_valid}\n{detail}")
    tap.check(not wrong, f"schema and command agree on {counted} mutations", "\n".join(wrong[:5]) + f"\n{len(wrong)} in all")
    tap.check(refused > counted // 2, f"the schema refuses most ({refused} of {counted})")


def words():
    """Every word of a closed set is one of the language's, and the other way round for kinds of activities and classes."""
    definitions = SCHEMA["$defs"]
    names = (ROOT / "src" / "activity" / "names.c").read_text()
    kinds = re.findall(r'\[GB_ACTIVITY_\w+\] = "(\w+)"', names)
    tap.check(set(definitions["kind"]["enum"]) == set(kinds) - {"none"}, "kinds of activities", kinds)
    facts = (ROOT / "src" / "inspect" / "names.c").read_text()
    codes = re.findall(r'\[GB_CLASS_\w+\] = \{"\w+", "(\w+)"', facts)
    tap.check(set(definitions["class"]["enum"]) == set(codes) - {"none"}, "classes of attacks", codes)
    head = {"apiVersion": "gambeson/v1", "kind": "FunctionPolicy"}
    for what, spec in (("kinds", {"allow": {"kinds": definitions["kind"]["enum"]}}),
                       ("classes", {"firewall": {"classes": dict.fromkeys(definitions["class"]["enum"], "off")}})):
        is_taken, detail = taken({**head, "spec": spec})
        tap.check(is_taken, f"the command knows all {what}", detail)


jsonschema.Draft202012Validator.check_schema(SCHEMA)
tap.check(True, "it is a schema of 2020-12")
for group in (words, examples, mutations):
    tap.section(group)
tap.done()
