"""Writes ``sacred/`` with Sacred 0.8.7: ``python make_sacred.py``, with Sacred installed, in an empty directory /srv/lab."""

from __future__ import annotations

import os

from sacred import Experiment
from sacred.observers import FileStorageObserver

experiment = Experiment("iris", save_git_info=False)
experiment.observers.append(FileStorageObserver("sacred"))


@experiment.config
def configuration():
    C = 1.0
    model = {"kernel": "rbf", "layers": (8, 8)}
    seed = 7


@experiment.main
def main(_run, C, model):
    print("training with C =", C)
    for epoch in range(3):
        _run.log_scalar("training.loss", C / (epoch + 1), epoch)
        _run.log_scalar("accuracy", 0.5 + 0.1 * epoch)
    _run.info["note"] = "from sacred"
    with open("weights.txt", "w") as file:
        file.write(f"C={C}\n")
    _run.add_artifact("weights.txt")
    if C == 3.0:
        raise ValueError("C is too large")
    if C == 9.0:
        _run._emit_heartbeat()
        os._exit(1)  # no word of its end
    return 0.9


if __name__ == "__main__":
    for arguments in ([], ["with", "C=3.0", "model.kernel=linear"], ["with", "C=9.0"]):
        pid = os.fork()
        if not pid:
            try:
                experiment.run_commandline(["make_sacred.py", *arguments])
            except (ValueError, SystemExit):
                os._exit(1)
            os._exit(0)
        os.waitpid(pid, 0)
