# SPDX-License-Identifier: Apache-2.0
"""Published schemas, and what they say of a message: each check returns a list of complaints.

OCSF, ECS, Adaptive Cards, OTLP, Security Hub and SNS are checked against what their makers publish in packages
(scripts/setup-formats, setup-examples). Where nobody publishes a schema in a package, the tables below are ours, written from the
specification: CEF (ArcSight's dictionary of extensions), Slack (Block Kit reference), PagerDuty (Events API v2), RFC 5424."""

import json
import pathlib
import re
import subprocess
import sys

DEPS = pathlib.Path(__file__).resolve().parents[2] / "build" / "deps"
sys.path[:0] = [str(DEPS / "formats" / "python"), str(DEPS / "examples" / "python")]


class Ocsf:
    """Detection Finding of OCSF 1.7.0, from the schema's own JSON: classes and objects that extend each other, a
    dictionary of attributes with types, enumerations and regular expressions; profiles add attributes."""

    # What the profiles that we use bring in: the package's JSON names their files only.
    PROFILES = {"cloud": {"cloud", "api"}, "security_control": {
        "action", "action_id", "disposition", "disposition_id", "attacks", "authorizations", "firewall_rule", "is_alert",
        "malware", "policy", "risk_details", "risk_level", "risk_level_id", "risk_score", "confidence", "confidence_id",
        "confidence_score"}}
    # Enumerations that a class or object narrows or widens, which the package's JSON has not kept.
    LOCAL = {"finding.category_uid": {2}, "finding.class_uid": {2004}, "finding.status_id": {0, 1, 2, 3, 4, 5, 6, 99}, "finding.activity_id": {0, 1, 2, 3, 99},
             "analytic.type_id": set(range(0, 12)) | {99}, "file.type_id": set(range(0, 9)) | {99}}

    def __init__(self):
        self.schema = json.loads((DEPS / "formats/python/ocsf/schemas/v1_7_0.json").read_text())
        self.dictionary = self.schema["dictionary"]["attributes"]
        self.types = self.schema["dictionary"]["types"]["attributes"]

    def chain(self, group, name):
        while name:
            definition = self.schema[group].get(name) or self.schema["objects"].get(name)
            yield definition
            name = definition.get("extends")

    def attributes(self, group, name):
        found, needed, alternatives = {}, set(), []
        for definition in self.chain(group, name):
            alternatives += [definition["constraints"]["at_least_one"]] if (definition.get("constraints") or {}).get("at_least_one") else []
            for attribute, facts in definition["attributes"].items():
                if attribute == "$include":
                    continue
                if attribute not in found:
                    found[attribute] = {}
                for key, value in facts.items():
                    found[attribute].setdefault(key, value)
        needed = {a for a, facts in found.items() if facts.get("requirement") == "required"}
        # The nearest constraint counts, as an object replaces the one of what it extends.
        return found, needed, alternatives[:1]

    def value(self, kind, attribute, facts, value, where):
        entry = self.dictionary.get(attribute)
        if entry is None:
            return [f"{where}: no such attribute in the dictionary"]
        entry = {**entry, **{k: v for k, v in facts.items() if k in ("type", "enum", "is_array")}}
        if entry.get("is_array"):
            if not isinstance(value, list):
                return [f"{where}: no list"]
            return [c for i, v in enumerate(value) for c in self.one(kind, attribute, entry, v, f"{where}[{i}]")]
        return self.one(kind, attribute, entry, value, where)

    def one(self, kind, attribute, entry, value, where):
        name = entry["type"]
        if name in self.schema["objects"]:
            return [] if name == "object" and isinstance(value, dict) else self.object("objects", name, value, where)
        limits, base = {}, name
        while base in self.types:
            limits = {**self.types[base], **limits}
            parent = self.types[base].get("type")
            if not parent:
                break
            base = parent
        wanted = {"string_t": str, "integer_t": int, "long_t": int, "boolean_t": bool, "float_t": (int, float)}.get(base, object)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            return [f"{where}: {value!r:.60} is no {name}"]
        enum = self.LOCAL.get(f"{kind}.{attribute}") or {int(k) if k.lstrip("-").isdigit() else k for k in entry.get("enum") or {}}
        if enum and value not in enum:
            return [f"{where}: {value!r} is not in the enumeration {enum}"]
        if "regex" in limits and not re.search(limits["regex"], value):
            return [f"{where}: {value!r:.60} does not match {name}"]
        if "max_len" in limits and len(value) > limits["max_len"]:
            return [f"{where}: longer than {limits['max_len']}"]
        return []

    def object(self, group, name, value, where):
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        known, needed, alternatives = self.attributes(group, name)
        if group == "events":
            for profile in value.get("metadata", {}).get("profiles", []):
                for attribute in self.PROFILES[profile]:
                    known.setdefault(attribute, {})
        complaints = [f"{where}.{attribute}: missing" for attribute in sorted(needed - value.keys())]
        complaints += [f"{where}: none of {names}" for names in alternatives if not set(names) & value.keys()]
        kinds = {definition.get("name") for definition in self.chain(group, name)}
        kind = "finding" if "finding" in kinds else name
        for attribute, member in value.items():
            if attribute not in known:
                complaints.append(f"{where}.{attribute}: not an attribute of {name}")
            else:
                complaints += self.value(kind, attribute, known[attribute], member, f"{where}.{attribute}")
        return complaints

    def check(self, message):
        complaints = self.object("events", "detection_finding", message, "$")
        uids = (message["class_uid"], message["category_uid"], message["type_uid"])
        if uids != (2004, 2, 2004 * 100 + message["activity_id"]):
            complaints.append(f"$: class, category and type do not belong together: {uids}")
        for attribute in ("severity", "action", "disposition", "confidence"):
            number = message.get(attribute + "_id")
            if number is not None:
                caption = self.dictionary[attribute + "_id"]["enum"].get(str(number), {}).get("caption")
                if message[attribute] != caption:
                    complaints.append(f"$.{attribute}: {message[attribute]!r}, but its id means {caption!r}")
        return complaints


