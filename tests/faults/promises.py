"""Every promise that is made, and the tests that hold it: what README says, and what was measured of attacks.

``python -m tests.faults`` runs them and prints a line for each; with ``FULL=1`` the loops run whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise."""

    words: str
    """As README says it; of a promise that README does not make, in this file's own words."""
    tests: tuple[str, ...]
    """``FILE`` or ``FILE::TEST``, below ``tests/``; of a class ``FILE::CLASS``."""
    figure: str = ""
    """What has to be reached; empty where there is nothing to count."""


OF_README: Final = (
    Promise(
        'says "GlitchTip sends mail" only when it has all five',
        ("setup/test_proofs.py",),
    ),
    Promise(
        "is never shown as right or wrong",
        ("setup/test_proofs.py", "checks/smtp/test_verdicts.py"),
    ),
    Promise(
        "If somebody changes the target in the meantime, nothing is written.",
        (
            "targets/env_file/test_target.py",
            "targets/env_file/test_between.py",
            "targets/infisical/test_target.py",
        ),
    ),
    Promise(
        "`.env` changes in one atomic step",
        (
            "terminal/test_env_kill.py",
            "targets/env_file/test_any_file.py",
            "targets/env_file/test_write.py",
            "targets/env_file/test_refused.py",
        ),
        "0 torn of 500 kills; 5,000 files made at random keep all else",
    ),
    Promise(
        "A secret is never an argument, never in a log and never on the screen",
        (
            "terminal/test_leaks.py",
            "rehearsal/test_walked.py",
            "terminal/test_crashes.py",
            "cli/test_values_stay_out.py",
            "screens/test_fields.py",
        ),
        "0 hits of 8 encodings in every file, terminal byte, argument and environment",
    ),
    Promise(
        "The wizard restarts nothing.",
        ("faults/test_sent.py::test_docker_is_only_asked",),
    ),
    Promise(
        "GlitchTip keeps the old one",
        ("terminal/test_rotation.py", "terminal/test_rollback.py"),
        "every rotation that fails",
    ),
    Promise(
        "The state directory has mode 0700, its files 0600.",
        ("state/test_journal.py", "state/test_directory.py", "targets/env_file/test_target.py"),
    ),
    Promise(
        "Keyed hashes beside them tell the wizard whether a value is still the one that it wrote.",
        ("targets/env_file/test_target.py", "state/test_previous_values.py"),
    ),
    Promise(
        "The rehearsal keeps its files in a temporary directory and deletes it at its end",
        ("rehearsal/test_lifetime.py",),
    ),
    Promise(
        "your keyring, only if you choose it",
        ("state/test_keyring.py", "setup/test_keeping.py", "terminal/test_keeping.py"),
        "0 files in plain text in every keyring situation",
    ),
    Promise(
        "no variable named like a secret or holding a known one",
        ("system/test_children.py",),
    ),
    Promise(
        "No hook, pager, file monitor or fetch of the repository runs",
        ("system/test_children.py", "faults/test_hostile_directory.py"),
        "0 programs run; 5 s for all files",
    ),
    Promise(
        "Nothing else goes out: no statistics, no search for updates.",
        ("faults/test_sent.py::test_nothing_goes_anywhere_else",),
    ),
    Promise(
        "one login for each check",
        ("checks/smtp/test_hostile.py", "targets/infisical/test_connection.py"),
        "1 AUTH a check, 1 login a press",
    ),
    Promise(
        "No redirect is followed, no unencrypted proxy is used",
        ("targets/infisical/test_front.py", "targets/infisical/test_tls.py"),
    ),
    Promise(
        "numbers of messages, until the test mail is found by its Message-ID",
        ("postal/test_api.py",),
        "45 calls on a server of a million, 120 at most",
    ),
    Promise(
        "internal error; the message names a redacted log",
        ("terminal/test_crashes.py", "screens/test_defects.py"),
    ),
    Promise(
        "ended by a signal, the draft is saved",
        ("terminal/test_hangup.py", "terminal/test_stopped_writing.py", "screens/test_shutdown.py"),
    ),
)

OF_ATTACKS: Final = (
    Promise(
        "a dropped terminal leaves old or new settings, and a draft to continue with",
        ("terminal/test_dropped.py",),
        "300 kills and 200 dropped terminals at random moments; gone within 2 s",
    ),
    Promise(
        "every reader of the file reads the same value, or it is refused",
        ("targets/env_file/test_readers.py",),
        "2,000 passwords",
    ),
    Promise(
        "two keys: all of them, or each with its state",
        ("targets/infisical/test_faults.py",),
        "a fault at each request, 0 silent partial states",
    ),
    Promise("a hostile peer ends by its deadline, in little memory", ("checks/smtp/test_hostile.py",), "20 MB"),
    Promise(
        "nothing keeps the program from ending",
        ("terminal/test_manners.py::TestLeaving", "checks/smtp/test_leaving.py", "system/test_files.py"),
        "1 s",
    ),
    Promise("TLS is never given up", ("checks/smtp/test_hostile.py", "checks/smtp/test_tls.py"), "0 AUTH in clear"),
    Promise(
        "what others wrote is never asserted",
        ("faults/test_no_assertions.py", "checks/dns/test_no_assert.py", "fuzz/test_corpus.py"),
        "0 exits 70",
    ),
    Promise(
        "no text takes more than linear time",
        ("faults/test_linear.py", "diagnosis/test_bounds.py"),
        "16 MB in 3 s and 60 MB",
    ),
    Promise("too few files or threads are unknown, in a sentence", ("checks/smtp/test_shortage.py",)),
)
PROMISES: Final = (*OF_README, *OF_ATTACKS)
