"""The probe's script: a file that runs on every Python of GlitchTip's images and stands on nothing but Python."""

from __future__ import annotations

import ast
import http.server
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from wizard.email_url import readers
from wizard.glitchtip import digests, flow_questions, flow_script, inside_scripts, probe, probe_script, settings

ONCE = "11" * 32
OLD = {"3.6.", "3.7."}
PYTHONS = sorted(
    {str(path) for path in Path.home().glob(".pyenv/versions/3.*/bin/python") if path.parents[1].name[:4] not in OLD}
    | {found for minor in range(8, 15) if (found := shutil.which(f"python3.{minor}", path="/usr/bin:/usr/local/bin"))}
)


def answered(environment: dict[str, str]) -> probe.Probed:
    """Return what the script says in a process with this *environment*."""
    question = probe.Question(once=ONCE)
    done = subprocess.run(
        [sys.executable, "-I", "-"], input=question.script, env={"PATH": "/usr/bin", **environment},
        capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    probed = probe.read(done.stdout, question)
    assert probed is not None
    return probed


def _calls(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("name", [probe.SCRIPT, flow_questions.SCRIPT])
class TestTheFiles:
    def test_it_is_python_of_every_version_that_an_image_has(self, name: str) -> None:
        tree = ast.parse(inside_scripts.asking(name, {"mark": "M"}), feature_version=(3, 8))
        # Evaluated at once, these would be newer than 3.8; annotations are not evaluated.
        assert isinstance(tree.body[1], ast.ImportFrom)
        assert tree.body[1].module == "__future__"
        assert not _calls(tree) & {"removeprefix", "removesuffix", "is_relative_to", "randbytes", "bit_count"}
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and _is_annotation_like(node)]

    def test_it_imports_the_standard_library_alone(self, name: str) -> None:
        tree = ast.parse(inside_scripts.text(name))
        names = [each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names]
        names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        imported = {each.partition(".")[0] for each in names}
        assert imported - {"celery"} <= set(sys.stdlib_module_names)  # GlitchTip's own, imported when it is asked
        assert "wizard" not in imported

    def test_the_question_takes_the_place_of_one_line(self, name: str) -> None:
        assert inside_scripts.text(name).count('ASKED = "{}"\n') == 1
        script = inside_scripts.asking(name, {"mark": "M", "host": "host'\"\\"}).decode()
        assert script.count("\nASKED = ") == 1
        compile(script, "probe", "exec")


def _is_annotation_like(node: ast.BinOp) -> bool:
    """Whether a union of types or dictionaries is evaluated: ``dict | dict`` is newer than 3.8."""
    return isinstance(node.op, ast.BitOr) and isinstance(node.left, ast.Dict | ast.Call)


@pytest.mark.slow
class TestOtherPythons:
    """GlitchTip's images have had Python 3.8 to 3.14; those of this host are tried for real."""

    @pytest.mark.parametrize("python", PYTHONS, ids=lambda path: Path(path).parents[1].name)
    def test_both_scripts_run_there(self, python: str) -> None:
        # A web service of its own: at the usual ports there may be anybody's.
        web = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True).start()
        environment = {"PATH": "/usr/bin", "EMAIL_URL": "smtp://u:k@h:25", "PORT": str(web.server_port)}

        def run(script: bytes) -> bytes:
            return subprocess.run(
                [python, "-"], input=script, env=environment, capture_output=True, check=True, timeout=60
            ).stdout  # fmt: skip

        question = probe.Question("127.0.0.1", 9, once=ONCE)
        probed = probe.read(run(question.script), question)
        assert probed is not None
        assert (probed.scheme, probed.stage) == ("smtp", "connect")
        assert digests.probed_url(probed) == digests.of_url(bytes.fromhex(ONCE), environment["EMAIL_URL"])
        asked = {"mark": "M", "alarm": 20, "seconds": 5, "host": "h", "scheme": "https", "recipient": "a@b.example"}
        for do, stage in (("reset", "config"), ("task", "import"), ("domain", "")):
            answer = inside_scripts.answer(run(inside_scripts.asking(flow_questions.SCRIPT, {"do": do, **asked})), "M")
            assert answer is not None
            assert answer["stage"] == stage
        web.shutdown()
        web.server_close()


class TestTheAnswer:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            ({}, {"is_set": False, "scheme": "", "tls": "none"}),
            ({"EMAIL_URL": ""}, {"is_set": False, "scheme": ""}),
            ({"EMAIL_URL": "consolemail://"}, {"is_set": True, "scheme": "consolemail"}),
            ({"EMAIL_URL": "smtp://u:a/b@h:25"}, {"scheme": "unreadable"}),
            ({"EMAIL_URL": "postal://u:k@h"}, {"scheme": "unknown"}),
            ({"EMAIL_URL": "smtps://u:k@h"}, {"scheme": "smtps", "tls": "starttls"}),
            ({"EMAIL_URL": "smtp://u:k@h", "EMAIL_USE_TLS": " 2 "}, {"tls": "starttls"}),
            ({"EMAIL_URL": "smtp://u:k@h", "EMAIL_USE_TLS": "enabled"}, {"tls": "none"}),
            ({"EMAIL_URL": "smtp+ssl://u:k@h", "EMAIL_USE_TLS": "y"}, {"tls": "both"}),
            ({"EMAIL_HOST": "h", "EMAIL_PORT": "2525"}, {"is_set": False, "scheme": "variables"}),
        ],
    )
    def test_settings_are_read_as_glitchtip_reads_them(
        self, environment: dict[str, str], expected: dict[str, Any]
    ) -> None:
        probed = answered(environment)
        assert {name: getattr(probed, name) for name in expected} == expected

    def test_its_hashes_are_those_of_this_side(self) -> None:
        url = "smtp://shop%2Fapps:k%2F%2By%40@Postal.Example.:2525"
        probed = answered({"EMAIL_URL": url, "DEFAULT_FROM_EMAIL": "GlitchTip <g@shop.example>"})
        once = bytes.fromhex(ONCE)
        assert digests.probed_url(probed) == digests.of_url(once, url)
        assert digests.probed_from(probed) == digests.of_text(once, "GlitchTip <g@shop.example>")
        assert digests.probed_url(probed) != digests.of_url(once, url.replace("2525", "25"))

    def test_no_value_leaves(self) -> None:
        question = probe.Question(once=ONCE)
        done = subprocess.run(
            [sys.executable, "-I", "-"], input=question.script, capture_output=True, check=True, timeout=30,
            env={"EMAIL_URL": "smtp://us3r:k3y@h0st:25", "DEFAULT_FROM_EMAIL": "fr0m@shop.example"},
        )  # fmt: skip
        assert json.loads(done.stdout.split(b" ", 1)[1])["names"] == ["DEFAULT_FROM_EMAIL", "EMAIL_URL"]
        assert not [word for word in (b"us3r", b"k3y", b"h0st", b"fr0m") if word in done.stdout + done.stderr]

    def test_without_a_host_nothing_is_connected_to(self) -> None:
        assert answered({"EMAIL_URL": "smtp://u:k@127.0.0.1:9"}).stage == ""


class TestOneFact:
    """A script cannot import what the program knows: both are held equal here."""

    def test_schemes_true_words_and_link_variables_are_those_of_the_program(self) -> None:
        schemes = set(readers.GLITCHTIP_SCHEMES)
        assert set(probe_script._SCHEMES) == schemes == set(digests._SCHEMES)
        assert set(probe_script._TRUE) == settings.TRUE
        assert flow_script._DOMAINS == settings.LINK_VARIABLES
