"""A fake of the kernel's files; what they look like on real machines stands in the names of the cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from kleio.launcher.supervisor.memory import MemoryWatch

V2 = "memory.events", "memory.max", "low 0\nhigh 0\nmax 7\noom 1\noom_kill {}\noom_group_kill 0\n"
V1 = "memory.oom_control", "memory.limit_in_bytes", "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"


class Machine:
    """Its files of control groups and its kernel's log."""

    def __init__(self, root: Path, own: str, place: str, names: tuple[str, str, str], limit: str) -> None:
        self.root = root / "groups"
        self.group = self.root / place
        self.group.mkdir(parents=True)
        self.names, self.own, self.log = names, root / "own", root / "log"
        self.own.write_text(own)
        (self.group / names[1]).write_text(limit)
        self.kills(2)

    def kills(self, number: int) -> None:
        (self.group / self.names[0]).write_text(self.names[2].format(number))

    def watch(self) -> MemoryWatch:
        return MemoryWatch(str(self.root), str(self.own), str(self.log))


CASES = {
    "version 2": ("0::/user.slice/job.scope\n", "user.slice/job.scope", V2, "67108864\n"),
    "version 2 in a container": ("0::/\n", ".", V2, "67108864\n"),
    "version 2 whose path is not mounted": ("0::/docker/abc\n", ".", V2, "67108864\n"),
    "version 1": ("5:cpu:/x\n4:memory:/slurm/job_1\n0::/\n", "memory/slurm/job_1", V1, "67108864\n"),
    "version 1 with others": ("4:hugetlb,memory:/a\n", "memory/a", V1, "67108864\n"),
    "both": ("4:cpu:/x\n0::/y\n", "unified/y", V2, "67108864\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_kills_since_the_start_are_told_with_the_limit(tmp_path, case):
    machine = Machine(tmp_path, *CASES[case])
    watch = machine.watch()
    assert watch.verdict(1, 0.0) == ""
    machine.kills(3)
    assert watch.verdict(1, 0.0) == (
        "out of memory: the kernel killed a process of its control group, which allows 64 MiB"
    )
    machine.kills(5)
    assert "killed 3 processes" in watch.verdict(1, 0.0)


@pytest.mark.parametrize("limit", ["max\n", "9223372036854771712\n", ""])
def test_no_limit_is_no_number(tmp_path, limit):
    machine = Machine(tmp_path, "0::/a\n", "a", V2, limit)
    watch = machine.watch()
    machine.kills(3)
    assert watch.verdict(1, 0.0) == "out of memory: the kernel killed a process of its control group"


KMSG = """\
6,100,5000000,-;Memory cgroup out of memory: Killed process 41 (old) total-vm:1kB
3,101,90000000,-;Out of memory: Killed process 42 (python) total-vm:9kB, anon-rss:1kB
 SUBSYSTEM=memory
6,102,91000000,-;something else 43
broken line
"""


@pytest.mark.parametrize(
    ("pid", "since", "told"), [(42, 80.0, True), (42, 95.0, False), (41, 80.0, False), (43, 0.0, False)]
)
def test_the_kernels_log_names_the_process_and_when(tmp_path, pid, since, told):
    machine = Machine(tmp_path, "0::/\n", ".", V2, "max")
    machine.log.write_text(KMSG)
    said = machine.watch().verdict(pid, since)
    assert said == ("out of memory: the kernel killed it" if told else "")


@pytest.mark.parametrize("own", ["", "nonsense", "0::", "4:memory:/gone\n0::/gone\n", "::::\n"])
def test_a_machine_that_tells_nothing_is_believed(tmp_path, own):
    (tmp_path / "own").write_text(own)
    watch = MemoryWatch(str(tmp_path / "nowhere"), str(tmp_path / "own"), str(tmp_path / "no-log"))
    assert watch.verdict(1, 0.0) == ""


def test_odd_contents_count_as_nothing(tmp_path):
    machine = Machine(tmp_path, "0::/a\n", "a", V2, "x")
    watch = machine.watch()
    (machine.group / "memory.events").write_bytes(b"oom_kill\noom_kill x\n\xff\n")
    assert watch.verdict(1, 0.0) == ""
