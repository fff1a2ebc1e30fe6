#!/usr/bin/env python3
"""earshotd's Slack receiver against an endpoint that answers as Slack documents it (https://api.slack.com/messaging/webhooks): ok, and
each refusal, 429 with Retry-After, 500, 503, an answer that is lost. What customers write pings nobody and breaks no block. Prints
"N passed, N failed" last."""
import json
import re
import threading
import time

from real import HAZARD, Trial
from support import Checks, Folder, Server, wait_for

# path: answers in order, the last one repeats: status, body, Retry-After
ANSWERS = {"invalid_payload": [(400, "invalid_payload", None)], "action_prohibited": [(403, "action_prohibited", None)],
           "channel_not_found": [(404, "channel_not_found", None)], "no_service": [(404, "no_service", None)],
           "channel_is_archived": [(410, "channel_is_archived", None)], "busy": [(429, "rate_limited", 9), (200, "ok", None)],
           "down": [(503, "service_unavailable", None), (200, "ok", None)], "broken": [(500, "server_error", None), (200, "ok", None)],
           "lost": [(0, "", None), (200, "ok", None)], "chat": [(200, "ok", None)]}
EVIL = ("<!channel> @here my Brightwave Glow lamp is on fire <https://evil.example|click> & <@U012AB3CD> *bold* ``` \u202e \x07 "
        + "\u0301" * 4000)
PEOPLE = ("contact: [{via: hook}], notify: {page: [hook now], queue: [hook now]}, manager: kim",
          "contact: [{via: no_service}, {via: chat}], notify: {page: [no_service now, chat after 10m], queue: []}, manager: kim")


class Slack(Server):
    def __init__(self):
        self.got, self.lock = {name: [] for name in ANSWERS}, threading.Lock()
        super().__init__(self.take)

    def take(self, handler, body):
        name = handler.path.rsplit("/", 1)[1]
        with self.lock:
            seen = self.got[name]
            status, text, wait = ANSWERS[name][min(len(seen), len(ANSWERS[name]) - 1)]
            seen.append({"t": time.monotonic(), "body": body.decode("utf-8"), "headers": dict(handler.headers)})
        if status == 0:
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html" if status == 200 else "text/plain")  # as Slack does
        if wait:
            handler.send_header("Retry-After", str(wait))
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text.encode())


class SlackTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.slack = Slack()

    def begin(self):
        receivers = []
        for name in ANSWERS:
            self.folder.write(name + ".url", f"http://127.0.0.1:{self.slack.port}/services/T0/B0/{name}\n")
            receivers.append({"name": name, "type": "slack", "url_file": name + ".url"})
        self.write([{"name": "push", "type": "push"}], receivers, contact="chat",
                   swap=[(PEOPLE[0].replace("hook", "chat"), PEOPLE[1])])
        self.daemon.start()

    def test(self, receiver):
        self.daemon.call("POST", f"/api/v1/receivers/{receiver}/test", {}, {"X-Earshot-Person": "jo"})

    def row(self, receiver):
        rows = self.outbox(receiver)
        return rows[0] if rows else {"attempts": 0, "state": "", "result": ""}

    def refusals(self):
        for name in ("invalid_payload", "action_prohibited", "channel_not_found", "no_service"):
            row = wait_for(lambda it=name: self.row(it)["attempts"] and self.row(it)["state"] != "started" and self.row(it), 15)
            status = ANSWERS[name][0][0]
            good = row and row["state"] == "pending" and row["result"] == f"HTTP {status}: {name}"
            self.that(good and row["not_before"] - row["started"] >= 40_000, f"{status} {name} is a refusal, tried again a minute later",
                      str(row)[:300])
        row = wait_for(lambda: self.row("channel_is_archived")["state"] == "dead" and self.row("channel_is_archived"), 15)
        self.that(row and row["attempts"] == 1 and "channel_is_archived" in row["result"], "410 channel_is_archived ends it", str(row))

    def waits(self):
        for name, least, most in (("busy", 9, 16), ("down", 3.5, 12)):
            ok = wait_for(lambda it=name: self.row(it)["state"] == "ok", 30)
            got = self.slack.got[name]
            span = got[-1]["t"] - got[0]["t"]
            self.that(ok and len(got) == 2 and least <= span <= most, f"{ANSWERS[name][0][0]} is tried again after {least} s", f"{span:.1f} s")
            self.that("possible repeat" not in got[-1]["body"], "and is no possible repeat")

    def uncertain(self):
        for name in ("broken", "lost"):
            ok = wait_for(lambda it=name: self.row(it)["state"] == "ok", 60)
            got = self.slack.got[name]
            span = got[-1]["t"] - got[0]["t"]
            self.that(ok and len(got) == 2 and span >= 20, f"{name}: sent again half a minute later", f"{len(got)} {span:.1f} s {self.row(name)}")
            text = json.loads(got[-1]["body"])
            marked = text["text"].startswith("(possible repeat) ") and text["blocks"][0]["text"]["text"].startswith("(possible repeat) ")
            self.that(marked and "possible repeat" not in got[0]["body"], f"{name}: and says that it may be a repeat", got[-1]["body"][:200])

    def page(self):
        self.push(EVIL)
        told = wait_for(lambda: [it for it in self.slack.got["chat"] if "Page" in it["body"]], 15)
        if not self.that(told, "a page whose channel is gone from Slack is on the next channel at once", self.daemon.log()[-500:]):
            return
        sent = json.loads(told[0]["body"])
        blocks, texts = sent["blocks"], [it["text"]["text"] for it in sent["blocks"]] + [sent["text"]]
        mrkdwn = [it["text"]["text"] for it in blocks if it["text"]["type"] == "mrkdwn"] + [sent["text"]]
        self.that(len(blocks) <= 50 and all(len(it) <= 3000 for it in texts), "blocks keep Slack's limits")
        self.that(blocks[0]["type"] == "header" and len(blocks[0]["text"]["text"]) <= 150, "and so does the header")
        links = [it for text in mrkdwn for it in re.findall(r"<([^>]*)>", text)]
        ours = (f"http://127.0.0.1:{self.daemon.port}/", "https://social.example/")
        self.that(links and all(it.startswith(ours) for it in links), "every link is ours or the post's; nobody is pinged", str(links))
        self.that(any("/ack/" in it for it in links), "one of them acknowledges")
        self.that(all("\x07" not in it and "\u202e" not in it for it in texts), "no control character is passed on")
        self.that(told[0]["headers"].get("Content-Type") == "application/json", "as JSON")
        number = self.daemon.cases()[0]["number"]
        self.act(number, "ack")
        self.push(HAZARD[1], prefix="second")
        self.that(wait_for(lambda: len([it for it in self.slack.got["chat"] if "Page" in it["body"]]) == 2, 15), "the next page comes, too")

    def run(self):
        try:
            self.begin()
            for name in ANSWERS:
                self.test(name)
            self.refusals()
            self.waits()
            self.page()
            self.uncertain()
            self.that("/services/T0/" not in self.daemon.log(), "the address, a secret, is not in the log")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.slack.close()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        SlackTrial(place, result).run()
    result.end()
