#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A few generations of processes, pipes and a status of its own.
for i in 1 2 3; do
	/bin/sh -c 'echo $$ >/dev/null; seq 3 | sort -r'
done
cat
exit 3