class Ecs:
    """Names, types, allowed and expected values of ECS 9.4.0; `gambeson` is our own field set."""

    def __init__(self):
        module = DEPS / "formats/node/node_modules/@elastic/ecs/generated/ecs_flat.js"
        self.fields = json.loads(subprocess.run(
            ["node", "-e", f"console.log(JSON.stringify(require({json.dumps(str(module))}).EcsFlat))"],
            capture_output=True, check=True).stdout)

    def flat(self, message, prefix=""):
        for name, value in message.items():
            if isinstance(value, dict):
                yield from self.flat(value, prefix + name + ".")
            else:
                yield prefix + name, value

    def check(self, message):
        complaints = []
        for name, value in self.flat(message):
            if name.startswith("gambeson."):
                continue
            field = self.fields.get(name)
            if field is None:
                complaints.append(f"{name}: no such field")
                continue
            is_list = "array" in field["normalize"]
            if isinstance(value, list) != is_list:
                complaints.append(f"{name}: {'a list is wanted' if is_list else 'no list is wanted'}")
                continue
            for item in value if is_list else [value]:
                complaints += self.item(name, field, item)
        categories, types = message["event"]["category"], message["event"]["type"]
        expected = {t for a in self.fields["event.category"]["allowed_values"] if a["name"] in categories
                    for t in a.get("expected_event_types", [])}
        complaints += [f"event.type {t}: not expected with {categories}" for t in types if t not in expected]
        return complaints

    @staticmethod
    def item(name, field, item):
        import ipaddress
        kind = field["type"]
        if kind in ("keyword", "wildcard", "match_only_text") and not isinstance(item, str):
            return [f"{name}: {item!r:.40} is no text"]
        if kind == "long" and (not isinstance(item, int) or isinstance(item, bool)):
            return [f"{name}: {item!r:.40} is no number"]
        if kind == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item):
            return [f"{name}: {item!r:.40} is no date"]
        if kind == "ip":
            ipaddress.ip_address(item)
        allowed = [a["name"] for a in field.get("allowed_values", [])]
        return [f"{name}: {item!r:.40} is not allowed"] if allowed and item not in allowed else []


