// SPDX-License-Identifier: Apache-2.0
// texts.mjs MODULES PORTAL: what the portal does to texts, without a browser: differences of lines, documents changed in places, entries as
// lines, paths as trees. TAP.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, end } from "./browser.mjs";
import { hostile, randomFrom } from "./seed.mjs";

const [modules, portal] = process.argv.slice(2);
const { build } = createRequire(`${modules}/`)("esbuild");
const folder = mkdtempSync(join(tmpdir(), "gambeson-texts-"));
const contents = ["parts/lines.ts", "screens/policies/text.ts", "screens/policies/entry.ts", "screens/functions/tree.ts", "screens/event/line.ts", "screens/event/process_tree.ts"].map((name) => `export * from "./src/${name}";`).join("\n");
await build({ stdin: { contents, resolveDir: portal }, bundle: true, platform: "neutral", mainFields: ["module", "main"], conditions: ["browser"], format: "esm", outfile: join(folder, "made.mjs"),
  alias: { "~": join(portal, "src") }, nodePaths: [join(modules, "node_modules")], logLevel: "error" });
const { compare, facets, inline, lineOf, linesAt, linesOf, pathAt, processTree, read, readLine, treeOf, valueAt, valuesOf, withList, withValue } = await import(join(folder, "made.mjs"));
rmSync(folder, { recursive: true });

const random = randomFrom(17);
const below = (n) => Math.floor(random() * n);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function differences() {
  const text = () => Array.from({ length: below(12) }, () => ["a", "b", "c", ""][below(4)]).join("\n");
  let wrong = "";
  for (let n = 0; n < 3000 && !wrong; n++) {
    const [before, after] = [text(), text()];
    const lines = compare(before, after);
    const side = (kind) => lines.filter((line) => line.kind !== kind).map((line) => line.text);
    const whole = (value) => (value === "" ? [] : value.replace(/\n$/, "").split("\n"));
    if (!same(side("new"), whole(before)) || !same(side("gone"), whole(after))) wrong = JSON.stringify([before, after]);
  }
  check(!wrong, `a difference holds both texts whole: ${wrong}`);
  check(compare("a\nb\nc\nd", "a\nx\nc\nd").filter(({ kind }) => kind !== "same").length === 2, "and is short");
  const long = (word) => Array.from({ length: 3000 }, (_, n) => `${word}${n}`).join("\n");
  check(compare(long("a"), long("b")).length === 6000, "texts with nothing in common are told as such, soon");
}

