"""Which signals are forwarded: those that only one of front and supervisor received."""

from __future__ import annotations

import signal

import pytest

from kleio.launcher.supervisor.linux import Signal
from kleio.launcher.supervisor.relay import PATIENCE, Relay, forwardable, name_of

TERM = signal.SIGTERM


def by_user(number: int) -> Signal:
    return Signal(number, from_kernel=False, sender=1)


def by_kernel(number: int) -> Signal:
    return Signal(number, from_kernel=True, sender=0)


@pytest.mark.parametrize("source", ["front", "supervisor"])
def test_signal_to_one_process_is_forwarded_once_after_patience(source: str) -> None:
    relay = Relay()
    assert relay.arrived(source, by_user(TERM), 10.0, alone=False) is None
    assert relay.due(10.0 + PATIENCE / 2) == []
    assert relay.due(10.0 + PATIENCE) == [TERM]
    assert relay.due(20.0) == []
    assert TERM in relay.seen


@pytest.mark.parametrize("order", [("front", "supervisor"), ("supervisor", "front")])
def test_signal_to_the_whole_group_is_not_forwarded(order: tuple[str, str]) -> None:
    relay = Relay()
    for number, source in enumerate(order):
        assert relay.arrived(source, by_user(TERM), 10.0 + number * PATIENCE / 2, alone=False) is None
    assert relay.due(99.0) == []
    assert TERM in relay.seen


@pytest.mark.parametrize("kernel_first", [True, False])
def test_ctrl_c_is_not_forwarded_in_whatever_order_it_is_seen(kernel_first: bool) -> None:
    relay = Relay()
    arrivals = [("supervisor", by_kernel(signal.SIGINT)), ("front", by_user(signal.SIGINT))]
    for source, arrival in arrivals if kernel_first else reversed(arrivals):
        assert relay.arrived(source, arrival, 10.0, alone=False) is None
    assert relay.due(99.0) == []
    assert signal.SIGINT in relay.seen


def test_without_a_front_a_signal_is_forwarded_at_once() -> None:
    assert Relay().arrived("supervisor", by_user(TERM), 10.0, alone=True) == TERM


def test_two_signals_wait_independently() -> None:
    relay = Relay()
    relay.arrived("front", by_user(signal.SIGUSR1), 10.0, alone=False)
    relay.arrived("front", by_user(TERM), 10.1, alone=False)
    assert relay.next_deadline() == 10.0 + PATIENCE
    assert relay.due(10.0 + PATIENCE) == [signal.SIGUSR1]
    assert relay.due(10.1 + PATIENCE) == [TERM]
    assert relay.next_deadline() is None


def test_faults_and_terminal_stops_are_never_forwarded() -> None:
    assert not {signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD, signal.SIGSEGV, signal.SIGKILL} & set(forwardable())
    assert {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGRTMIN} <= set(forwardable())


def test_a_signal_ignored_from_the_start_is_left_alone() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in forwardable()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("number", "name"), [(15, "SIGTERM"), (signal.SIGRTMIN + 3, f"signal {signal.SIGRTMIN + 3}")])
def test_every_signal_has_a_name(number: int, name: str) -> None:
    assert name_of(number) == name
