"""A curses program: waits for Enter, moves about, shows the last key and the size, and leaves at q.

The title of the terminal tells when a screen is whole.
"""

from __future__ import annotations

import curses


def main(screen: curses.window) -> None:
    curses.curs_set(0)
    key = "-"
    while key != "q":
        screen.erase()
        screen.border()
        rows, columns = screen.getmaxyx()
        screen.addstr(1, 2, "a screenful", curses.A_REVERSE)
        screen.addstr(2, 2, f"key {key} size {columns}x{rows}")
        screen.refresh()
        print(f"\x1b]0;drawn {key} {columns}x{rows}\x07", end="", flush=True)
        key = screen.getkey()


input("ready?")
curses.wrapper(main)
print("left curses")
