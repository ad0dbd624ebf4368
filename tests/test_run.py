"""run.py prepares .venv and hands over, on the machine as it is: offline, with a lock of one tiny wheel."""

import ast
import fcntl
import hashlib
import importlib
import os
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = (ROOT / "run.py").read_text()
REGISTRY_HOSTS = [".".join(name) for name in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")]]

STUB_SERVICE = """
import sys

import tiny


def main():
    print("served", tiny.VERSION, *sys.argv[1:])
    return 3


if __name__ == "__main__":
    sys.exit(main())
"""


class Checkout:
    """A copy of run.py beside a stub service and a lock of one wheel; `run` starts it offline."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.wheels = place.parent / "wheels"
        self.wheels.mkdir()
        (place / "explorer").mkdir(parents=True)
        (place / "explorer" / "__init__.py").touch()
        (place / "explorer" / "cli.py").write_text(STUB_SERVICE)
        (place / "run.py").write_text(SOURCE)
        self.lock("1.0")

    def lock(self, version: str) -> None:
        wheel = self.wheels / f"tiny-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("tiny.py", f"VERSION = {version!r}\n")
            about = f"tiny-{version}.dist-info"
            archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{about}/RECORD", f"tiny.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        for name in ["requirements.lock", "requirements-dev.lock"]:
            (self.place / name).write_text(f"tiny=={version} --hash=sha256:{digest}\n")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.place / "run.py"), *arguments]

    def environment(self, **changed: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return kept | offline | changed

    def run(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment(**changed), capture_output=True, text=True, check=False
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")


@pytest.fixture
def started(checkout: Checkout) -> Checkout:
    checkout.run()
    return checkout


def run_as_python(version: str) -> subprocess.CompletedProcess[str]:
    """Start run.py under an interpreter that claims another version."""
    claim = f"import runpy, sys; sys.version_info = ({version}, 'final', 0)"
    command = [sys.executable, "-c", f"{claim}; runpy.run_path('run.py', run_name='__main__')"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def pins(lock: str) -> set[str]:
    """Give the `name==version` of each package in a lock."""
    return set(re.findall(r"(?m)^[a-z0-9][^ ]*==[^ ]+", (ROOT / lock).read_text()))


def committed_files() -> Iterator[Path]:
    """Give what is or could be committed: all files outside what .gitignore names as made."""
    made = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split() if line.endswith("/")} | {".git"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in made]
        yield from (Path(folder, name) for name in files)


@pytest.mark.parametrize("version", ["3, 6, 15", "3, 10, 13", "3, 14, 0"])
def test_tells_another_python_what_it_needs(version: str) -> None:
    answer = run_as_python(version)

    assert answer.returncode == 2
    assert f"needs Python 3.11 to 3.13, this is {version.replace(', ', '.')}" in answer.stderr


def test_parses_on_old_pythons_so_that_they_can_be_told() -> None:
    ast.parse(SOURCE, feature_version=(3, 7))


def test_supports_the_pythons_that_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">=3.11,<3.14"
    assert "OLDEST, NEWEST = (3, 11), (3, 13)" in SOURCE


def test_needs_only_the_standard_library() -> None:
    imports = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {each.module if isinstance(each, ast.ImportFrom) else each.names[0].name for each in imports}

    assert names <= sys.stdlib_module_names


def test_first_start_installs_and_becomes_the_service(checkout: Checkout) -> None:
    answer = checkout.run("--host", "::1", "--port", "81")

    assert answer.stdout.endswith("served 1.0 serve --host ::1 --port 81\n")
    assert answer.returncode == 3


def test_second_start_installs_nothing(started: Checkout) -> None:
    answer = started.run()

    assert answer.stdout == "served 1.0 serve\n"


def test_first_start_says_what_it_does_in_a_dozen_lines(checkout: Checkout) -> None:
    answer = checkout.run()

    assert 3 <= len(answer.stdout.splitlines()) <= 12


def test_gives_the_command_of_the_service(started: Checkout) -> None:
    command = [str(started.place / ".venv/bin/mappa-trace"), "matrix"]

    answer = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)

    assert answer.stdout == "served 1.0 matrix\n"
    assert answer.returncode == 3


def test_bench_hands_its_options_over_and_gives_the_code_of_the_measurement(checkout: Checkout) -> None:
    (checkout.place / "bench").mkdir()
    (checkout.place / "bench" / "__main__.py").write_text(STUB_SERVICE)

    answer = checkout.run("bench", "--size", "M")

    assert answer.stdout.endswith("served 1.0 --size M\n")
    assert answer.returncode == 3


def test_changed_lock_is_installed(started: Checkout) -> None:
    started.lock("2.0")

    answer = started.run()

    assert answer.stdout.endswith("served 2.0 serve\n")


def test_interrupted_install_is_repaired(started: Checkout) -> None:
    (started.place / ".venv/installed").unlink()
    next(started.place.glob(".venv/lib/*/site-packages/tiny.py")).unlink()

    answer = started.run()

    assert answer.stdout.endswith("served 1.0 serve\n")


def test_failed_install_is_not_taken_for_a_finished_one(checkout: Checkout) -> None:
    whole = (checkout.place / "requirements.lock").read_text()
    (checkout.place / "requirements.lock").write_text(whole.replace("sha256:", "sha256:0")[:-2])

    refused = checkout.run()
    (checkout.place / "requirements.lock").write_text(whole)
    repaired = checkout.run()

    assert refused.returncode == 1
    assert "pip failed" in refused.stderr
    assert repaired.stdout.endswith("served 1.0 serve\n")


def test_venv_of_another_python_is_made_anew(started: Checkout) -> None:
    stamp = started.place / ".venv/installed"
    stamp.write_text("requirements.lock made-by-another-python\n")

    answer = started.run()

    assert "making .venv" in answer.stdout
    assert "another" not in stamp.read_text()


def test_venv_whose_python_is_gone_is_made_anew(started: Checkout) -> None:
    python = started.place / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python")

    answer = started.run()

    assert "making .venv" in answer.stdout
    assert answer.returncode == 3


def test_moved_checkout_makes_its_venv_anew(started: Checkout) -> None:
    started.place = started.place.rename(started.place.parent / "elsewhere")

    answer = started.run()

    assert "making .venv" in answer.stdout
    assert answer.returncode == 3


def test_packages_for_tests_are_enough_to_serve(started: Checkout) -> None:
    tested = started.run("test")
    served = started.run()

    assert "installed requirements-dev.lock" in tested.stdout
    assert "making .venv" not in tested.stdout
    assert served.stdout == "served 1.0 serve\n"


def test_registry_out_of_reach_has_its_own_code(checkout: Checkout) -> None:
    nobody = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}

    answer = checkout.run(**nobody, PIP_NO_INDEX="0", PIP_FIND_LINKS="")

    assert answer.returncode == 4
    assert "the package registry does not answer" in answer.stderr


def test_two_starts_at_once_wait_for_each_other(checkout: Checkout) -> None:
    (checkout.place / "var").mkdir()
    with (checkout.place / "var/run.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        with subprocess.Popen(
            checkout.command(), env=checkout.environment(), stdout=subprocess.PIPE, text=True
        ) as second:
            assert second.stdout is not None
            first_line = second.stdout.readline()
            fcntl.flock(guard, fcntl.LOCK_UN)
            rest = second.stdout.read()

    assert first_line == "waiting for another run.py\n"
    assert rest.endswith("served 1.0 serve\n")


def test_killed_start_keeps_others_out_until_its_pip_has_ended(checkout: Checkout) -> None:
    with subprocess.Popen(checkout.command(), env=checkout.environment(), stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        while "downloading" not in first.stdout.readline():
            time.sleep(0.01)
        first.kill()

    answer = checkout.run()

    assert answer.stdout.endswith("served 1.0 serve\n")


@pytest.mark.parametrize("arguments", [["check", "--port", "1"], ["--port", "many"], ["serve", "more"]])
def test_wrong_use_has_its_own_code(arguments: list[str], checkout: Checkout) -> None:
    answer = checkout.run(*arguments)

    assert answer.returncode == 2
    assert "usage:" in answer.stderr


def test_help_names_the_exit_codes(checkout: Checkout) -> None:
    answer = checkout.run("--help")

    assert "4 the package registry does not answer" in answer.stdout


def test_dev_lock_holds_all_of_the_runtime_lock() -> None:
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")

    assert runtime
    assert runtime < dev


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_says_how_it_is_made_and_names_no_place(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "#    uv pip compile pyproject.toml --universal --generate-hashes" in text.splitlines()[1]
    assert "://" not in text
    assert str(ROOT) not in text


def test_no_committed_file_names_a_registry_host() -> None:
    named = [
        str(path.relative_to(ROOT))
        for path in committed_files()
        if any(host.encode() in path.read_bytes() for host in REGISTRY_HOSTS)
    ]

    assert named == []


@pytest.mark.parametrize("name", ["api", "explorer", "models", "openapi", "seed"])
def test_our_packages_come_from_this_repository(name: str) -> None:
    package = importlib.import_module(name)

    assert package.__file__ == str(ROOT / name / "__init__.py")
