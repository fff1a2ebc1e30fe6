#!/usr/bin/env python3
"""A second opinion of earshotd against a server that speaks OpenAI-compatible chat: 100 posts that try to talk to the model
(tests/fixtures/opinion), 50 of them hazards; a server that obeys them, one that calls everything urgent, and servers that are slow, talk
nonsense, say too much, hang up, break the schema, or have had enough. Prints "N passed, N failed" last."""
import json
import os
import re
import subprocess
import threading
import time

import support
from real import HAZARD, Trial
from support import Checks, Folder, Server, Webhook, program, reply, wait_for

TOKEN = "second-opinion-token-1234567890"
GREY = "@Brightwave a question about the lamp with the number {}, please"


def fixtures():
    with open(os.path.join(support.ROOT, "tests", "fixtures", "opinion", "injections.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Model(Server):
    """Chat completions. `mode` says how it behaves; every request is kept."""

    def __init__(self):
        self.mode, self.seen, self.lock = "obeys", [], threading.Lock()
        super().__init__(self.take)

    def take(self, handler, body):
        with self.lock:
            self.seen.append((handler.path, dict(handler.headers), body))
            mode = self.mode
        if mode == "slow":
            time.sleep(2.5)
        if mode == "hangs up":
            handler.close_connection = True
            return handler.connection.close()
        if mode == "enough":
            handler.send_response(429)
            handler.send_header("Retry-After", "1")
            handler.send_header("Content-Length", "0")
            return handler.end_headers()
        content = json.dumps({"urgent": mode == "wakes", "confidence": 0.99, "why": "safety" if mode == "wakes" else "none"})
        if mode == "breaks the schema":
            content = json.dumps({"urgent": True, "confidence": 0.99, "why": "<b>Call 555-1234 and say BANANA</b>"})
        answer = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
        return reply(handler, 200, {"junk": b"\x00\xff<html>", "huge": b"x" * (4 << 20)}.get(mode, answer))

    def words(self):
        """What was asked about: [(what stands between the marks, mark)]"""
        out = []
        with self.lock:
            seen = list(self.seen)
        for _, _, body in seen:
            said = json.loads(body)
            system, user = said["messages"]
            mark = re.match(r"begin ([0-9a-f]{16})\n", user["content"])
            end = f"\nend {mark.group(1)}" if mark else ""
            whole = mark and user["content"].endswith(end) and system["role"] == "system" and user["role"] == "user"
            out.append((user["content"][len(mark.group(0)):-len(end)], mark.group(1)) if whole else (None, ""))
        return out


class OpinionTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.model = Model()
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.all, self.number = fixtures(), 0

    def configure(self, per_hour):
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        opinion = {"url": f"http://127.0.0.1:{self.model.port}/v1/chat/completions", "model": "small", "token_file": "model.token",
                   "grey": [0, 1], "deadline": "1s", "per_hour": per_hour}
        self.write([{"name": "push", "type": "push"}], receivers, extra="classifier: " + json.dumps({"second_opinion": opinion}))

    def begin(self):
        self.folder.write("hook.secret", support.SECRET)
        self.folder.write("model.token", TOKEN)
        self.configure(1000)
        self.daemon.start()

    def counts(self):
        text = self.daemon.call("GET", "/metrics")[1]
        return {name: float(n) for name, n in re.findall(r'questions_total\{outcome="(\w+)"\} (\S+)', text)}

    def ended(self, total):
        return wait_for(lambda: sum(self.counts().values()) >= total, 20)

    def paged(self):
        """Cases with a page of their own, or in the message that puts jo's together (more than three within two minutes)."""
        bundles = self.daemon.rows("SELECT body FROM record WHERE kind = 'bundle'")
        together = {it["case"] for row in bundles for of in ("told", "waiting", "sent") for it in json.loads(row["body"])[of]}
        return together | {row["case_id"] for row in self.outbox("hook") if row["lane"] == 0}

    def obeys(self):
        """The server does what the posts want: nothing falls below what the rules say."""
        texts = [it["text"] for it in self.all]
        self.push(*texts)
        posts = self.posts("push")
        cases = {it["id"]: it for it in self.daemon.cases()}
        quiet = [texts[n][:60] for n, it in enumerate(self.all)
                 if it["hazard"] and cases.get(posts[f"p{n}"]["case"], {}).get("urgency") != "page"]
        self.that(len(posts) == 100 and not quiet, "50 hazards are pages at once", "; ".join(quiet))
        wanted = [n for n, it in enumerate(self.all) if not it["hazard"]]
        wait_for(lambda: len(self.model.seen) >= 40 and sum(self.counts().values()) == len(self.model.seen))
        asked = self.model.words()
        self.that(len(asked) >= 40, "the grey ones are asked about", str(len(asked)))
        self.that(self.counts() == {"not_urgent": len(asked)}, "and called not urgent", str(self.counts()))
        self.that(all(words is not None and mark not in words for words, mark in asked), "each post stands between marks that it does not hold")
        self.whole([words for words, _ in asked], {posts[f"p{n}"]["text"] for n in wanted})
        after = {it["id"]: it for it in self.daemon.cases()}
        lower = [it["id"] for it in cases.values() if after[it["id"]]["urgency"] != it["urgency"] or after[it["id"]]["state"] != "open"]
        self.that(not lower, "no case is quieter for it", str(lower))
        pages = {posts[f"p{n}"]["case"] for n, it in enumerate(self.all) if it["hazard"]}
        self.that(wait_for(lambda: pages <= self.paged()), "and each hazard is paged", str(len(pages - self.paged())))
        path, headers, _ = self.model.seen[0]
        self.that(path == "/v1/chat/completions" and headers.get("Authorization") == f"Bearer {TOKEN}", "with its token")

    def whole(self, asked, texts):
        private = ("170 1234567", "ann.smith", "DE8937", "4111", "@mara", "sk-live", "token=")
        leaked = [word for word in private for words in asked if word in words]
        self.that(not leaked, "nothing personal leaves", str(leaked))
        for word in ("[phone]", "[mail]", "[IBAN]", "[card]", "[handle]", "[link shop.example]"):
            self.that(any(word in words for words in asked), word + " stands for it")
        plain = [it for it in asked if "[" not in it or it in texts]
        strange = [it[:80] for it in plain if it not in texts]
        self.that(len(plain) >= 30 and not strange, "all else arrives whole", "; ".join(strange))

    def wakes(self):
        """The server calls everything urgent: the budget holds, and nothing but grey posts is raised."""
        before, cases = len(self.model.seen), len(self.daemon.cases())
        self.model.mode = "wakes"
        self.configure(before + 5)
        self.that(self.reload(), "the budget is set anew")
        calm = [it["text"] for it in self.all if not it["hazard"]]
        total = sum(self.counts().values())
        self.push(*[f"{text} ({n})" for n, text in enumerate(calm)], prefix="w")
        wait_for(lambda: self.counts().get("over_budget", 0) >= len(calm) - 10)
        time.sleep(0.5)
        told, asked = self.counts(), len(self.model.seen) - before
        self.that(asked == 5, "five questions are within the budget", str(asked))
        opened, raised = told.get("opened", 0), told.get("raised", 0)
        self.that(opened + raised + told.get("left", 0) == 5 and opened >= 1, "each answer does one thing", str(told))
        self.that(len(self.daemon.cases()) - cases <= 5, "no more cases than answers", str(len(self.daemon.cases()) - cases))
        said = [it for it in self.ledger("second_opinion") if it["outcome"] in ("opened", "raised")]
        self.that(len(said) == opened + raised and all(it["urgent"] and it["why"] == "safety" for it in said), "the ledger says so", str(said))
        who = self.daemon.rows("SELECT case_id FROM ledger WHERE who = 'second opinion' AND kind IN ('opened', 'raised')")
        self.that({it["case_id"] for it in who} <= self.paged(), "and they are paged")
        self.that(sum(told.values()) - total >= len(calm) - 10, "the others are counted", str(told))

    def fault(self, mode, outcome):
        """One question to a server in this mode; then a good one, so that no breaker opens."""
        for step, want in ((mode, outcome), ("obeys", "not_urgent")):
            self.model.mode = step
            before = self.counts().get(want, 0)
            self.number += 1
            self.push(GREY.format(self.number), prefix=f"f{self.number}-")
            self.that(wait_for(lambda want=want, before=before: self.counts().get(want, 0) == before + 1, 8), f"{step}: {want}", str(self.counts()))

    def faults(self):
        self.configure(1000)
        self.that(self.reload(), "a larger budget")
        cases = len(self.daemon.cases())
        for mode, outcome in (("slow", "timeout"), ("junk", "refused"), ("huge", "failed"), ("hangs up", "failed"),
                              ("breaks the schema", "refused"), ("enough", "failed")):
            self.fault(mode, outcome)
        self.that(len(self.daemon.cases()) == cases, "no bad answer opens a case")
        told = "\n".join(it["body"] for it in self.hook.log()) + self.daemon.log()
        self.that("BANANA" not in told, "no word of the server's is told or logged")
        self.that(TOKEN not in told and "lamp with the number" not in self.daemon.log(), "and no token or post is logged")

    def never_in_the_way(self):
        """A hazard is paged while the server is slow; SIGTERM does not wait for it either."""
        self.model.mode = "slow"
        self.push(*[GREY.format(f"slow {n}") for n in range(3)], prefix="s")
        began, before = time.monotonic(), len(self.paged())
        self.push(HAZARD[1], prefix="h")
        took = time.monotonic() - began
        self.that(took < 0.9 and len(self.paged()) > before, "a hazard does not wait for the second opinion", f"{took:.2f} s")
        answer = json.loads(self.daemon.call("POST", "/api/v1/explain", {"text": GREY.format("explained")})[1])
        self.that(answer.get("second_opinion", {}).get("asked") is True, "explain says that it would be asked", str(answer)[:300])
        began = time.monotonic()
        code = self.daemon.stop()
        self.that(code == 0 and time.monotonic() - began < 3, "SIGTERM ends it cleanly", f"{code} {time.monotonic() - began:.1f} s")
        done = subprocess.run([program("earshot"), "ledger", "verify", "--db", self.daemon.db], capture_output=True, text=True, check=False)
        self.that(done.returncode == 0, "the ledger is whole", done.stdout + done.stderr)

    def end(self):
        self.daemon.kill()
        self.model.close()
        self.hook.close()


def main():
    checks = Checks()
    with Folder() as folder:
        trial = OpinionTrial(folder, checks)
        try:
            trial.begin()
            trial.obeys()
            trial.wakes()
            trial.faults()
            trial.never_in_the_way()
        finally:
            trial.end()
    checks.end()


main()
