# SPDX-License-Identifier: Apache-2.0
"""test_usage.py GAMBESON: what the command line says to mistakes: one line that names the subject and the remedy on
standard error, nothing on standard output, exit status 2; and that help and man page name every option."""

import json
import pathlib
import re
import tempfile

from cli import ROOT, gambeson, tap

EMPTY = tempfile.mkdtemp(prefix="gambeson-cli-")
NOT_THERE = f"{EMPTY}/not-there"
HELLO = str(ROOT / "examples" / "hello-bash")

# arguments, the line on standard error without "gambeson "; {…} as in str.format
MISTAKES = [
    ([], ": a command is missing; see 'gambeson help'"),
    (["versoin"], ": unknown command 'versoin'; did you mean 'version'?"),
    (["xyzzy"], ": unknown command 'xyzzy'; see 'gambeson help'"),
    (["--frob"], ": unknown option '--frob'; see 'gambeson help'"),
    (["help", "xyzzy"], ": unknown command 'xyzzy'; see 'gambeson help'"),
    (["local"], " local: a command is missing; see 'gambeson help local'"),
    (["local", "invok"], " local: unknown command 'invok'; did you mean 'invoke'?"),
    (["local", "--frob"], " local: unknown option '--frob'; see 'gambeson help local'"),
    (["version", "--jsno"], " version: unknown option '--jsno'; did you mean '--json'?"),
    (["version", "now"], " version: unexpected argument 'now'; see 'gambeson version --help'"),
    (["local", "invoke", "--evnet", "x"], " local invoke: unknown option '--evnet'; did you mean '--event'?"),
    (["local", "invoke", "--count", "many"], " local invoke: --count: 'many' is not a whole number from 1 to 1000000"),
    (["local", "invoke", "--mode", "blok"], " local invoke: --mode: 'blok' is not one of 'off', 'detect', 'block'"),
    (["local", "invoke", "--timeout"], " local invoke: option '--timeout' needs a value: --timeout SECONDS"),
    (["local", "invoke", "--no-gambeson", "--code", NOT_THERE],
     " local invoke: --code: cannot read '{0}': No such file or directory"),
    (["local", "invoke", "--no-gambeson", "--code", "Makefile"],
     " local invoke: --code: 'Makefile' is not a folder; give the one the handler is in"),
    (["local", "invoke", "--no-gambeson", "--code", EMPTY],
     " local invoke: cannot tell the runtime of '{1}' from its files; say --runtime nodejs, python or provided"),
    (["local", "invoke", "--no-gambeson", "--code", EMPTY, "--runtime", "provided"],
     " local invoke: no bootstrap in '{1}'; a provided runtime needs one, or --command"),
    (["local", "invoke", "--no-gambeson", "--code", HELLO, "--event", NOT_THERE],
     " local invoke: --event: cannot read '{0}': No such file or directory"),
    (["local", "invoke", "--no-gambeson", "--code", HELLO, "--event", EMPTY],
     " local invoke: --event: no *.json in the folder '{1}'"),
    (["local", "invoke", "--no-gambeson", "--code", HELLO, "--env", "NAME"],
     " local invoke: --env: 'NAME' is not of the form NAME=VALUE"),
    (["local", "invoke", "--no-gambeson", "--code", HELLO, "--command", " "],
     " local invoke: --command is blank; give a program and its arguments"),
    (["local", "invoke", "--code", HELLO, "--agent", NOT_THERE],
     " local invoke: --agent: cannot read '{0}': No such file or directory"),
    (["run"], " run: something is missing: gambeson run [--] PROGRAM [ARGUMENTS...]"),
    (["run", "--agent", NOT_THERE, "--", "true"], " run: --agent: cannot read '{0}': No such file or directory"),
    (["layer", "build", "--agent", NOT_THERE], " layer build: --agent: cannot read '{0}': No such file or directory"),
    (["layer", "build", "--agent", "/bin/true", "--sensor", "/bin/true", "--policy", "/bin/true"],
     " layer build: --policy: '/bin/true' is refused: it is corrupt, cut short, or no compiled policy"),
    (["layer", "build", "--agent", "/bin/true", "--sensor", "/bin/true", "--key", ".gitignore"],
     " layer build: --key: '.gitignore': line 1 is no Ed25519 public key (64 hexadecimal digits)"),
    (["local", "profile"], " local profile: something is missing: gambeson local profile EVENT|FOLDER..."),
    (["local", "profile", "--code", HELLO, "--agent", NOT_THERE, "x"],
     " local profile: --agent: cannot read '{0}': No such file or directory"),
    (["policy", "diff", "x"], " policy diff: something is missing: gambeson policy diff A B"),
    (["replay", "x"], " replay: under which policy? add --policy FILE"),
    (["replay", "--policy", "x"],
     " replay: something is missing: gambeson replay LOG|PROFILE|EVENT|FOLDER|-..."),
    (["replay", "--policy", "x", "--posture", "off", "x"],
     " replay: --posture: 'off' is not one of 'detect', 'block'"),
    (["policy", "explian"], " policy: unknown command 'explian'; did you mean 'explain'?"),
    (["policy", "explain"], " policy explain: something is missing: gambeson policy explain KIND [SUBJECT...]"),
    (["policy", "explain", "--polcy", "x"], " policy explain: unknown option '--polcy'; did you mean '--policy'?"),
    (["policy", "explain", "file_read", "/x"], " policy explain: which policy? add '--policy FILE', or a folder"),
    (["policy", "test"], " policy test: something is missing: gambeson policy test CASES..."),
    (["policy", "test", NOT_THERE], " policy test: which policy? add '--policy FILE', or a folder"),
    (["probe", "all"], " probe: unexpected argument 'all'; see 'gambeson probe --help'"),
]


