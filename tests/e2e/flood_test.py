#!/usr/bin/env python3
"""earshotd in a flood: 10,000 posts of one author, then 50,000 copies of one post by as many accounts, pushed as fast as it takes them, and
a hazard of somebody else amid them. At most three pages and the hazard's own, one storm, every post accounted for, the hazard's page at
its receiver within five seconds. Prints "N passed, N failed" last."""
import json
import os
import threading
import time

from support import SECRET, SMOKE, Checks, Daemon, Folder, Webhook, config, free_port, wait_for

AUTHOR, COPIES, BATCH = 10_000, 50_000, 500
COPIED = "@Brightwave you charged me twice for one Glow lamp and nobody answers, share this until they pay us back"
WORDS = ["@Brightwave your app has been down since this morning and nothing works any more, I am angry",
         "@Brightwave you charged me twice and nobody answers, I want my money back",
         "@Brightwave my parcel never arrived and your hotline hangs up on me, this is a shame",
         "@Brightwave I will cancel, the lamp broke after two days and nobody answers me, I want my money back"]


def post(number, author, text):
    return {"id": number, "author": {"id": author, "handle": author}, "text": text}


def batches():
    """The flood in the order it comes; the hazard's place is its middle."""
    posts = [post(f"a{i}", "loud", f"{WORDS[i % 4]} ({i}, {i * 7919})") for i in range(AUTHOR)]
    posts += [post(f"c{i}", f"fan{i}", COPIED) for i in range(COPIES)]
    return [posts[i:i + BATCH] for i in range(0, len(posts), BATCH)]


def pages(hook):
    """Bodies of the pages that arrived, by case number."""
    found = {}
    for line in hook.log():
        if line["result"] == "accepted" and '"page"' in line["body"]:
            found.setdefault(line["body"], line["t"])
    return found


class Flood:
    def __init__(self, daemon):
        self.daemon, self.accepted, self.bad, self.hazard_at = daemon, 0, [], 0.0

    def push(self, posts):
        status, text, _ = self.daemon.call("POST", "/api/v1/posts?source=push", json.dumps(posts),
                                           {"Content-Type": "application/json"}, timeout=60)
        if status != 202:
            self.bad.append((status, text[:200]))
            return
        self.accepted += json.loads(text)["accepted"]

    def run(self):
        whole = batches()
        for number, batch in enumerate(whole):
            if number == len(whole) // 2:
                hazard = threading.Thread(target=self.hazard)
                hazard.start()
            self.push(batch)
        hazard.join()

    def hazard(self):
        self.hazard_at = time.time()
        self.push([post("hazard", "hazel", SMOKE)])


def main():
    checks = Checks()
    with Folder() as folder:
        hook = Webhook(os.path.join(folder.path, "hook.log"))
        folder.write("hook.secret", SECRET)
        port = free_port()
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{hook.port}/", "secret_file": "hook.secret"}]
        folder.write("earshot.yaml", config(port, [{"name": "push", "type": "push"}], receivers))
        daemon = Daemon(folder, port).start()
        flood = Flood(daemon)
        began = time.monotonic()
        flood.run()
        took = time.monotonic() - began
        sent = AUTHOR + COPIES + 1
        checks.that(not flood.bad, "every push was taken", str(flood.bad[:2]))
        checks.that(flood.accepted == sent, f"{sent} posts accepted", str(flood.accepted))
        told = wait_for(lambda: [t for body, t in pages(hook).items() if "daughter burnt" in body], 30)
        late = told[0] - flood.hazard_at if told else 99
        checks.that(late <= 5, "the hazard amid the flood pages within 5 s", f"{late:.2f} s")
        time.sleep(3)
        case = {it["id"]: it for it in daemon.cases()}
        paged = {row["case_id"] for row in daemon.rows(
            "SELECT DISTINCT case_id FROM outbox WHERE lane = 0 AND person <> '' AND state <> 'cancelled'")}
        flooded = [it for it in paged if case[it]["customer"]["handle"] != "hazel"]
        checks.that(len(flooded) <= 3, "at most three pages of the flood", str(len(flooded)))
        storms = daemon.get("/api/v1/storms?state=all")
        checks.that(len(storms) == 1, "one storm", str(len(storms)))
        checks.that(storms and storms[0]["count"] == COPIES, "that counts every account", str(storms and storms[0]["count"]))
        stored = daemon.rows("SELECT count(*) AS n FROM post")[0]["n"]
        filed = daemon.rows("SELECT count(*) AS n FROM post WHERE case_id IS NOT NULL")[0]["n"]
        checks.that(stored == filed == sent, "every post is stored and in a case", f"{stored} stored, {filed} filed")
        longest = daemon.rows("SELECT max(length(body)) AS n FROM cases")[0]["n"]
        checks.that(longest < 8000, "no case grows with its copies", f"{longest} bytes")
        before = str(daemon.get("/api/v1/findings").get("at"))
        wait_for(lambda: str(daemon.get("/api/v1/findings").get("at")) != before, 90, 1)
        verdict = daemon.get("/api/v1/findings")
        # Nobody acknowledges here, and the only step was taken: that much it may find.
        left = [it for it in verdict.get("items", []) if it["kind"] != "chain_ended"]
        checks.that(verdict.get("at") and not left, "the auditor has looked since and finds nothing that nobody stands for", str(left)[:300])
        checks.that(daemon.stop() == 0, "it drains and stops")
        print(f"figure: flood {sent / took:.0f} posts/s taken, hazard paged after {late * 1000:.0f} ms, {len(flooded)} pages of the flood")
    checks.end()


if __name__ == "__main__":
    main()
