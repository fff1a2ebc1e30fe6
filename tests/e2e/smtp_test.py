#!/usr/bin/env python3
"""earshotd's mail against an SMTP server that fails on demand (tests/servers/smtp-sink.sh): 421, 450 and 550 at every command, the
connection lost between DATA and 250, one Message-ID over all attempts, "(possible repeat)" only where it is one, and a person's next
channel. Prints "N passed, N failed" last."""
import base64
import email
import email.policy
import os
import time

import support
from real import HAZARD, Real, Trial, ask
from support import Checks, Folder, Webhook, wait_for

STAGES = [(stage, code) for stage in ("mail", "rcpt", "data", "end") for code in (421, 450, 550)]
PEOPLE = ("contact: [{via: hook}], notify: {page: [hook now], queue: [hook now]}, manager: kim",
          "contact: [{mail: jo@brightwave.example}, {via: hook}], notify: {page: [mail now, hook after 10m], queue: []}, manager: kim")


class SmtpTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Real("smtp-sink.sh", 3, folder)

    def begin(self):
        self.server.start()
        self.folder.write("hook.secret", support.SECRET)
        self.folder.write("mail.pw", "secret\n")
        receivers = [{"name": "page-mail", "type": "email", "to": ["ops@brightwave.example"]},
                     {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        for stage, code in [*STAGES, ("connect", 421), ("connect", 554), ("drop", 0)]:
            receivers.append({"name": f"{stage}-{code}", "type": "email", "from": f"{stage}-{code}@brightwave.example",
                              "to": [f"to-{stage}-{code}@brightwave.example"]})
        mail = (f"mail: {{url: \"smtp://localhost:{self.server.first}\", from: alerts@brightwave.example, user: daemon, "
                f"password_file: mail.pw, ca_file: \"{self.server.word('ca=')}\"}}")
        self.write([{"name": "push", "type": "push"}], receivers, extra=mail, swap=[PEOPLE])
        self.daemon.start()

    def fault(self, **what):
        ask("POST", f"http://127.0.0.1:{self.server.first + 2}/fault", what)

    def mails(self, what="messages", address=""):
        """Parsed mails the server kept (or `tries`: all that came whole) from this sender or to this recipient."""
        got = ask("GET", f"http://127.0.0.1:{self.server.first + 2}/{what}")[1]
        return [email.message_from_bytes(base64.b64decode(it["raw_base64"]), policy=email.policy.default) for it in got
                if address in (it["from"], *it.get("to", []))]

    def tried(self, name):
        self.daemon.call("POST", f"/api/v1/receivers/{name}/test", {}, {"X-Earshot-Person": "jo"})
        row = wait_for(lambda: [it for it in self.outbox(name) if it["attempts"] and it["state"] != "started"], 40)
        return row[0] if row else self.outbox(name)[0]

    def start_drop(self):
        self.fault(stage="drop", match="drop-0@")
        row = self.tried("drop-0")
        self.that(row["state"] == "uncertain" and row["repeats"] == 1, "lost between DATA and 250: uncertain", str(row)[:300])
        self.that(row["not_before"] - row["started"] >= 20_000, "tried again half a minute later", str(row["not_before"] - row["started"]))

    def answers(self):
        for stage, code in [("connect", 421), ("connect", 554), *STAGES]:
            name = f"{stage}-{code}"
            at = {"connect": "", "rcpt": f"to-{name}@"}.get(stage, f"{name}@")
            self.fault(stage=stage, code=code, match=at, text=f"fault {name}")
            row = self.tried(name)
            good = row["attempts"] >= 1 and row["state"] == "pending" and str(code) in row["result"] and row["repeats"] == 0
            self.that(good, f"{code} at {stage}: not sent, and that is certain", str({key: row[key] for key in row if key != "body"}))
            pause = (row["not_before"] - row["started"]) / 1000
            self.that(3.5 <= pause <= 15 if code < 500 else pause >= 40, f"{code} at {stage}: " + (
                "again after seconds" if code < 500 else "a person must act; again after a minute"), f"{pause:.1f} s")
            if stage == "connect" and code < 500:  # its next attempt must not meet the fault of the next
                wait_for(lambda it=name: self.outbox(it)[0]["state"] == "ok", 40)

    def later(self):
        temporary = [f"{stage}-{code}" for stage, code in [("connect", 421), *STAGES] if code < 500]
        done = wait_for(lambda: all(self.outbox(name)[0]["state"] == "ok" for name in temporary), 30)
        self.that(done, "what was refused for a while is sent", str([(it, self.outbox(it)[0]["result"]) for it in temporary])[:500])
        for name in temporary:
            kept = self.mails("messages", name + "@brightwave.example")
            ids = {it["Message-ID"] for it in self.mails("tries", name + "@brightwave.example")}
            self.that(len(kept) == 1 and len(ids) == 1 and kept[0]["Message-ID"] in ids, f"{name}: one mail, one Message-ID", str(ids))
            self.that("possible repeat" not in kept[0]["Subject"], f"{name}: no possible repeat", kept[0]["Subject"])

    def page(self):
        self.fault(stage="rcpt", code=550, match="jo@", times=1)
        began = time.monotonic()
        self.push(HAZARD[0], prefix="a")
        told = wait_for(lambda: [it for it in self.hook.log() if '"earshot.page"' in it["body"]], 15)
        self.that(told and time.monotonic() - began < 10, "a page whose mail is refused is on the next channel at once")
        self.act(self.daemon.cases()[0]["number"], "ack")
        self.push(HAZARD[1], prefix="b")
        got = wait_for(lambda: self.mails("messages", "jo@brightwave.example"), 15)
        if not self.that(got, "the next page comes by mail", self.daemon.log()[-500:]):
            return
        mail = got[0]
        body = mail.get_body().get_content()
        self.that("catch" in body or "fire" in body, "with the words of the customer", body[:200])
        self.that("/ack/" in body and mail["Auto-Submitted"] == "auto-generated", "a link to acknowledge, and as a machine's mail")
        self.that(mail["To"] == "jo@brightwave.example" and "<alerts@brightwave.example>" in mail["From"] and mail["Date"],
                  "from, to and date are set", str(mail.items())[:300])

    def end_drop(self):
        row = wait_for(lambda: self.outbox("drop-0")[0]["state"] == "ok" and self.outbox("drop-0")[0], 60)
        kept = self.mails("messages", "drop-0@brightwave.example")
        self.that(row and len(kept) == 2, "the uncertain mail is sent once more", str(self.outbox("drop-0")[0])[:300])
        if len(kept) == 2:
            self.that(kept[0]["Message-ID"] == kept[1]["Message-ID"], "with the same Message-ID")
            marks = [it["Subject"].startswith("(possible repeat) ") for it in kept]
            self.that(marks == [False, True], "and its subject says that it may be a repeat", str([it["Subject"] for it in kept]))

    def run(self):
        try:
            self.begin()
            self.start_drop()
            self.answers()
            self.later()
            self.page()
            self.end_drop()
            kept = ask("GET", f"http://127.0.0.1:{self.server.first + 2}/messages")[1]
            self.that(all(it["tls"] and it["user"] == "daemon" for it in kept), "every mail came by TLS and signed in")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.hook.close()
            self.server.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        SmtpTrial(place, result).run()
    result.end()
