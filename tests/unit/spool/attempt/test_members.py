from __future__ import annotations

import os

from harness.attempt import World
from kleio.spool.attempt.locks import hold_lock
from kleio.spool.attempt.members import lock_name, members, members_alive


def test_the_end_waits_for_a_member_and_takes_what_it_wrote_meanwhile(world: World) -> None:
    world.start()
    member = hold_lock(world.directory, lock_name(1))
    assert members_alive(world.directory)
    world.exit()
    keeper = world.keeper()
    assert not keeper.finish(1)
    assert world.trial["status"] == "running"
    world.script.append("statistics", {"n": 1})
    os.close(member)
    assert (members(world.directory), members_alive(world.directory)) == (["member-1.lock"], False)
    assert keeper.finish(1)
    assert world.trial["status"] == "completed"
    assert world.trial["summary"]["statistics"]["n"]["count"] == 1


def test_a_spool_that_is_gone_has_no_members(tmp_path: os.PathLike[str]) -> None:
    assert not members_alive(os.path.join(tmp_path, "gone"))
