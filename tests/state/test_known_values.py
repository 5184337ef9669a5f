"""Postal's values kept per target: what a later check knows without a paste."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from wizard.model.draft import App, Domain, Draft, EnvTarget, InfisicalTarget, Server
from wizard.state import known_values
from wizard.state.directory import StateError
from wizard.state.known_values import KnownValues, fill, keep, of_draft, recall

if TYPE_CHECKING:
    from pathlib import Path

NOW: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DOMAIN: Final = Domain(
    name="acme.example",
    spf_include="spf.postal.mailhost.example",
    return_path="psrp.acme.example",
    return_path_target="rp.postal.mailhost.example",
    dkim_selector="postal-kRSMYn",
    dkim_value="v=DKIM1; t=s; h=sha256; p=MIGf;",
    ownership="postal-verification CfsvehZcdPOybWGbZz00akQqoiJLkwhp",
    sending_ips=("192.0.2.25",),
    helo="postal.mailhost.example",
    mx=("mx.postal.mailhost.example",),
    checked_in_postal=True,
    stored_spf="ok",
    stored_dkim="invalid",
    stored_mx="missing",
)
DRAFT: Final = Draft(App(from_="GlitchTip <glitchtip@acme.example>"), Server("h.example", 25))
INFISICAL: Final = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/mail", "id")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "state"


def kept_file(home: Path) -> Path:
    (found,) = home.glob("*/postal-values.toml")
    return found


def test_what_was_kept_is_recalled_with_its_dates(home: Path, tmp_path: Path) -> None:
    target = EnvTarget("glitchtip/.env")
    kept = keep(target, KnownValues(DOMAIN, "https://postal.example.com", 86), NOW, directory=tmp_path, home=home)
    assert recall(target, directory=tmp_path, home=home) == kept
    assert kept.domain == DOMAIN
    assert (kept.newest_message, kept.when, kept.status_when) == (86, NOW, NOW)


def test_the_file_is_private_and_has_no_key(home: Path, tmp_path: Path) -> None:
    keep(EnvTarget(), KnownValues(DOMAIN), NOW, directory=tmp_path, home=home)
    path = kept_file(home)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "key" not in path.read_text()


def test_every_target_has_values_of_its_own(home: Path, tmp_path: Path) -> None:
    others: list[EnvTarget | InfisicalTarget] = [
        EnvTarget(".env"), EnvTarget("other/.env"), INFISICAL, replace(INFISICAL, url="https://other.example.com"),
        replace(INFISICAL, project="other"), replace(INFISICAL, environment="dev"),
        replace(INFISICAL, secret_path="/other"),
    ]  # fmt: skip
    for number, target in enumerate(others, 1):
        keep(target, KnownValues(DOMAIN, newest_message=number), NOW, directory=tmp_path, home=home)
    found = [recall(target, directory=tmp_path, home=home) for target in others]
    assert [one.newest_message if one else None for one in found] == list(range(1, len(others) + 1))


def test_one_folder_is_one_target_however_it_is_spelled(home: Path, tmp_path: Path) -> None:
    keep(replace(INFISICAL, client_id="x"), KnownValues(DOMAIN), NOW, home=home)
    assert recall(replace(INFISICAL, url="https://secrets.example.com/api/", client_id="y"), home=home) is not None
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    keep(EnvTarget("real/.env"), KnownValues(DOMAIN, newest_message=7), NOW, directory=tmp_path, home=home)
    through = recall(EnvTarget(str(tmp_path / "link" / ".env")), home=home)
    assert through is not None
    assert through.newest_message == 7


class TestTheAge:
    """Of Postal's stored status."""

    def test_keeping_the_same_status_again_does_not_make_it_younger(self, home: Path) -> None:
        later = NOW + timedelta(days=3)
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        kept = keep(INFISICAL, KnownValues(DOMAIN), later, home=home)
        assert (kept.when, kept.status_when) == (later, NOW)

    def test_another_status_is_new(self, home: Path) -> None:
        later = NOW + timedelta(days=3)
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        assert keep(INFISICAL, KnownValues(replace(DOMAIN, stored_dkim="ok")), later, home=home).status_when == later

    def test_a_page_pasted_again_is_new_though_it_shows_the_same(self, home: Path) -> None:
        later = NOW + timedelta(days=3)
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        assert keep(INFISICAL, KnownValues(DOMAIN, status_when=later), later, home=home).status_when == later


def test_the_newest_message_is_not_forgotten_by_a_run_that_did_not_ask(home: Path) -> None:
    keep(INFISICAL, KnownValues(DOMAIN, newest_message=86), NOW, home=home)
    assert keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home).newest_message == 86


