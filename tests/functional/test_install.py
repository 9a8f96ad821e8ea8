"""A non-editable install in a new virtual environment works out of the box, and reads where it may not write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv

import pytest

from harness.command import CHECKOUT, trial_in


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The directory of the programs of a new environment into which a wheel of this checkout was installed.

    What kleio depends on is taken from the environment of the tests: nothing is downloaded.
    """
    place = tmp_path_factory.mktemp("installed")
    place.chmod(0o755)
    source = place / "source"
    shutil.copytree(
        CHECKOUT, source, ignore=lambda path, names: {".git", "tests"} & set(names) if path == str(CHECKOUT) else set()
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "wheel", *offline, "-w", place, source], check=True, timeout=200)
    (wheel,) = place.glob("kleio-*.whl")
    venv.create(place / "v", symlinks=True, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = place / "v" / "lib" / version / "site-packages"
    (packages / "dependencies.pth").write_text("".join(f"{path}\n" for path in sys.path if "-packages" in path))
    subprocess.run(
        [*pip, "--python", place / "v" / "bin" / "python", "install", "--ignore-installed", *offline, wheel],
        check=True,
        timeout=200,
    )
    shutil.rmtree(source)
    return place / "v" / "bin"


@pytest.fixture
def run(installed, repo):
    """``run("ls")``: the installed kleio without any configuration, in the repository of the test."""

    def kleio(*words, program=("kleio",)):
        environment = {**os.environ, "PATH": f"{installed}{os.pathsep}{os.environ['PATH']}"}
        line = [*program, *words]
        return subprocess.run(
            line, cwd=repo, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=60
        )

    return kleio


@pytest.mark.slow
def test_installed_kleio_works_without_configuration(run, home):
    """S68: S01 again, with nothing of the checkout in sight."""
    done = run("python", "train.py", "--epochs", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"epoch 1 lr 1\nepoch 2 lr 1\nepoch 3 lr 1\n"
    trial = trial_in(done.stderr)
    listed = run("ls")
    assert listed.stdout.decode() == f"{trial} [completed] python train.py --epochs 3\n"
    assert run("cat", trial).stdout == done.stdout
    assert run("info", trial).returncode == 0
    assert (home / ".local" / "share" / "kleio" / "journal.sqlite").exists()
    where = run("python", "-c", "import kleio; print(kleio.__file__)").stdout.decode()
    assert str(CHECKOUT) not in where


@pytest.mark.slow
def test_reader_without_a_place_to_write_reads(run, home):
    """S68: ``ls``, ``cat`` and ``info`` need to write nothing: home, journal and temporary files are read-only."""
    done = run("python", "train.py", "--epochs", "3")
    trial = trial_in(done.stderr)
    before = sorted(home.rglob("*"))
    setup = f'for p in {home} /tmp; do mount --bind $p $p && mount -o remount,ro,bind $p || exit 9; done; exec "$@"'
    for words, part in ((["ls", "-a"], trial.encode()), (["cat", trial], done.stdout), (["info", trial], b"completed")):
        line = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", setup, "-", "kleio", *words)
        result = run(*line, program=())
        assert (result.returncode, result.stderr) == (0, b""), words
        assert part in result.stdout
    assert sorted(home.rglob("*")) == before
