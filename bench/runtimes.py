#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""runtimes.py [--rounds N] [NAME…]: the cold start and the invocations of the functions in tests/integration/functions that
scripts/setup-runtimes compiled, bare and guarded in turn; a line of docs/RUNTIMES.md's table for each. Writes nothing."""

import argparse
import pathlib
import statistics
import sys
import tempfile

import bench

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = ROOT / "build/deps"
FUNCTIONS = {
    "go-static": [DEPS / "go/static"],
    "go-pie": [DEPS / "go/pie"],
    "go-cgo": [DEPS / "go/cgo"],
    "rust-glibc": [DEPS / "rust/glibc"],
    "rust-static": [DEPS / "rust/static"],
    "java": ["/usr/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", f"{DEPS}/java/classes:{DEPS}/java/lib/*",
             "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", "Handler::handleRequest"],
}
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_VERSION": "1",
               "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_REGION": "eu-west-1", "LANG": "C.UTF-8", "HOME": "/tmp", "_HANDLER": "handler",
               "AWS_LAMBDA_LOG_GROUP_NAME": "bench", "AWS_LAMBDA_LOG_STREAM_NAME": "bench"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("names", nargs="*", default=[])
    arguments = parser.parse_args()
    figures = ("cold_ms", "invoke_p50_us", "tree_pss_kb")
    print("| | " + " | ".join(f"{figure} bare | noise | added" for figure in figures) + " |")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as event:
        event.write(bench.event_of_1_kb())
        event.flush()
        for name in arguments.names or FUNCTIONS:
            command = [str(word) for word in FUNCTIONS[name]]
            setup = (command, {**ENVIRONMENT, "LAMBDA_TASK_ROOT": "/tmp"})
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
