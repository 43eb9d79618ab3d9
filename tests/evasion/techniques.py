# SPDX-License-Identifier: Apache-2.0
"""All techniques, in the order of the page."""

import native  # noqa: F401
import scripted  # noqa: F401
from technique import ALL, ALLOWED, HEAD, NODE, OPEN, SEEN, STOPPED  # noqa: F401