def mistakes():
    for arguments, line in MISTAKES:
        result = gambeson(*arguments)
        wanted = "gambeson" + line.format(NOT_THERE, EMPTY) + "\n"
        tap.check(result.status == 2 and result.out == b"" and result.err.decode() == wanted,
                  f"mistake: {' '.join(arguments).replace(EMPTY, 'DIR')}", lambda: f"{result}\nwanted {wanted!r}")


def unwritable():
    result = gambeson("layer", "build", "--agent", "/bin/true", "--sensor", "/bin/true", "-o", f"{NOT_THERE}/x.zip")
    tap.check(result.status == 3 and result.out == b"" and result.err.count(b"\n") == 1 and b"x.zip" in result.err,
              "a zip that cannot be written: exit 3", result)
    result = gambeson("local", "invoke", "--no-gambeson", "--code", HELLO, "--command", NOT_THERE)
    tap.check(result.status == 3 and b"cannot start" in result.err, "a program that cannot be started: exit 3", result)


def version():
    result = gambeson("version", "--json")
    tap.check(result.status == 0 and result.err == b"" and json.loads(result.out)["log_format"] == 1, "version --json", result)
    short, flag = gambeson("version"), gambeson("--version")
    tap.check(re.fullmatch(rb"gambeson \d+\.\d+\.\d+\n", short.out) is not None and flag.out == short.out, "version", short)


def probe():
    result = gambeson("probe", "--json")
    parsed = json.loads(result.out)
    tap.check(result.status == 0 and len(parsed["probes"]) >= 15 and "kernel" in parsed, "probe --json", result)
    tap.check(parsed["probes"]["temporary_folder"]["works"], "probe: /tmp is writable here", result)
    tap.check(b"\033" not in gambeson("probe").out, "probe: no colour without a terminal", result)


def commands(*path):
    """Every command below PATH, from the help texts."""
    text = gambeson("help", *path).out.decode()
    match = re.search(r"\ncommands:\n((?:  .*\n)+)", text)
    if not match:
        return [path]
    found = []
    for line in match[1].splitlines():
        name = re.split(r"  +", line.strip())[0].split()
        found += commands(*name)
    return found


def help_and_man_page():
    manual = (ROOT / "man" / "gambeson.1").read_text().replace("\\-", "-")
    for path in commands():
        result, flag = gambeson("help", *path), gambeson(*path, "--help")
        name = " ".join(path)
        tap.check(result.status == 0 and result.err == b"" and result.out == flag.out, f"help of {name}", flag)
        tap.check(f"gambeson {name}" in manual, f"the man page has {name}", "run scripts/update-man")
        for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", result.out.decode(), re.MULTILINE):
            if option != "--help":
                tap.check(option in manual, f"the man page has {name} {option}", "run scripts/update-man")
        examples = result.out.decode().partition("\nexamples:\n")[2].splitlines()
        tap.check(examples and all(line.startswith(f"  gambeson {name}") for line in examples), f"{name} has examples", result)
        for option in re.findall(r"(?<= )(?:--[a-z-]+|-[a-z](?= ))", " ".join(examples).partition(" -- ")[0]):
            tap.check(re.search(rf"^  (-\w, )?{option}\b", result.out.decode(), re.MULTILINE) is not None,
                      f"{name} knows {option} of its examples", result)
    for status in ("0", "1", "2", "3"):
        tap.check(re.search(rf"^\.B {status}$", manual, re.MULTILINE) is not None, f"the man page has exit status {status}")


for group in (mistakes, unwritable, version, probe, help_and_man_page):
    tap.section(group)
pathlib.Path(EMPTY).rmdir()
tap.done()
