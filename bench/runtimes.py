#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""runtimes.py [--rounds N] [NAME…]: the cold start and the invocations of the functions in tests/integration/functions on the
runtimes of tests/integration/lib/runtimes.py, bare and guarded in turn; a line of docs/RUNTIMES.md's table for each. Writes
nothing."""

import argparse
import pathlib
import statistics
import sys
import tempfile

import bench

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
from lib import runtimes  # noqa: E402

# The cage's folders, outside of it.
PLACES = {runtimes.DEPS: str(ROOT / "build/deps"), runtimes.FUNCTIONS: str(ROOT / "tests/integration/functions")}
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_VERSION": "1",
               "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_REGION": "eu-west-1", "LANG": "C.UTF-8", "HOME": "/tmp", "_HANDLER": "handler",
               "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench"}


def outside(text):
    for inside, place in PLACES.items():
        text = text.replace(inside, place)
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("names", nargs="*", default=[])
    arguments = parser.parse_args()
    figures = ("cold_ms", "cold_cpu_ms", "invoke_p50_us", "tree_pss_kb")
    print("| | " + " | ".join(f"{figure} bare | noise | added" for figure in figures) + " |")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as event:
        event.write(bench.event_of_1_kb())
        event.flush()
        for name in arguments.names or (name for name, runtime in runtimes.RUNTIMES.items() if name != "node-stream" and not runtime.image):
            runtime = runtimes.RUNTIMES[name]
            folder = outside(f"{runtimes.FUNCTIONS}/{runtime.folder}")
            command = list(map(outside, runtime.command))
            variables = {key: outside(value) for key, value in runtime.environment.items()}
            setup = (command, {**ENVIRONMENT, "LAMBDA_TASK_ROOT": folder, "_HANDLER": runtime.command[-1], **variables})
            values = {variant: [] for variant in bench.VARIANTS}
            for round_number in range(arguments.rounds):
                for step in range(len(bench.VARIANTS)):
                    variant = bench.VARIANTS[(round_number + step) % len(bench.VARIANTS)]
                    bench.wait_for_idle()
                    values[variant].append(bench.one_function("x", variant, setup, event.name, 100))
            cells = []
            for figure in figures:
                bare, again, guarded = (statistics.median(one[f"x.{figure}"] for one in values[variant]) for variant in bench.VARIANTS)
                cells.append(f"{bare:.1f} | {again - bare:+.1f} | {guarded - bare:+.1f}")
            print(f"| {name} | " + " | ".join(cells) + " |")
            sys.stdout.flush()


main()
