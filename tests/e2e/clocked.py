"""A daemon whose clocks can be moved: libfaketime under earshotd, for its wall clock and its steady clock alike, as if the machine had slept.
Python standard library only."""
import glob
import os
import time

from real import Trial
from support import wait_for


class Clocked(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.shift = 0

    def start_clocked(self):
        self.move(0)
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not library:
            raise RuntimeError("libfaketime is not installed: scripts/install-packages test")
        self.daemon.launch(environment={"LD_PRELOAD": library[0], "FAKETIME_TIMESTAMP_FILE": os.path.join(self.folder.path, "shift"),
                                        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_RESET": "1"})
        if not wait_for(self.daemon.ready, 30):
            raise RuntimeError("earshotd did not start:\n" + self.daemon.log()[-2000:])

    def move(self, seconds):
        self.shift += seconds
        os.replace(self.folder.write("shift.new", f"+{self.shift}\n"), os.path.join(self.folder.path, "shift"))

    def now(self):
        """The daemon's time, seconds of the epoch."""
        return time.time() + self.shift

    def passes(self, seconds):
        """Lets time pass for the daemon, as if the machine had slept: its wall clock and its steady clock go ahead by as much. What is on
        its way out goes first, and what falls due has a moment."""
        wait_for(lambda: not self.daemon.rows("SELECT 1 FROM outbox WHERE state IN ('pending', 'started')"), 10)
        self.move(seconds)
        time.sleep(2.2)