const document = `# a head
apiVersion: gambeson/v1   # one
kind: FunctionPolicy
metadata: {name: orders}  # two

# three
spec:
  posture: block          # four
  controls: {flow: block, drift: "detect"}   # five
  allow:
    files:
      read:               # six
      - /var/task/**      # seven
      - "/etc/hosts"
      # eight
      - {in: /tmp}
  rules:
    # nine
    - name: first         # ten
      files: {read: [/etc/passwd]}
    - {name: second, hosts: [evil.example]}
`;
const comments = ["a head", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

function inPlaces() {
  const lost = (text) => comments.filter((comment) => !text.includes(`# ${comment}`));
  const changes = [
    [["spec", "posture"], "detect"], [["spec", "posture"], undefined, ["four"]], [["spec", "controls", "drift"], "off"], [["spec", "controls", "budgets"], "detect"], [["spec", "controls", "flow"], ""],
    [["spec", "enforce"], "at 2027-01-01"], [["metadata", "name"], hostile[0]], [["metadata", "name"], "a: b # c"], [["metadata", "name"], "true"], [["metadata", "name"], "007"], [["metadata", "name"], " x "],
    [["spec", "rules", 0, "reason"], `${hostile[1]}\n# not a comment`], [["spec", "rules", 1, "name"], "}, {"], [["spec", "match"], { functions: ["a-*"] }],
  ];
  for (const [path, value, gone = []] of changes) {
    const now = withValue(document, path, value);
    const made = read(now);
    const there = made && valueAt(made, path);
    const wanted = value === "" ? undefined : value;
    const others = (text) => { const plain = read(text).toJS(); const around = path.slice(0, -1).reduce((node, part) => node?.[part], plain); if (around) delete around[path.at(-1)]; return plain; };
    check(made && same(there, wanted) && same(lost(now), gone) && same(others(now), others(document)), `${path.join(".")}: ${inline(value ?? "nothing")} stands there, and all else is as it was: ${made ? lost(now) : now}`);
    const touched = compare(document, now).filter(({ kind }) => kind === "gone").length;
    check(touched <= 1, `${path.join(".")}: ${touched} lines of the text are others`);
  }
  check(withValue("a: [", ["spec"], "x") === "a: [", "what cannot be read is left alone");
  check(same(read(withValue("spec:\n", ["spec", "controls", "flow"], "block")).toJS(), { spec: { controls: { flow: "block" } } }), "what is written as nothing becomes something");
}

function lists() {
  const path = ["spec", "allow", "files", "read"];
  const more = withList(document, path, ["/var/task/**", { in: "/tmp" }, "/new"]);
  check(same(valueAt(read(more), path), ["/var/task/**", { in: "/tmp" }, "/new"]) && more.includes("# seven") && more.includes("# six") && more.includes('      - {in: /tmp}\n'), `a list keeps what stays, with its comments: ${more}`);
  check(withList(document, path, valueAt(read(document), path)) === document, "the same list is the same text");
  const none = withList(document, path, []);
  check(valueAt(read(none), ["spec", "allow"]) === undefined && valueAt(read(none), ["spec", "rules"]).length === 2, "an empty list is none, nor what was around it alone");
}

function entries() {
  const of = (key) => facets.find((facet) => facet.key === key);
  const lines = [
    ["files.read", "/etc/passwd"], ["files.read", '{regex: "/etc/[a-z]+"}'], ["files.read", "{in: /tmp}"], ["hosts", "*.example.com"], ["processes", "/bin/true"], ["awsApis", "s3:GetObject"],
    ["awsApis", '{action: s3:GetObject, resources: ["*"]}'], ["http", "GET example.com /orders/*"], ["http", "/only"], ["http", "POST"], ["inputs", "{classes: [xss], paths: [body.comment]}"],
    ["processes", '{executable: /bin/sh, name: sh, arguments: [-c, {shell: cat <path>}]}'],
  ];
  for (const [key, line] of lines) {
    const facet = of(key);
    const values = valuesOf(facet, line);
    const entry = facet.path.reduceRight((inner, part) => ({ [part]: inner }), values);
    check(same(valuesOf(facet, linesAt(entry, facet)), values), `${key}: ${line} is the same when it is read again: ${linesAt(entry, facet)}`);
  }
  check(same(valuesOf(of("processes"), "/bin/a -x <number> *"), [{ executable: "/bin/a", arguments: ["-x", "<number>", "*"] }]), "words behind a program are its arguments");
  for (const [key, value] of [["names", "{odd"], ["marks", 'say "x"'], ["marks", "two\nlines"], ["marks", " blank "], ["marks", ""], ["processes", "/my dir/prog"], ["names", '"quoted"'], ["accounts", 123456789012]])
    check(same(valuesOf({ key, label: key }, lineOf(key, value)).map(String), [String(value)]), `${key}: ${JSON.stringify(value)} is the same text as a line: ${lineOf(key, value)}`);
  let refused = "";
  try { valuesOf(of("files.read"), "/a\n{broken"); } catch (error) { refused = error.message; }
  check(refused.includes("{broken"), "a line that cannot be read is named");
}

/** The path at a place in the text, for what the server finds wrong there. */
function paths() {
  const made = read(document);
  const at = (what) => pathAt(made, document.indexOf(what)).join(".");
  check(at("detect\"") === "spec.controls.drift" && at("/var/task/**") === "spec.allow.files.read.0" && at("evil") === "spec.rules.1.hosts.0" && at("# a head") === "" && at("posture") === "spec.posture", "each place of a text has its path");
}

function trees() {
  const paths = ["/var/task/a.js", "/var/task/lib/b.js", "/etc/hosts", "relative", "/var/task/lib/deep/er/c.js"];
  const all = linesOf(treeOf(paths, (path) => path), () => true);
  check(same(all.filter(({ item }) => item).map(({ item }) => item).sort(), [...paths].sort()), "a tree has every path once");
  check(same(all.filter(({ folder }) => folder).map(({ folder }) => `${folder.path} ${folder.count}`), ["/ 5", "/etc/ 1", "/var/task/ 3", "/var/task/lib/ 2", "/var/task/lib/deep/er/ 1"]), "folders with one folder in them are one line");
  check(linesOf(treeOf(paths, (path) => path), (path) => path === "/").length === 4, "closed folders are one line");
}

function chains() {
  const runtime = { pid: 2, path: "/bin/node", arguments: ["node", "x"] };
  const step = (event, kind, subject, pid, ...processes) => ({ event, activity: { kind, subject, object: "", arguments: [subject], pid }, processes });
  const told = (node) => [node.path || String(node.pid), ...(node.acts.length > 0 ? [node.acts.map(({ event }) => event).join("+")] : []), ...node.children.map(told)];
  const tree = (...steps) => JSON.stringify(processTree(steps).children.map(told));
  const shell = { pid: 3, path: "/bin/sh", arguments: ["/bin/sh"] };
  const seen = tree(step("a", "process_start", "/bin/sh", 3, runtime), step("b", "process_start", "/bin/env", 4, { ...shell, path: "/bin/dash" }, runtime), step("c", "file_read", "/f", 4, { pid: 4, path: "/bin/env", arguments: [] }, shell, runtime));
  check(seen === '[["/bin/node",["/bin/sh",["/bin/env","c"]]]]', `each process once, below the one that started it: ${seen}`);
  check(tree(step("a", "process_start", "/bin/sh", 3, runtime), step("b", "process_start", "/bin/env", 3, shell, runtime), step("c", "file_read", "/f", 3, { pid: 3, path: "/bin/env", arguments: [] }, runtime))
    === '[["/bin/node",["/bin/sh",["/bin/env","c"]]]]', "a program that another is in the place of stands above it");
  check(tree(step("a", "process_start", "/bin/sh", 3), step("b", "file_read", "/f", 3), step("c", "file_read", "/g", 9)) === '[["/bin/sh","b"]]', "lines of older agents, which name nobody above");
  const random = randomFrom(5);
  const number = () => Math.floor(random() * 4);
  let wrong = "";
  for (let n = 0; n < 2000 && !wrong; n++) {
    const steps = Array.from({ length: 6 }, (_, at) => step(at, number() ? "file_read" : "process_start", `/${number()}`, number() || undefined, ...Array.from({ length: number() }, () => ({ pid: number(), path: number() ? "/p" : "", arguments: [] }))));
    const events = [];
    const walk = (node, depth) => { if (depth > 60) throw new Error("too deep"); if (node.start) events.push(node.start.event); events.push(...node.acts.map(({ event }) => event)); node.children.forEach((child) => walk(child, depth + 1)); };
    walk(processTree(steps), 0);
    if (!same([...events].sort(), [0, 1, 2, 3, 4, 5])) wrong = JSON.stringify(steps);
  }
  check(!wrong, `whatever lines say, each event is in the tree once: ${wrong}`);
  check(same(readLine({ processes: [null, { pid: "1" }, { pid: 7, path: 5, arguments: [1, "a"] }], rule: { name: "r", reason: 3 } }).processes, [{ pid: 7, path: "", arguments: ["a"] }])
    && readLine({ processes: Array.from({ length: 99 }, () => ({ pid: 1 })) }).processes.length === 8 && readLine({ rule: { name: "r", reason: 3 } }).rule.name === "r", "members are read with care");
}

for (const part of [differences, inPlaces, lists, entries, paths, trees, chains]) part();
end();