class Aws:
    """botocore's models, checked by botocore's own validator, and the lengths that the models leave out."""

    LENGTHS = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024}

    def __init__(self):
        import botocore.loaders
        import botocore.model
        import botocore.validate
        loader = botocore.loaders.Loader()
        self.models = {name: botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
                       for name in ("securityhub", "sns")}
        self.validator = botocore.validate.ParamValidator()

    def patterns(self, shape, value, where):
        """What botocore does not look at: patterns, enumerations and lengths of texts, sizes of lists, unknown members."""
        metadata = shape.metadata
        if shape.type_name == "structure":
            for name, member in value.items():
                if name not in shape.members:
                    yield f"{where}.{name}: unknown"
                else:
                    yield from self.patterns(shape.members[name], member, f"{where}.{name}")
        elif shape.type_name == "list":
            if len(value) > metadata.get("max", len(value)):
                yield f"{where}: {len(value)} items"
            for i, member in enumerate(value):
                yield from self.patterns(shape.member, member, f"{where}[{i}]")
        elif shape.type_name == "map":
            for name, member in value.items():
                yield from self.patterns(shape.key, name, f"{where}.{name}")
                yield from self.patterns(shape.value, member, f"{where}.{name}")
        elif shape.type_name == "string":
            if "pattern" in metadata and not re.fullmatch(metadata["pattern"], value):
                yield f"{where}: {value!r:.60} does not match {metadata['pattern']}"
            if shape.enum and value not in shape.enum:
                yield f"{where}: {value!r:.60} is none of {shape.enum}"

    def findings(self, message):
        shape = self.models["securityhub"].operation_model("BatchImportFindings").input_shape
        complaints = [e for e in [self.validator.validate(message, shape).generate_report()] if e]
        complaints += self.patterns(shape, message, "$")
        for finding in message["Findings"]:
            size = len(json.dumps(finding, ensure_ascii=False, separators=(",", ":")).encode())
            complaints += [f"a finding of {size} bytes"] if size > 240000 else []
            complaints += [f"{n}: {len(finding[n])} long" for n, most in self.LENGTHS.items() if len(finding[n]) > most]
            fields = finding["ProductFields"]
            if len(fields) > 50 or any(len(k) > 128 or len(v) > 2048 for k, v in fields.items()):
                complaints.append("ProductFields: too many or too long")
        return complaints

    def publish(self, form):
        """FORM: name → value of a Publish call, as its query protocol writes them."""
        shape = self.models["sns"].operation_model("Publish").input_shape
        value = {k: v for k, v in form.items() if k in shape.members}
        attributes = {}
        for name in form:
            match = re.fullmatch(r"MessageAttributes\.entry\.(\d+)\.Name", name)
            if match:
                prefix = f"MessageAttributes.entry.{match[1]}.Value."
                attributes[form[name]] = {n: form[prefix + n] for n in ("DataType", "StringValue")}
        value["MessageAttributes"] = attributes
        complaints = [e for e in [self.validator.validate(value, shape).generate_report()] if e]
        known = {"Action", "Version", *shape.members}
        complaints += [f"{n}: unknown" for n in form if n not in known and not n.startswith("MessageAttributes.entry.")]
        size = len(form["Message"].encode()) + sum(len(k) + len(v["StringValue"]) for k, v in attributes.items())
        complaints += [f"message of {size} bytes"] if size > 262144 else []
        if not re.fullmatch(r"[!-~][ -~]{0,98}", form["Subject"]):
            complaints.append(f"subject {form['Subject']!r}")
        return complaints


