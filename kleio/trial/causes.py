"""Why an attempt ended, in one word: beside the words for people, one that programs can rely on."""

from __future__ import annotations

EXIT = "exit"
SIGNAL = "signal"
MEMORY = "memory"
USER = "user"
SCHEDULER = "scheduler"
TERMINATED = "terminated"
COMMAND = "command"
LAUNCHER = "launcher"
HOST = "host"

CAUSES = {
    EXIT: "the command's own exit code",
    SIGNAL: "a signal that did not come by way of kleio: a crash, or a kill of the command itself",
    MEMORY: "memory ran out: the kernel killed it, or something that it had started",
    USER: "a person: Ctrl-C, ``kleio suspend``, ``kleio kill``",
    SCHEDULER: "SIGTERM, SIGUSR1 or the like inside a job of SLURM, PBS, LSF or Grid Engine",
    TERMINATED: "SIGTERM, SIGHUP or the like outside of a job: a shutdown, a lost connection, timeout(1)",
    COMMAND: "it could not be executed",
    LAUNCHER: "kleio itself was killed, on a machine that lives",
    HOST: "its machine was rebooted, or was not heard of any more",
}
