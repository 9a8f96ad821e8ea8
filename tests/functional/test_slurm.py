"""The scripts of ``docs/how-to/slurm.rst``, run by a stand-in that sends the signals of the real scheduler."""

from __future__ import annotations

import re
import textwrap

import pytest

from harness.command import CHECKOUT
from harness.slurm import Slurm
from harness.waiting import until

TRAIN = """\
import io, os, signal, sys, time
from kleio.client.logger import kleio_logger as log
if "deaf" in os.environ: signal.signal(signal.SIGTERM, signal.SIG_IGN)
done = max([metadata["epoch"] for _, metadata in log.load_artifacts("checkpoint", {})], default=0)
for epoch in range(done + 1, 5):
    log.log_artifact("checkpoint", io.BytesIO(b"weights"), epoch=epoch)
    print("epoch", epoch, flush=True)
    while epoch == 2 and not os.path.exists("go"): time.sleep(0.02)
"""


def script(name: str) -> str:
    """A script as it stands on the page."""
    page = (CHECKOUT / "docs/how-to/slurm.rst").read_text()
    found = re.search(rf"\.\. code-block:: bash\n   :name: {name}\n\n((?:    .*\n|\n)+)", page)
    assert found, f"the page has no script {name}"
    return textwrap.dedent(found[1])


@pytest.fixture
def slurm(kleio, repo, git, tmp_path):
    (repo / "train.py").write_text(TRAIN)
    git("add", "train.py")
    git("commit", "-qm", "train")
    slurm = Slurm(tmp_path / "slurm", repo, kleio.environment)
    kleio.name_on_path(slurm.bin)
    for name in ("train.sh", "requeue.sh", "work.sh"):
        (tmp_path / name).write_text(script(name))
    yield slurm
    slurm.close()


def epochs(output: str) -> list[int]:
    return [int(number) for number in re.findall(r"^epoch (\d+)$", output, re.MULTILINE)]


def until_epoch(slurm: Slurm, job, count: int) -> None:
    until(lambda: len(epochs(slurm.output(job))) >= count, f"epoch {count}; it said:\n{slurm.output(job)}")


def test_a_preempted_job_resumes_its_trial_when_it_is_requeued(kleio, repo, slurm, tmp_path):
    (job,) = slurm.submit(tmp_path / "train.sh")
    until_epoch(slurm, job, 2)
    slurm.end(job)
    (trial,) = kleio.json("ls", "--json")
    assert trial["status"] == "interrupted"
    assert trial["outcome"]["cause"] == "scheduler"
    assert trial["outcome"]["why"] == f"SIGTERM in SLURM job {job.number}"
    (repo / "go").touch()
    (again,) = slurm.submit(tmp_path / "train.sh")
    assert slurm.wait(again) == 0, slurm.output(again)
    assert epochs(slurm.output(again)) == [3, 4]
    (trial,) = kleio.json("ls", "--json")
    assert (trial["status"], trial["attempts"]) == ("completed", 2)
    assert epochs(kleio("cat", trial["id"]).out.decode()) == [1, 2, 3, 4]


@pytest.mark.parametrize("journal_address", ["sqlite"], indirect=True)
class TestOnOneJournal:
    def test_a_job_that_does_not_heed_its_scheduler_is_killed_and_resumes_all_the_same(
        self, kleio, repo, slurm, tmp_path
    ):
        slurm.variables["deaf"] = "yes"
        (job,) = slurm.submit(tmp_path / "train.sh")
        until_epoch(slurm, job, 2)
        slurm.end(job, grace=0.5)
        kleio.until_settled()
        (repo / "go").touch()
        slurm.restart(job)
        assert slurm.wait(job) == 0, slurm.output(job)
        assert epochs(slurm.output(job)) == [1, 2, 3, 4]
        (trial,) = kleio.json("ls", "--json")
        assert (trial["status"], trial["attempts"]) == ("completed", 2)
        first = kleio.info(trial["id"])["history"][0]
        assert (first["status"], first["outcome"]["cause"]) == ("failover", "launcher")

    def test_a_job_that_is_warned_requeues_itself(self, kleio, repo, slurm, tmp_path):
        (job,) = slurm.submit(tmp_path / "requeue.sh")
        until_epoch(slurm, job, 2)
        slurm.warn(job)
        slurm.requeue_if_asked(job)
        until_epoch(slurm, job, 4)
        assert slurm.wait(job) == 0, slurm.output(job)
        assert epochs(slurm.output(job)) == [1, 2, 3, 4]
        (trial,) = kleio.json("ls", "--json")
        assert (trial["status"], trial["attempts"]) == ("completed", 2)

    def test_an_array_works_off_the_queue_though_a_task_is_preempted(self, kleio, repo, slurm, tmp_path):
        (repo / "work.sh").write_text(script("work.sh"))
        submitted = kleio.bare("bash", "-ec", script("submit.sh"), env=slurm.variables)
        assert submitted.code == 0, submitted.words
        assert "6 trials registered" in submitted.words
        tasks = slurm.start()
        assert len(tasks) == 4
        for task in tasks:
            until_epoch(slurm, task, 2)
        slurm.preempt(tasks[1])
        (repo / "go").touch()
        for task in tasks:
            assert slurm.wait(task) == 0, slurm.output(task)
        trials = kleio.json("ls", "--tags", "grid", "--json")
        assert [one["status"] for one in trials] == ["completed"] * 6
        assert sorted(one["attempts"] for one in trials) == [1] * 5 + [2]
