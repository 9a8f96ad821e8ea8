from __future__ import annotations

from harness.attempt import EXIT
from kleio.spool.attempt.story import Story, story

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.attempt import World


def test_the_supervisor_tells_begin_and_end(world: World) -> None:
    assert story(world.directory) == Story()
    world.start()
    begun = {"type": "start", "pid": 7, "time": 5.0}
    assert story(world.directory) == Story(begun)
    world.script.append("status", {"type": "exit"})  # only the supervisor is believed
    assert story(world.directory) == Story(begun)
    world.exit()
    assert story(world.directory) == Story(begun, EXIT)
