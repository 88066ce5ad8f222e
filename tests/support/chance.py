"""Chance in the tests: none in ``make test``, as much as possible in ``make explore``.

``SAME`` draws the same examples for everybody; ``EXPLORE`` draws others each time, ten times as many, and keeps what it
finds in ``.hypothesis``, to try that first the next time.
"""

from __future__ import annotations

from typing import Any

import hypothesis
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.internal.conjecture import providers

from tests.support.binaries import CHECKOUT

SAME = "same"
EXPLORE = "explore"

#: Where ``make explore`` keeps what it finds.
FOUND = CHECKOUT / ".hypothesis" / "examples"

#: So many examples a property has unless it says otherwise, in ``make test``.
_USUAL = 100


def register() -> None:
    """Make both profiles known to Hypothesis, and load the one without chance."""
    # A busy machine is no failure of the code under test.
    common: dict[str, Any] = {
        "deadline": None,
        "suppress_health_check": [hypothesis.HealthCheck.too_slow],
        "print_blob": True,
    }
    hypothesis.settings.register_profile(SAME, max_examples=_USUAL, derandomize=True, **common)
    hypothesis.settings.register_profile(
        EXPLORE,
        max_examples=10 * _USUAL,
        derandomize=False,
        database=DirectoryBasedExampleDatabase(FOUND),
        **common,
    )
    hypothesis.settings.load_profile(SAME)


def examples(usual: int) -> hypothesis.settings:
    """As many examples in ``make test``, in proportion more in ``make explore``."""
    profile = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
    return hypothesis.settings(max_examples=usual * profile.max_examples // _USUAL)


def forget_constants() -> None:
    """Keep the numbers and texts of our own modules out of the draws.

    Hypothesis tries constants that it finds in the modules imported so far. Which these are depends on the tests that
    ran before in the same worker, and so would the examples. There is no setting for it.
    """
    assert hasattr(providers, "_get_local_constants"), "look for where Hypothesis keeps it now"
    providers._get_local_constants = lambda: providers._local_constants