def test_the_newest_message_alone_is_kept_without_a_new_date(home: Path) -> None:
    known_values.keep_newest(INFISICAL, 90, home=home)
    assert recall(INFISICAL, home=home) is None
    kept = keep(INFISICAL, KnownValues(DOMAIN, newest_message=86), NOW, home=home)
    known_values.keep_newest(INFISICAL, 90, home=home)
    assert recall(INFISICAL, home=home) == replace(kept, newest_message=90)
    known_values.keep_newest(INFISICAL, 12, home=home)
    assert recall(INFISICAL, home=home) == replace(kept, newest_message=90)


class TestFilling:
    def test_the_date_of_the_status_goes_with_it_and_with_nothing_else(self) -> None:
        known = KnownValues(DOMAIN, status_when=NOW)
        assert known_values.fills_status(DRAFT, known)
        assert not known_values.fills_status(replace(DRAFT, domain=Domain(stored_mx="ok")), known)
        assert not known_values.fills_status(replace(DRAFT, app=App(from_="x@other.example")), known)
        assert not known_values.fills_status(DRAFT, KnownValues(Domain(name="acme.example"), status_when=NOW))

    def test_what_the_draft_lacks_comes_from_what_is_known(self) -> None:
        filled = fill(DRAFT, KnownValues(DOMAIN, "https://postal.example.com"))
        assert replace(filled.domain, name="acme.example") == DOMAIN
        assert filled.server == Server("h.example", 25, web_url="https://postal.example.com")
        assert filled.domain_name == "acme.example"

    def test_what_the_draft_has_stays(self) -> None:
        told = replace(DRAFT, domain=Domain(dkim_selector="postal-OTHER1", mx=("mx.other.example",)))
        filled = fill(told, KnownValues(DOMAIN))
        assert (filled.domain.dkim_selector, filled.domain.mx) == ("postal-OTHER1", ("mx.other.example",))
        assert filled.domain.spf_include == DOMAIN.spf_include

    @pytest.mark.parametrize("told", [Domain(checked_in_postal=False), Domain(stored_mx="ok")])
    def test_the_status_of_two_moments_is_not_mixed(self, told: Domain) -> None:
        filled = fill(replace(DRAFT, domain=told), KnownValues(DOMAIN)).domain
        assert filled.stored_dkim == ""
        assert filled.checked_in_postal == told.checked_in_postal

    def test_nothing_is_filled_for_another_from_domain(self) -> None:
        other = replace(DRAFT, app=App(from_="x@other.example"))
        assert fill(other, KnownValues(DOMAIN)) == other

    def test_a_draft_gives_what_is_to_be_kept(self) -> None:
        known = of_draft(replace(DRAFT, domain=replace(DOMAIN, name="")), 86)
        assert known.domain == DOMAIN
        assert known.newest_message == 86


class TestWhatIsNotUsable:
    """Counts as nothing known."""

    @pytest.mark.parametrize(
        "text",
        [
            "", "no toml", "schema = 1\n", "schema = 1\n[kept]\nnewest_message = 1\n",
            "schema = 1\n[kept]\nnewest_message = -1\nwhen = 2026-11-20T12:00:00Z\nstatus_when = 2026-11-20T12:00:01Z",
            "schema = 1\n[kept]\nnewest_message = 1\nwhen = 2026-11-20\nstatus_when = 2026-11-20\n",
            "schema = 1\n[domain]\nother = 1\n[kept]\n", "x" * 70_000, "\udcff",
        ],
    )  # fmt: skip
    def test_broken(self, home: Path, text: str) -> None:
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        kept_file(home).write_bytes(text.encode("utf-8", "surrogateescape"))
        assert recall(INFISICAL, home=home) is None

    def test_absent(self, home: Path) -> None:
        assert recall(INFISICAL, home=home) is None

    def test_writable_by_others(self, home: Path) -> None:
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        kept_file(home).chmod(0o666)
        assert recall(INFISICAL, home=home) is None

    def test_a_link_that_somebody_planted(self, home: Path, tmp_path: Path) -> None:
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=home)
        path = kept_file(home)
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        assert recall(INFISICAL, home=home) is None


def test_a_state_directory_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError):
        keep(INFISICAL, KnownValues(DOMAIN), NOW, home=tmp_path / "state")


def test_the_default_is_the_users_own_state_directory(tmp_path: Path) -> None:
    keep(EnvTarget(str(tmp_path / ".env")), KnownValues(DOMAIN), NOW)
    assert known_values.recall(EnvTarget(str(tmp_path / ".env"))) is not None
