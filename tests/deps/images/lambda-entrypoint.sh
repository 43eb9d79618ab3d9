#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The entry point of an image as AWS's base images have it: the handler is the image's CMD.
if [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then
	echo "lambda-entrypoint.sh: no AWS_LAMBDA_RUNTIME_API" >&2
	exit 1
fi
exec /usr/bin/python3.11 -m awslambdaric "$@"
