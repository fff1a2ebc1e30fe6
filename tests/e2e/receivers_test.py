#!/usr/bin/env python3
"""Every receiver through the real daemon against emulated services (services.py): a page goes out to all of them although each refuses
once; taking, answering and closing the case reach the same threads, incidents and messages; send-test reaches each; a hostile text
pings nobody; no secret stands in any log, row or metric."""
import json
import os
import subprocess
import sys

import support
from services import CANARY, FIRST_REFUSALS, Services
from support import Checks, Daemon, Folder, wait_for

HOSTILE = support.SMOKE + " <!channel> @everyone <b>x</b> [click](https://evil.example) *loud*"
SERVICE_OF = {"slack-hook": "slackhook", "slack": "slack", "teams": "teams", "mm-hook": "mmhook", "mm": "mm", "discord": "discord",
              "telegram": "telegram", "matrix": "matrix", "ntfy": "ntfy", "pagerduty": "pagerduty", "opsgenie": "opsgenie",
              "sms": "twilio", "voice": "twilio"}


class Trial:
    def __init__(self, folder, checks):
        self.folder, self.that = folder, checks.that
        self.services = Services()
        self.daemon = Daemon(folder, support.free_port())
        url = self.services.url
        folder.write("token", CANARY)
        for name in ("slackhook", "teams", "mmhook", "discord"):
            folder.write(name + ".url", url(f"/{name}/{CANARY}"))
        program = folder.write("tell.sh", f"#!/bin/sh\nread x\necho \"$EARSHOT_KEY\" >> {folder.path}/told\nprintf '%s\\n' \"$x\" >> {folder.path}/said\n")
        os.chmod(program, 0o700)
        folder.write("short.tpl", "{{#CASE}}Case {{NUMBER}}: {{EXCERPT}}{{/CASE}}{{#SELF}}{{TEXT}}{{/SELF}}\n")
        self.receivers = [
            {"name": "slack-hook", "type": "slack", "url_file": "slackhook.url"},
            {"name": "slack", "type": "slack", "url": url("/slack"), "token_file": "token", "channel": "C01"},
            {"name": "teams", "type": "teams", "url_file": "teams.url"},
            {"name": "mm-hook", "type": "mattermost", "url_file": "mmhook.url"},
            {"name": "mm", "type": "mattermost", "url": url("/mm"), "token_file": "token", "channel": "chan1"},
            {"name": "discord", "type": "discord", "url_file": "discord.url"},
            {"name": "telegram", "type": "telegram", "url": url("/telegram"), "token_file": "token", "chat": "-1001"},
            {"name": "matrix", "type": "matrix", "url": url("/matrix"), "token_file": "token", "room": "!room:x"},
            {"name": "ntfy", "type": "ntfy", "url": url("/ntfy"), "topic_file": "token"},
            {"name": "pagerduty", "type": "pagerduty", "url": url("/pagerduty"), "key_file": "token"},
            {"name": "opsgenie", "type": "opsgenie", "url": url("/opsgenie"), "key_file": "token"},
            {"name": "sms", "type": "sms", "url": url("/twilio"), "account": "AC1", "token_file": "token", "from": "+15550001",
             "updates": ["closed"], "templates": {"text": "short.tpl"}},
            {"name": "voice", "type": "voice", "url": url("/twilio"), "account": "AC1", "token_file": "token", "from": "+15550001"},
            {"name": "exec", "type": "exec", "command": [program]},
        ]
        folder.write("earshot.yaml", self.config())

    def config(self):
        steps = [f"receiver:{it['name']}" for it in self.receivers if it["name"] not in ("sms", "voice")] + ["person:jo"]
        return f"""company: {{name: Brightwave, handles: ["@Brightwave"], products: [{{name: Glow}}]}}
sources: [{{name: push, type: push}}]
people:
  - {{id: jo, contact: [{{sms: "+15550002"}}, {{call: "+15550003"}}], notify: {{page: [sms now, call after 1s]}}}}
escalations: [{{name: standard, steps: [{{notify: {json.dumps(steps)}, after: 0m}}]}}]
route: {{team: care, escalation: standard}}
receivers: {json.dumps(self.receivers)}
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
follow_through: {{verification: {{share: 0%, always: []}}}}
web: {{listen: "127.0.0.1:{self.daemon.port}", open_on_loopback: true}}
log: {{level: debug, format: logfmt}}
"""

    def earshot(self, *words):
        return subprocess.run([support.program("earshot"), *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False, cwd=self.folder.path)

    def page(self):
        checked = self.earshot("check-config", "earshot.yaml")
        self.that(checked.returncode == 0, "check-config takes every receiver", checked.stdout[:600])
        self.services.faults = {name: [fault] for name, fault in FIRST_REFUSALS.items()}
        self.daemon.start()
        post = {"id": "p1", "author": {"id": "a1", "name": "Mara @here <!here>", "handle": "mara"}, "text": HOSTILE,
                "url": "https://social.example/p1"}
        self.daemon.call("POST", "/api/v1/posts", [post])
        for name, service in SERVICE_OF.items():
            want = 2 if service == "twilio" else 1
            got = wait_for(lambda s=service, n=want: len(self.services.accepted(s)) >= n, 15)
            self.that(got, f"{name} is told although it refused once", str(self.services.of(service))[:400])
        self.that(wait_for(lambda: os.path.exists(os.path.join(self.folder.path, "told"))), "the program is run")

    def harmless(self):
        chats = ("slackhook", "slack", "telegram", "mm", "mmhook", "discord", "matrix", "teams")
        sent = json.dumps([it["said"] for name in chats for it in self.services.of(name)], ensure_ascii=False)
        for bad in ("<!channel>", "<!here>", "](https://evil", "<b>x"):
            markdown = ("mm", "mmhook", "discord")  # the others do not read it
            where = [it["service"] for name in (markdown if bad.startswith("]") else chats)
                     for it in self.services.of(name) if bad in json.dumps({k: v for k, v in it["said"].items() if k != "body"})]
            self.that(not where, f"{bad} of a customer reaches no chat as mark-up", str(where))
        self.that("@everyone" not in sent and "everyone" in sent and "@here" not in sent, "mentions come apart")
        moved = self.services.accepted("telegram")[0]["said"]["chat_id"]
        self.that(moved == "-100777", "a moved Telegram group is followed", moved)
        text = [it for it in self.services.accepted("twilio") if "Body" in it["said"]][0]["said"]
        self.that(text["To"] == "+15550002" and "Case 1: " in text["Body"] and "Take it: " in text["Body"],
                  "a text message goes to the person's number in the template's words", str(text))

    def follow(self):
        case = self.daemon.cases()[0]["number"]
        server = ("--server", f"127.0.0.1:{self.daemon.port}", "--as", "jo")
        for action, *more in (("ack",), ("answer", "--text", "We are ringing you now."),
                              ("feedback", "--said", "We are sorry.", "--done", "A new lamp was sent.", "--cause", "firmware", "--department",
                               "engineering", "--product-change", "no")):
            done = self.earshot("cases", action, str(case), *more, *server)
            self.that(done.returncode == 0, f"cases {action}", done.stderr)
            if action == "ack":
                self.threads()
        state = self.daemon.cases()[0]["state"]
        if state != "closed":
            done = self.earshot("cases", "close", str(case), *server)
            self.that(done.returncode == 0, "cases close", done.stderr + state)
        self.closed()

    def threads(self):
        """Where the first message went, the update goes, in its thread or in its place."""
        services, that = self.services, self.that

        def second(name):
            return wait_for(lambda: len(services.accepted(name)) >= 2 and services.accepted(name), 15) or [None, {"said": {}, "path": ""}]

        first, update = second("slack")
        that(first and update["said"].get("thread_ts") == f"1417671948.{int(first['id']):06}", "slack: in the thread of its ts", str(update))
        first, update = second("mm")
        that(first and update["said"].get("root_id") == "post" + first["id"], "mattermost: under the first post", str(update))
        first, update = second("discord")
        that(first and update.get("method") == "PATCH" and update["path"].endswith("/messages/" + first["id"]), "discord: the message is edited",
             str(update))
        first, update = second("telegram")
        that(first and update["said"].get("reply_parameters", {}).get("message_id") == int(first["id"]), "telegram: answers the message", str(update))
        first, update = second("matrix")
        that(first and update["said"].get("m.relates_to", {}).get("event_id") == "$event" + first["id"], "matrix: in the thread", str(update))
        first, update = second("ntfy")
        that(first and update["said"].get("sequence_id") == "ntfy" + first["id"], "ntfy: names the message it changes", str(update))
        first, update = second("pagerduty")
        that(first and update["said"].get("event_action") == "acknowledge" and update["said"]["dedup_key"] == first["said"]["dedup_key"],
             "pagerduty: the same incident is acknowledged", str(update))
        acknowledged = wait_for(lambda: [it for it in services.accepted("opsgenie") if "/acknowledge?" in it["path"]], 15)
        that(acknowledged, "opsgenie: the alert is acknowledged", str([it["path"] for it in services.of("opsgenie")]))
        for name in ("slackhook", "teams", "mmhook"):
            that(len(second(name)) >= 2 and second(name)[0], f"{name}: a message of its own follows", str(services.of(name))[:300])

    def closed(self):
        services, that = self.services, self.that
        that(wait_for(lambda: [it for it in services.accepted("pagerduty") if it["said"]["event_action"] == "resolve"], 15),
             "pagerduty: the incident is resolved")
        that(wait_for(lambda: [it for it in services.accepted("opsgenie") if "/close?" in it["path"]], 15), "opsgenie: the alert is closed")
        that(wait_for(lambda: [it for it in services.accepted("slack") if "losed" in it["said"]["text"] + json.dumps(it["said"]["blocks"])], 15),
             "slack: the thread says that it is closed")
        calls = [it for it in services.accepted("twilio") if "Twiml" in it["said"]]
        that(len(calls) == 1, "nobody is called about updates", str(len(calls)))

    def send_tests(self):
        for name, service in SERVICE_OF.items():
            if name in ("sms", "voice"):
                continue  # they reach people by their numbers; without `to` there is nobody to test
            before = len(self.services.accepted(service))
            done = self.earshot("send-test", name, "--urgency", "page", "--server", f"127.0.0.1:{self.daemon.port}")
            got = wait_for(lambda s=service, n=before: len(self.services.accepted(s)) > n, 10)
            self.that(done.returncode == 0 and got, f"send-test {name}", done.stderr)
        loud = self.services.accepted("ntfy")[-1]["said"]["priority"]
        self.that(loud == 5, "a test with urgency page rings like one", str(loud))

    def nothing_lost_nothing_told(self):
        rows = self.daemon.rows("SELECT receiver, state, result, body, key FROM outbox")
        open_rows = wait_for(lambda: not self.daemon.rows("SELECT id FROM outbox WHERE state NOT IN ('ok', 'cancelled')"), 15)
        self.that(open_rows, "every row came to a good end",
                  str(self.daemon.rows("SELECT receiver, state, result FROM outbox WHERE state NOT IN ('ok', 'cancelled')"))[:500])
        places = {"the log": self.daemon.log(), "the outbox": json.dumps(rows), "the metrics": self.daemon.call("GET", "/metrics")[1],
                  "the ledger": json.dumps(self.daemon.rows("SELECT data FROM ledger"))}
        for place, text in places.items():
            self.that(text and CANARY not in text, f"no secret stands in {place}")
        self.that(self.daemon.stop() == 0, "it stops cleanly")


def broken_template(folder, checks):
    folder.write("bad.tpl", "fine\n{{HEADLIN}}\n")
    folder.write("bad.yaml", 'receivers: [{name: a, type: teams, url_file: teams.url, templates: {text: bad.tpl}}]\n')
    done = subprocess.run([support.program("earshot"), "check-config", "bad.yaml"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False, cwd=folder.path)
    checks.that(done.returncode == 78 and "bad.tpl:2:1:" in done.stdout and "HEADLINE" in done.stdout, "a misspelt name in a template is refused at load",
                done.stdout[:400])


def main():
    checks = Checks()
    with Folder() as folder:
        trial = Trial(folder, checks)
        try:
            trial.page()
            trial.harmless()
            trial.follow()
            trial.send_tests()
            trial.nothing_lost_nothing_told()
            broken_template(folder, checks)
        finally:
            trial.daemon.kill()
            trial.services.close()
    checks.end()


if __name__ == "__main__":
    sys.exit(main())
