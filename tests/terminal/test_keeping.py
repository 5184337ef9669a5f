"""What an Infisical rotation keeps in a real keyring, and what later processes make of it; without one it goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.effort import one_in
from tests.state.test_keyring import APT, ROOT, SILENT, UNLOCKED, environment, files_with
from tests.terminal.test_commands import Served, end, serve
from wizard.model import answers
from wizard.model.draft import Draft, InfisicalTarget
from wizard.rehearsal.infisical.server import Server, Store
from wizard.state import answers_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = ("prod", "/glitchtip/application")
LOCKED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1"
SECRET_SERVICE = "keyring.backends.SecretService.Keyring"
FIELDS = [""] * 6
"""Enter at the kind, and at each of Infisical's questions before the secret: the answers file has them."""
FIELDS_TOO = [""] * 3
"""Enter at plain http, copy and CA file."""


@dataclass
class Desk:
    """An operator's machine: a home of its own, a Postal, an Infisical with an old key that is still good."""

    home: Path
    served: Served
    infisical: Server
    told: Path

    @property
    def new_key(self) -> str:
        return str(self.served.info["smtp_key"])

    @property
    def old_key(self) -> str:
        return str(self.served.info["old_smtp_key"])

    def url(self, key: str) -> str:
        return f"smtp://shop%2Fapps:{key}@{self.served.info['smtp']}"

    @property
    def held(self) -> str | None:
        return self.infisical.store.value(*FOLDER, "EMAIL_URL")

    @property
    def logins(self) -> int:
        return [path for _, path in self.infisical.store.log].count("/api/v1/auth/universal-auth/login")

    def rotation(self, key: str, *kept: str, asked: bool = True) -> str:
        """Return what is typed for a rotation to *key*; *kept* answers what is offered after the writing."""
        place = [*FIELDS, self.infisical.store.client_secret, *FIELDS_TOO, ""] if asked else []
        # The user name, the key, on to the review, the writing, on from done: with the questions.
        return "\n".join(["2", *place, "", key, "", "", "", *kept, ""])

    def wizard(self, number: int, *words: str, typed: str = "") -> str:
        """Return the shell line that runs the wizard as process *number*."""
        (self.home / f"{number}.in").write_text(typed)
        program = f'"$0" -m wizard {" ".join(words)} --answers {self.told} {" ".join(self.served.network)}'
        here = self.home
        return f"{program} < {here}/{number}.in > {here}/{number}.out 2>&1; echo $? > {here}/{number}.code"

    def run(self, before: str, *lines: str, backend: str = SECRET_SERVICE) -> list[tuple[int, str]]:
        """Run *lines* one after the other in one session; return each one's exit code and what it said."""
        (self.home / "runtime").mkdir(mode=0o700)
        env = environment(
            self.home,
            PYTHONPATH=str(ROOT),
            XDG_RUNTIME_DIR=str(self.home / "runtime"),
            PYTHON_KEYRING_BACKEND=backend,
        )
        env = {name: value for name, value in env.items() if not name.startswith("INFISICAL_")}
        bus = ["dbus-run-session", "--"] if before else []
        script = "\n".join([before, *lines])
        subprocess.run([*bus, "sh", "-c", script, sys.executable], env=env, cwd=self.home, timeout=120, check=False)
        told = range(1, len(lines) + 1)
        said = [
            (
                int((self.home / f"{number}.code").read_text()),
                " ".join((self.home / f"{number}.out").read_text().split()),  # wherever a line is wrapped
            )
            for number in told
        ]
        for number in told:
            (self.home / f"{number}.in").unlink()
        return said

    def leaks(self) -> list[str]:
        secrets = (self.infisical.store.client_secret, self.old_key, self.new_key)
        return [path for secret in secrets for path in files_with(self.home, secret)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if shutil.which("dbus-run-session") is None or shutil.which("gnome-keyring-daemon") is None:
        pytest.skip(f"no gnome-keyring here: {APT}")
    served = serve(tmp_path / "rehearsal")
    server = Server(Store())
    server.start()
    draft, store = answers_file.load(served.answers), server.store
    told = served.answers.with_name("told.toml")
    target = InfisicalTarget(server.url, store.project_slug, *FOLDER, store.client_id)
    told.write_text(answers.dumps(Draft(app=draft.app, target=target)))
    home = tmp_path / "home"
    home.mkdir()
    made = Desk(home, served, server, told)
    store.put(*FOLDER, "EMAIL_URL", made.url(made.old_key))
    store.put(*FOLDER, "DEFAULT_FROM_EMAIL", draft.app.from_)
    yield made
    server.stop()
    end(served)


@pytest.mark.full
def test_a_later_process_rolls_back_by_what_a_real_keyring_kept(desk: Desk) -> None:
    (rotated, said), (back, told), (again, refused) = desk.run(
        UNLOCKED,
        desk.wizard(1, "--plain", typed=desk.rotation(desk.new_key, "y", "y")),
        desk.wizard(2, "rollback"),
        desk.wizard(3, "rollback"),
    )
    assert rotated == 0, said
    assert "The old values are kept" in said
    assert "client secret is kept in your keyring" in said
    assert back == 0, told
    assert desk.held == desk.url(desk.old_key)
    assert "infisical run" in told
    # What was put back is no longer kept.
    assert again == 2, refused
    assert desk.logins == 2
    assert desk.infisical.store.tokens == set()
    assert desk.leaks() == []


@pytest.mark.full
def test_the_next_rotation_asks_for_no_client_secret_and_kept_values_are_deleted_on_a_word(desk: Desk) -> None:
    (first, said), (second, told), (third, gone), (back, refused) = desk.run(
        UNLOCKED,
        desk.wizard(1, "--plain", typed=desk.rotation(desk.new_key, "y", "y")),
        # The client secret is kept already: only the old values are asked about.
        desk.wizard(2, "--plain", typed=desk.rotation(desk.old_key, "y", asked=False)),
        # The fifth choice: delete the kept old values.
        desk.wizard(3, "--plain", typed="5\ny\nq\n"),
        desk.wizard(4, "rollback"),
    )
    assert (first, second) == (0, 0), said + told
    assert "Infisical's client secret comes from your keyring." in told
    assert "Client secret" not in told.replace("client secret", "")
    assert third == 10
    assert "5 Delete the kept old values" in gone
    assert "The old values are deleted from your keyring." in gone
    assert back == 2, refused
    assert desk.held == desk.url(desk.old_key)
    assert desk.logins == 2
    assert desk.leaks() == []


@pytest.mark.full
def test_nothing_is_kept_where_nobody_said_yes(desk: Desk) -> None:
    (rotated, said), (back, refused) = desk.run(
        UNLOCKED,
        desk.wizard(1, "--plain", typed=desk.rotation(desk.new_key, "", "")),
        desk.wizard(2, "rollback"),
    )
    assert rotated == 0, said
    assert back == 2
    assert "cannot be rolled back from here" in refused
    assert "Version history" in refused
    assert desk.leaks() == []


@pytest.mark.parametrize(
    ("before", "backend", "why"),
    one_in(
        3,
        [
            (LOCKED, SECRET_SERVICE, "the keyring"),
            ("silent", SECRET_SERVICE, "the keyring did not answer within 3 seconds"),
            ("", SECRET_SERVICE, "no keyring could be loaded"),
            ("", "keyring.backends.fail.Keyring", "this machine has no keyring"),
            ("", "keyring.backends.null.Keyring", "the keyring is switched off"),
            ("", "keyrings.alt.file.PlaintextKeyring", "this keyring backend is not one that is known to protect"),
        ],
    ),
)
def test_without_a_keyring_that_may_hold_it_one_sentence_says_so_and_the_walk_ends_well(
    desk: Desk, before: str, backend: str, why: str
) -> None:
    if before == "silent":
        (desk.home / "silent.py").write_text(SILENT)
        pipe = desk.home / "owned"
        before = f'mkfifo {pipe}\n"$0" {desk.home}/silent.py > {pipe} &\nread owned < {pipe}'
    typed = desk.rotation(desk.new_key, "y", "y")
    ((rotated, said),) = desk.run(before, desk.wizard(1, "--plain", typed=typed), backend=backend)
    assert rotated == 0, said
    assert f"The old values are not kept: {why}" in said
    assert f"client secret is not kept: {why}" in said
    assert desk.held == desk.url(desk.new_key)
    (desk.home / "owned").unlink(missing_ok=True)
    assert desk.leaks() == []


def test_the_process_of_the_keyring_has_no_secret_in_its_arguments_or_environment(desk: Desk) -> None:
    watch = desk.home / "watch.sh"
    seen = desk.home / "seen"
    look = f"cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >> {seen} 2>/dev/null"
    watch.write_text(f"while [ ! -e {desk.home}/1.code ]; do {look}; sleep 0.05; done")
    ((rotated, said),) = desk.run(
        f"{UNLOCKED}\nsh {watch} &", desk.wizard(1, "--plain", typed=desk.rotation(desk.new_key, "y", "y"))
    )
    assert rotated == 0, said
    raw = seen.read_bytes()
    assert b"keyring_child.py" in raw
    for secret in (desk.infisical.store.client_secret, desk.old_key, desk.new_key):
        assert secret.encode() not in raw
