"""``python -m tests.fuzz.run [--seconds 60] [TARGET...]``: fuzz what reads text from outside, guided by coverage.

Development only: it needs ``pip install atheris``. Each target runs in a process of its own, on its small corpus and on
the genuine inputs that the tests have; what makes it fail is written to ``tests/fuzz/found`` and replayed by the tests
once it is moved to ``tests/fuzz/corpus/TARGET``. Ends with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
LONGEST: Final = 32_768
SECONDS_EACH: Final = 20
"""An input that takes longer is a finding."""
GENUINE: Final = {
    "pages": ["tests/postal/pages/*"],
    "headers": ["tests/checks/mails/*"],
    "logs": ["tests/diagnosis/postal_logs/*.log", "tests/diagnosis/errors.json"],
    "answers": ["assets/answers.toml"],
    "postal_api": ["tests/postal/api-answers.json"],
    "infisical": ["tests/targets/infisical/exchanges.json"],
}
"""Inputs that the tests have anyway, relative to the project."""


def fuzz(name: str, seconds: int, directory: Path) -> int:
    """Fuzz one target in a process of its own; return how many runs it made, 0 where it failed."""
    corpus = directory / name
    corpus.mkdir()
    for number, path in enumerate(path for pattern in GENUINE.get(name, []) for path in sorted(ROOT.glob(pattern))):
        (corpus / f"genuine{number}").write_bytes(path.read_bytes()[:LONGEST])
    found = HERE / "found"
    found.mkdir(exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={SECONDS_EACH}",
        "-rss_limit_mb=1024",
        f"-artifact_prefix={found}/{name}-",
        "-print_final_stats=1",
    ]
    words = [sys.executable, "-m", "tests.fuzz.run", "--one", name, *options, str(corpus), str(HERE / "corpus" / name)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    runs = re.search(r"number_of_executed_units: +(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    if done.returncode or runs is None or int(runs[1]) < 100:
        print(f"{name:<12} FAILED\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return 0
    print(f"{name:<12} {int(runs[1]):>9,} runs  {covered[-1] if covered else '?':>6} edges  nothing found", flush=True)
    return int(runs[1])


def one(name: str, words: list[str]) -> None:
    """Fuzz here, until libFuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")  # not among what the tests install
    with atheris.instrument_imports(include=["wizard"]):
        from tests.fuzz.targets import TARGETS

    atheris.Setup([sys.argv[0], *words], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    """Fuzz each target that is named, or all."""
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[2])
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    names = options.targets or sorted(path.name for path in (HERE / "corpus").iterdir())
    with tempfile.TemporaryDirectory() as directory:
        counts = {name: fuzz(name, options.seconds, Path(directory)) for name in names}
    failed = sum(not count for count in counts.values())
    print(f"{len(counts)} targets, {sum(counts.values()):,} runs, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
