#!/usr/bin/env python3
"""Plays the stories of story_*.py from outside, with clocks that days pass on, and compares what was told with docs/stories.md. Prints
"N passed, N failed" last. `stories_test.py answers_owed` plays one."""
import sys

import story_customers
import story_top
from story import Servers
from support import Checks, Folder

STORIES = {**story_top.STORIES, **story_customers.STORIES}


def main():
    chosen = sys.argv[1:] or list(STORIES)
    checks = Checks()
    with Folder() as place:
        servers = Servers(place, list(STORIES))
        try:
            servers.start()
            for name in chosen:
                with Folder() as folder:
                    STORIES[name](folder, checks, servers, name).run()
        finally:
            servers.stop()
    checks.end()


if __name__ == "__main__":
    main()
