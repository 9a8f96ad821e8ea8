"""A debugger's prompt with a trial, and with the command of a trial run again in its recorded code."""

from __future__ import annotations

import signal


def test_prompt_has_the_trial(kleio):
    """S50: both printed; the trial is read-only."""
    trial = kleio("python", "sort.py").trial
    typed = (
        b"p trial.id\np trial.status\np trial.statistics.loss.epoch[10]\np trial.journal.delete_trial(trial.id)\nq\n"
    )
    done = kleio("pdb", trial, stdin=typed)
    assert done.code == 0, done.words
    said = done.out.decode()
    assert kleio.info(trial)["id"] in said
    assert "'completed'" in said
    assert "0.05" in said
    assert "JournalReadOnly" in said
    assert kleio.status(trial) == "completed"
    assert kleio("pdb", trial).code == 0
    assert "no trial is called" in kleio("pdb", "0000000").refused()


def test_prompt_on_a_terminal_is_typed_at(kleio):
    trial = kleio("true").trial
    terminal = kleio.terminal("pdb", trial)
    terminal.until("(Pdb)")
    terminal.type("p trial.short_id\r")
    terminal.until(f"'{trial}'")
    terminal.type("q\r")
    assert terminal.wait() == 0


def test_rerun_opens_the_prompt_where_the_exception_was_raised(kleio, repo, git, tmp_path):
    """In the code as it was recorded, whatever the tree holds now; and nothing of it is recorded."""
    (repo / "fails.py").write_text("import sys\nsecret = 40 + int(sys.argv[1])\nraise SystemError('as recorded')\n")
    trial = kleio("python", "fails.py", "2").trial
    (repo / "fails.py").write_text("print('nothing of this')\n")
    before = git("status", "--porcelain"), kleio.ids()
    places = tmp_path / "places"
    places.mkdir()
    done = kleio("pdb", "--rerun", "--continue", trial, stdin=b"p secret\nq\nq\n", env={"TMPDIR": str(places)})
    said = done.out.decode()
    assert "as recorded" in said + done.words
    assert "42" in said
    assert "nothing of this" not in said.replace("nothing of this is recorded", "")
    assert (git("status", "--porcelain"), kleio.ids()) == before
    assert list(places.iterdir()) == []


def test_rerun_needs_python(kleio):
    trial = kleio("bash", "-c", "exit 3").trial
    assert "is no Python script" in kleio("pdb", "--rerun", trial).refused()
    assert "need --rerun" in kleio("pdb", "--continue", trial).refused(2)


def test_a_rerun_whose_terminal_goes_away_leaves_no_checkout(kleio, repo, tmp_path):
    waits = "import os, time\nopen(os.environ['UP'], 'w').write('up') if 'UP' in os.environ else None\n"
    (repo / "waits.py").write_text(f"{waits}time.sleep(600 if 'UP' in os.environ else 0)\n")
    trial = kleio("python", "waits.py").trial
    places = tmp_path / "places"
    places.mkdir()
    up = tmp_path / "up"
    kleio.environment.update(TMPDIR=str(places), UP=str(up))
    debugged = kleio.background("pdb", "--rerun", "--continue", trial)
    debugged.until_file(str(up))
    debugged.signal(signal.SIGHUP, group=True)
    assert debugged.wait().status == 128 + signal.SIGHUP
    assert list(places.iterdir()) == []