def otlp(text):
    """protobuf's own reader of JSON, which refuses unknown members and wrong types."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
    message = logs_service_pb2.ExportLogsServiceRequest()
    try:
        json_format.Parse(text, message, ignore_unknown_fields=False)
    except json_format.ParseError as error:
        return [str(error)], message
    return [], message


def cards(messages):
    """Microsoft's reader of Adaptive Cards: complaints of each message's card."""
    module = DEPS / "formats/node/node_modules/adaptivecards/dist/adaptivecards.js"
    program = f"""
const A = require({json.dumps(str(module))});
const cards = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(cards.map(c => {{
  const context = new A.SerializationContext(A.Versions.v1_4), card = new A.AdaptiveCard();
  card.parse(c, context);
  const said = [];
  for (let i = 0; i < context.eventCount; i++) said.push(context.getEventAt(i).message);
  return said.concat(card.validateProperties().validationEvents.map(e => e.message));
}})));"""
    done = subprocess.run(["node", "-e", program], input=json.dumps(messages).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


# CEF: keys of the dictionary of extensions that we use, and their greatest lengths (0: a number or an address).
CEF_KEYS = {"rt": 0, "start": 0, "end": 0, "cnt": 0, "externalId": 40, "act": 63, "cat": 1023, "reason": 1023, "msg": 1023,
            "destinationServiceName": 1023, "src": 0, "c6a2": 0, "c6a2Label": 1023, "filePath": 1023, "dproc": 1023,
            "dpid": 0, "cn1": 0, "cn1Label": 1023, **{f"cs{i}": 4000 for i in range(1, 7)},
            **{f"cs{i}Label": 1023 for i in range(1, 7)}}


def cef(line):
    """Reads one line by the specification: (complaints, head, extension)."""
    complaints = []
    if "\n" in line or "\r" in line:
        complaints.append("more than one line")
    parts = re.split(r"(?<!\\)(?:\\\\)*\|", line)
    # Splitting ate pairs of backslashes before a pipe: cut again by hand.
    parts, field, i = [], "", 0
    while i < len(line) and len(parts) < 7:
        if line[i] == "\\" and i + 1 < len(line) and line[i + 1] in "\\|":
            field += line[i + 1]
            i += 1
        elif line[i] == "|":
            parts.append(field)
            field = ""
        else:
            field += line[i]
        i += 1
    if len(parts) != 7 or parts[0] != "CEF:0":
        return complaints + ["no head of seven fields"], parts, {}
    extension, keys = {}, [(m.start(), m.end(), m[1]) for m in re.finditer(r"(?:^| )([A-Za-z0-9]+)(?<!\\)=", line[i:])]
    for at, (_, end, key) in enumerate(keys):
        raw = line[i:][end:keys[at + 1][0] if at + 1 < len(keys) else None]
        value = re.sub(r"\\([\\=nr])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), raw)
        if key in extension:
            complaints.append(f"{key}: twice")
        if re.search(r"(?<!\\)(\\\\)*=", raw):
            complaints.append(f"{key}: a bare '='")
        extension[key] = value
    for key, value in extension.items():
        if key not in CEF_KEYS:
            complaints.append(f"{key}: not in the dictionary")
        elif len(value) > (CEF_KEYS[key] or 64):
            complaints.append(f"{key}: {len(value)} long")
    if not parts[6].isdigit() or int(parts[6]) > 10:
        complaints.append(f"severity {parts[6]!r}")
    return complaints, parts, extension


def slack(message):
    """Block Kit: the blocks, members and lengths that we use; every text but our own words must be plain."""
    complaints = []
    blocks = message["blocks"]

    def plain(text, most, where):
        if set(text) != {"type", "text", "emoji"} or text["type"] != "plain_text" or text["emoji"] is not False:
            complaints.append(f"{where}: no plain text")
        if not 1 <= len(text["text"]) <= most:
            complaints.append(f"{where}: {len(text['text'])} long")
        if re.search(r"[<>]|&(?!amp;|lt;|gt;)", text["text"]):
            complaints.append(f"{where}: markup left: {text['text']!r:.80}")

    if set(message) != {"text", "parse", "mrkdwn", "link_names", "unfurl_links", "unfurl_media", "blocks"}:
        complaints.append(f"members {sorted(message)}")
    if (message["parse"], message["mrkdwn"], message["link_names"], message["unfurl_links"]) != ("none", False, False, False):
        complaints.append("text would be parsed")
    if re.search(r"[<>]", message["text"]) or len(message["text"]) > 4000:
        complaints.append("text")
    if len(blocks) > 50:
        complaints.append("too many blocks")
    for number, block in enumerate(blocks):
        where = f"blocks[{number}]"
        if block["type"] == "header":
            plain(block["text"], 150, where)
        elif block["type"] == "section" and "fields" in block:
            if not 1 <= len(block["fields"]) <= 10:
                complaints.append(f"{where}: {len(block['fields'])} fields")
            for field in block["fields"]:
                plain(field, 2000, where)
        elif block["type"] == "section":
            plain(block["text"], 3000, where)
        elif block["type"] == "actions":
            for element in block["elements"]:
                plain(element["text"], 75, where)
                if element["type"] != "button" or len(element["url"]) > 3000 or not element["url"].startswith("https://"):
                    complaints.append(f"{where}: button")
        else:
            complaints.append(f"{where}: {block['type']}")
    return complaints


def pagerduty(message):
    """Events API v2. (complaints)"""
    complaints = []
    lengths = {"summary": 1024, "source": 255, "component": 255, "group": 255, "class": 255}
    if len(json.dumps(message, ensure_ascii=False).encode()) > 512000:
        complaints.append("more than 512 KB")
    if message["event_action"] not in ("trigger", "acknowledge", "resolve") or not 1 <= len(message["dedup_key"]) <= 255:
        complaints.append("action or key")
    if not re.fullmatch(r"[0-9A-Za-z]{32}", message["routing_key"]):
        complaints.append("routing key")
    allowed = {"routing_key", "event_action", "dedup_key", "client", "client_url", "payload", "links", "images"}
    complaints += [f"{name}: unknown" for name in message.keys() - allowed]
    if message["event_action"] == "resolve":
        return complaints
    payload = message["payload"]
    complaints += [f"payload.{n}: missing" for n in ("summary", "source", "severity") if not payload.get(n)]
    complaints += [f"payload.{n}: unknown" for n in payload.keys() - {*lengths, "severity", "timestamp", "custom_details"}]
    complaints += [f"payload.{n}: too long" for n, most in lengths.items() if len(payload.get(n, "")) > most]
    if payload["severity"] not in ("critical", "error", "warning", "info"):
        complaints.append("payload.severity")
    return complaints


SYSLOG = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) "
    r"(?P<proc>[!-~]{1,128}) (?P<id>[!-~]{1,32}) (?P<data>-|(?:\[[!-~]{1,32}(?: [!-~]{1,32}=\"(?:[^\"\\\]]|\\.)*\")*\])+)"
    r"(?: (?P<message>.*))?", re.DOTALL)


def syslog(data):
    """RFC 5424: (complaints, parameters, message)."""
    text = data.decode("utf-8")
    match = SYSLOG.fullmatch(text)
    if not match:
        return ["does not parse"], {}, ""
    complaints = [] if int(match["pri"]) <= 191 else ["priority"]
    if re.search(r"[\x00-\x1f\x7f]", text):
        complaints.append("control characters")
    parameters = {k: re.sub(r'\\(["\\\]])', r"\1", v) for k, v in re.findall(r' ([!-~]+)="((?:[^"\\\]]|\\.)*)"', match["data"])}
    return complaints, parameters, match["message"]
