"""What scripts log comes back in order, sorted, from every process, and marked with who attached it."""

from __future__ import annotations

from collections import Counter

import pytest

ATTACHING = """
import sys
from kleio.client.logger import AnalyzeLogger
with AnalyzeLogger(sys.argv[1]) as remarks:
    remarks.log_statistic(bleu=27.5)
"""
THREADS = """
import io, threading
from kleio.client.logger import kleio_logger as k
def work(w):
    for i in range(50):
        k.log_statistic(worker=w, i=i)
        if i % 10 == 0: k.log_artifact('m', io.BytesIO(b'%d.%d\\n' % (w, i)), worker=w, i=i)
threads = [threading.Thread(target=work, args=(w,)) for w in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
CHILDREN = """
import subprocess, sys
CHILD = '''
import io, sys
from kleio.client.logger import kleio_logger as k
w = int(sys.argv[1])
for i in range(50):
    k.log_statistic(worker=w, i=i)
    if i % 10 == 0: k.log_artifact("m", io.BytesIO(b"%d.%d\\\\n" % (w, i)), worker=w, i=i)
'''
children = [subprocess.Popen([sys.executable, "-c", CHILD, str(w)]) for w in range(8)]
raise SystemExit(sum(child.wait() != 0 for child in children))
"""
RANKS = """
import os, sys
from kleio.client.logger import kleio_logger as k
for rank in range(3):
    if os.fork() == 0:
        os.environ["RANK"] = str(rank)
        for step in range(5): k.log_statistic(step=step, rank_squared=rank * rank)
        os._exit(0)
for rank in range(3): os.wait()
"""
RESTORED = """
import os, sys, time
from kleio.client.logger import kleio_logger as k
start = int(os.environ.get("START", 0))
if start: k.resume_from(epoch=start)
for e in range(start + 1, 5):
    k.log_statistic(epoch=e, attempt=os.environ["KLEIO_ATTEMPT"])
    k.log_artifact("w", b"%d" % e, epoch=e)
    if e == 4 and not start:
        print("epoch 4", flush=True); time.sleep(60)
print([s["epoch"] for s in k.load_statistic()])
"""


def points(kleio, trial, *options):
    return [point["values"] for point in kleio.json("stats", trial, "--json", *options)]


def test_statistics_are_sorted_by_any_key(kleio):
    """S16: numbers as numbers; what lacks the key comes last; nothing raises."""
    trial = kleio("python", "sort.py").trial
    logged = points(kleio, trial)
    assert [point.get("epoch") for point in logged] == [3, 1, 10, 2, None]
    assert logged[-1] == {"note": "x"}
    assert [point.get("epoch") for point in points(kleio, trial, "--sort", "epoch")] == [1, 2, 3, 10, None]
    assert [point.get("loss") for point in points(kleio, trial, "--sort", "loss")] == [0.05, 0.1, 0.5, 0.9, None]
    assert points(kleio, trial, "--sort", "note")[0] == {"note": "x"}


@pytest.mark.parametrize("script", [None, THREADS, CHILDREN], ids=["forks", "threads", "children"])
def test_processes_and_threads_log_at_once(kleio, repo, script):
    """S21: 8 writers, 50 statistics and 5 artifacts each, the order of each kept."""
    if script is not None:
        (repo / "mp.py").write_text(script)
    done = kleio("python", "mp.py")
    assert done.code == 0, done.words
    found = points(kleio, done.trial)
    assert len(found) == 400
    for worker in range(8):
        assert [point["i"] for point in found if point["worker"] == worker] == list(range(50))
    contents = kleio("artifacts", "cat", done.trial, "m").out.splitlines()
    assert Counter(contents) == Counter(b"%d.%d" % (w, i) for w in range(8) for i in range(0, 50, 10))
    assert kleio("fsck", done.trial).code == 0


def test_ranks_are_told_apart(kleio, repo):
    (repo / "ranks.py").write_text(RANKS)
    trial = kleio("python", "ranks.py").trial
    found = kleio.json("stats", trial, "--json")
    assert Counter(point["rank"] for point in found) == {0: 5, 1: 5, 2: 5}
    assert all(point["values"]["rank_squared"] == point["rank"] ** 2 for point in found)
    assert points(kleio, trial, "--rank", "2") == [{"step": step, "rank_squared": 4} for step in range(5)]


def test_a_restored_checkpoint_hides_what_came_after_it(kleio, repo):
    (repo / "restored.py").write_text(RESTORED)
    first = kleio.part("python", "restored.py", after=b"epoch 4")
    second = kleio("python", "restored.py", env={"START": "2"})
    assert second.code == 0, second.words
    assert second.trial == first.trial
    assert second.out == b"[1, 2, 3, 4]\n"
    assert [(point["epoch"], point["attempt"]) for point in points(kleio, first.trial)] == [
        (1, "1"), (2, "1"), (3, "2"), (4, "2"),
    ]  # fmt: skip
    assert len(points(kleio, first.trial, "--all")) == 6
    assert kleio("artifacts", "cat", first.trial, "w").out == b"1234"
    assert kleio("artifacts", "cat", first.trial, "w", "--all").out == b"123434"


def test_a_statistic_is_attached_to_another_trial(kleio, repo):
    """S59: it is marked with its creator, and attached once however often it is said."""
    trial = kleio("python", "sort.py").trial
    (repo / "attach.py").write_text(ATTACHING)
    creator = kleio("python", "attach.py", trial)
    assert creator.code == 0, creator.words
    full = next(one for one in kleio.ids() if one.startswith(creator.trial))
    *own, attached = kleio.json("stats", trial, "--json")
    assert all(point["creator"] is None for point in own)
    assert attached["values"] == {"bleu": 27.5}
    assert attached["creator"]["trial"] == full
    bare = kleio.bare("python", "attach.py", trial)
    assert bare.code == 0, bare.words
    assert kleio.bare("python", "attach.py", trial).code == 0
    assert len(kleio.json("stats", trial, "--json", "--keys", "bleu")) == 2
