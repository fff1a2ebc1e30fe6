#!/usr/bin/env python3
"""earshotd on recorded answers of a server that speaks Mastodon's API (recorded.py): mentions and a hashtag become cases, a burst is paged
with min_id, what cannot be joined is told as a gap, an edit, a post taken back, 401, 429. Prints "N passed, N failed" last."""
import json
import os

import support
from real import HAZARD, Trial
from recorded import WAIT, Recorded
from support import Checks, Folder, Webhook, wait_for


class MastodonTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Recorded("good-token")

    def begin(self):
        self.folder.write("masto.token", "good-token\n")
        self.folder.write("hook.secret", support.SECRET)
        common = {"type": "mastodon", "url": f"http://127.0.0.1:{self.server.port}", "token_file": "masto.token", "every": "1s",
                  "min_every": "100ms"}
        sources = [{"name": "mentions", **common}, {"name": "tag", "timeline": "hashtag", "hashtags": ["KettleFail"], **common}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write(sources, receivers)
        self.daemon.start()
        self.that(wait_for(lambda: self.posts("mentions") and self.posts("tag"), 20), "the archive is marked as seen")
        self.that(not self.daemon.cases(), "and opens no case, though a kettle burns in it")

    def paged(self, words):
        return wait_for(lambda: [it for it in self.hook.log() if '"earshot.page"' in it["body"] and words in it["body"]], 15)

    def mentions(self):
        words = HAZARD[0]
        self.first = self.server.mention(f'<span class="h-card">@<span>brightwave</span></span> {words}<br>&lt;script>x&lt;/script> &amp; call',
                                         "erin")
        self.that(self.paged(words), "a mention pages", str(self.source("mentions"))[:300])
        post = self.posts("mentions").get(self.first, {})
        self.that(words in post.get("text", "") and "\n<script>x</script> & call" in post.get("text", "") and post["author"] == "erin",
                  "its text is plain, its author known", str(post)[:300])
        self.that(post.get("public") and post.get("case"), "it is public and has a case")
        secret = self.server.mention("please look into order A-1042, the lamp is broken again", "dora", visibility="direct")
        self.that(wait_for(lambda: secret in self.posts("mentions"), 10) and not self.posts("mentions")[secret]["public"],
                  "a direct one is not public")

    def hashtag(self):
        status = self.server.tagged(HAZARD[1] + " #KettleFail", "frank")
        self.that(wait_for(lambda: status in self.posts("tag"), 10) and self.posts("tag")[status]["hashtags"] == ["kettlefail"],
                  "a post under the hashtag is read", str(self.posts("tag").get(status))[:300])
        self.that(self.paged(HAZARD[1]), "and pages")
        both = self.server.mention(HAZARD[1] + " #KettleFail", "frank")
        wait_for(lambda: both in self.posts("mentions"), 10)
        self.that(self.posts("mentions")[both]["case"] == self.posts("tag")[status]["case"], "said again to us it is the same case",
                  f"{self.posts('mentions')[both]['case']} {self.posts('tag')[status]['case']}")

    def burst(self):
        before = set(self.posts("mentions"))
        with self.server.lock:
            made = {self.server.mention(f"parcel number {n} has not come", f"user{n}") for n in range(8)}
            mark = len(self.server.asked)
        all_there = wait_for(lambda: made <= set(self.posts("mentions")), 15)
        self.that(all_there and set(self.posts("mentions")) == before | made, "eight at once on pages of three are all there, once",
                  str(made - set(self.posts("mentions"))))
        self.that(sum("min_id=" in path for path, _ in self.server.asked[mark:]) >= 3, "read forward with min_id")
        self.that(not self.ledger("gap"), "and nothing is told as a gap", str(self.ledger("gap")))

    def changes(self):
        fresh = self.server.mention("my lamp hums a little", "gail")
        wait_for(lambda: fresh in self.posts("mentions"), 10)
        self.server.edit(fresh, "my lamp hums a lot and is ugly")
        changed = wait_for(lambda: "ugly" in self.posts("mentions")[fresh]["text"], 10)
        self.that(changed and self.posts("mentions")[fresh]["version"] == 2, "an edit is a new version", str(self.posts("mentions")[fresh])[:200])
        self.server.edit(fresh, HAZARD[5])
        self.that(self.paged(HAZARD[5]), "an edit that makes a hazard of it pages")
        older = self.server.mention("older one", "hal")
        wait_for(lambda: older in self.posts("mentions"), 10)
        self.server.delete(older)
        self.that(wait_for(lambda: self.posts("mentions")[older]["deleted"], 10), "one that is taken back is noted",
                  str(self.posts("mentions")[older])[:200])

    def busy(self):
        cases = len(self.daemon.cases())
        with self.server.lock:
            mark, self.server.busy = len(self.server.asked), 1
        status = self.server.mention("still no parcel", "ivy")
        other = self.server.tagged("no parcel either", "ivy2")
        came = wait_for(lambda: status in self.posts("mentions") and other in self.posts("tag"), 20)
        self.that(came, "429 loses nothing")
        with self.server.lock:
            asked = self.server.asked[mark:]
        kind = "notifications" if "notifications" in asked[0][0] else "timelines"
        times = [at for path, at in asked if kind in path]
        gap = times[1] - times[0]
        self.that(gap >= WAIT - 0.3, "and is waited out until X-Ratelimit-Reset", f"{gap:.1f} s")
        self.that(len(self.daemon.cases()) <= cases + 2 and "cannot hear" not in json.dumps(self.daemon.cases()), "it is no incident")

    def gap(self):
        self.server.start_anew()
        status = self.server.mention(HAZARD[2], "jack")
        self.that(self.paged(HAZARD[2]) and status in self.posts("mentions"), "from a server that was set back the new mention still pages")
        told = wait_for(lambda: [it for it in self.ledger("gap") if it["source"] == "mentions"], 10)
        self.that(told, "and the ledger tells of a gap", str(self.ledger("gap")))

    def locked_out(self):
        with self.server.lock:
            self.server.token = "new-token"

        def incidents(state):
            return [it for it in self.daemon.cases() if "cannot hear" in json.dumps(it) and it["state"] == state]
        self.that(wait_for(lambda: len(incidents("open")) == 2, 15), "401 is an incident of each source", str(self.source("mentions"))[:300])
        self.that(self.paged("cannot hear mentions"), "that pages")
        status = self.server.mention(HAZARD[4], "kit")
        self.folder.write("masto.token", "new-token\n")
        self.reload()
        self.that(wait_for(lambda: len(incidents("closed")) == 2, 15), "with the new token both end by themselves")
        self.that(self.paged(HAZARD[4]) and status in self.posts("mentions"), "and what came meanwhile pages")

    def run(self):
        try:
            self.begin()
            self.mentions()
            self.hashtag()
            self.burst()
            self.changes()
            self.busy()
            self.gap()
            self.locked_out()
            self.that("good-token" not in self.daemon.log() and "new-token" not in self.daemon.log(), "no token is in the log")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.hook.close()
            self.server.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        MastodonTrial(place, result).run()
    result.end()
