#!/usr/bin/env python3
"""Memory and lateness under a load that goes on: so many posts a second are pushed for so many minutes, now and then a hazard among them.
In --full ten times the load the promises are made for (500 posts/s) for four hours; else three times for a minute. EARSHOT_MINUTES and
EARSHOT_RATE say otherwise. Prints the resident memory's slope over the second half of the time."""
import json
import os
import random
import re
import time

import support
from support import Checks, Daemon, Folder, Webhook, wait_for

MINUTES = float(os.environ.get("EARSHOT_MINUTES", "240" if support.FULL else "1"))
RATE = int(os.environ.get("EARSHOT_RATE", "500" if support.FULL else "150"))
HAZARDS = 15  # seconds between two
BUDGET = 256  # MiB
NO_STORM = "storms: {at_least: 0}"  # hazards of one cause every few seconds are one, and would be told of together
THINGS = "lamp kettle hub app parcel refund hotline shop invoice charger sensor bulb".split()
SAID = ["my {} arrived today and I like it", "where can I read about the {} of Brightwave?", "is the {} on sale this week",
        "thinking about a new {} for the hallway", "the {} of Brightwave looks nice in red", "who else has the {}, and since when"]


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def slope(samples):
    """MiB an hour, by least squares over (seconds, MiB)."""
    n = len(samples)
    mean_t, mean_m = sum(t for t, _ in samples) / n, sum(m for _, m in samples) / n
    below = sum((t - mean_t) ** 2 for t, _ in samples)
    return 3600 * sum((t - mean_t) * (m - mean_m) for t, m in samples) / below if below else 0.0


class Load:
    def __init__(self, daemon):
        self.daemon, self.dice, self.sent, self.refused, self.hazards = daemon, random.Random(3), 0, [], {}

    def posts(self, count):
        out = []
        for _ in range(count):
            self.sent += 1
            text = f"{self.dice.choice(SAID).format(self.dice.choice(THINGS))} {self.dice.randrange(10**9)}"
            author = f"a{self.dice.randrange(10**6)}"
            out.append({"id": f"p{self.sent}", "author": {"id": author, "handle": author}, "text": text})
        return out

    def hazard(self):
        self.sent += 1
        name = f"h{self.sent}"
        where = " ".join(f"{self.dice.choice(THINGS)}{self.dice.randrange(10**6)}" for _ in range(30))
        self.hazards[name] = time.time()
        return {"id": name, "author": {"id": name, "handle": name}, "text": f"{support.SMOKE} near the {where} {name}"}

    def push(self, posts):
        status, text, _ = self.daemon.call("POST", "/api/v1/posts?source=push", json.dumps(posts), {"Content-Type": "application/json"}, 60)
        if status != 202:
            self.refused.append((status, text[:100]))


def main():
    checks = Checks()
    with Folder() as folder:
        hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        folder.write("hook.secret", support.SECRET)
        daemon = Daemon(folder, support.free_port())
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "secret_file": "hook.secret"}]
        folder.write("earshot.yaml", support.config(daemon.port, [{"name": "push", "type": "push"}], receivers, extra=NO_STORM))
        daemon.start()
        load, samples, began = Load(daemon), [], time.monotonic()
        second, next_hazard = 0, 5.0
        while (now := time.monotonic() - began) < MINUTES * 60:
            posts = load.posts(RATE)
            if now >= next_hazard:
                posts.append(load.hazard())
                next_hazard += HAZARDS
            load.push(posts)
            samples.append((time.monotonic() - began, resident(daemon.process.pid)))
            second += 1
            time.sleep(max(0.0, second - (time.monotonic() - began)))
        took = time.monotonic() - began
        checks.that(not load.refused, "every push was taken", str(load.refused[:2]))
        stored = wait_for(lambda: daemon.rows("SELECT count(*) AS n FROM post")[0]["n"] == load.sent, 30)
        checks.that(stored, f"all {load.sent} posts are stored", str(daemon.rows("SELECT count(*) AS n FROM post")))

        def told():
            found = {}
            for line in hook.log():
                for name in re.findall(r"\bh\d+\b", line["body"]):
                    found[name] = min(line["t"], found.get(name, line["t"]))
            return found

        wait_for(lambda: set(load.hazards) <= set(told()), 30, 0.5)
        late = sorted(told().get(name, at + 999) - at for name, at in load.hazards.items())
        checks.that(late and late[-1] <= 5, f"{len(late)} hazards page within 5 s", f"{late[-1] if late else 99:.2f} s")
        most = max(m for _, m in samples)
        checks.that(most <= BUDGET, f"resident memory stays under {BUDGET} MiB", f"{most:.1f} MiB")
        half = [s for s in samples if s[0] >= took / 2]
        print(f"figure: {load.sent / took:.0f} posts/s for {took / 60:.1f} min ({load.sent} posts): resident at most {most:.1f} MiB, at the end "
              f"{samples[-1][1]:.1f}, slope of the second half {slope(half):+.2f} MiB/h; {len(late)} pages, the latest after {late[-1] * 1000:.0f} ms")
        if MINUTES >= 60:  # shorter, the first hour's caches are most of it
            checks.that(slope(half) < 1, "and grows by less than 1 MiB an hour", f"{slope(half):.2f}")
        checks.that(daemon.stop() == 0, "it drains and stops")
        hook.close()
    checks.end()


if __name__ == "__main__":
    main()
