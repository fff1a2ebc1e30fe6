#!/usr/bin/env python3
"""Acknowledging by mail as a person does: the daemon's page goes out by SMTP, a client answers it, the answer lies in a mailbox of Dovecot,
the daemon reads it there by IMAP, and the case has its owner. Absence notes, strangers and other words acknowledge nothing. Then who was
told what, help, snooze, label and the auditor over the API and the command. Prints "N passed, N failed" last."""
import base64
import email
import email.policy
import json
import os
import subprocess
import time

import support
from real import HAZARD, Real, Trial, ask
from support import Checks, Folder, wait_for

PEOPLE = ("contact: [{via: hook}], notify: {page: [hook now], queue: [hook now]}, manager: kim",
          "contact: [{mail: jo@brightwave.example}], notify: {page: [mail now], queue: [mail now]}, manager: kim")


class AckTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.smtp = Real("smtp-sink.sh", 3, folder)
        self.imap = Real("dovecot.sh", 5, folder)

    def begin(self):
        self.smtp.start()
        self.imap.start()
        self.folder.write("mail.pw", "secret\n")
        self.folder.write("box.pw", "secret\n")
        box = {"name": "replies", "type": "imap", "url": f"imaps://localhost:{self.imap.first + 1}/INBOX", "user": "care",
               "password_file": "box.pw", "ca_file": self.imap.word("ca="), "start": "all", "every": "2s", "min_every": "1s"}
        extra = (f"mail: {{url: \"smtp://localhost:{self.smtp.first}\", from: care@brightwave.example, user: daemon, "
                 f"password_file: mail.pw, ca_file: \"{self.smtp.word('ca=')}\"}}\n"
                 "runbooks: [{cue: safety, text: Ask for the serial number first.}]\n")
        self.write([{"name": "push", "type": "push"}, box], [{"name": "hook", "type": "log"}], extra=extra, swap=[PEOPLE])
        self.daemon.start()

    def mails(self):
        got = ask("GET", f"http://127.0.0.1:{self.smtp.first + 2}/messages")[1]
        return [email.message_from_bytes(base64.b64decode(it["raw_base64"]), policy=email.policy.default) for it in got]

    def page_of(self, number):
        """The page of a case, as jo's mail client has it."""
        def there():
            return [it for it in self.mails() if f"[#{number}-" in it["Subject"]]
        found = wait_for(there, 20)
        return found[0] if found else None

    def answer(self, page, words, sender="Jo Adler <Jo@Brightwave.example>", headers="", thread=True, subject=None):
        quoted = "".join(f"> {line}\n" for line in page.get_content().splitlines())
        text = (f"From: {sender}\nTo: care@brightwave.example\nSubject: {subject or 'Re: ' + page['Subject']}\n"
                f"Message-ID: <reply-{time.monotonic_ns()}@client.example>\nDate: {email.utils.formatdate()}\n{headers}")
        if thread:
            text += f"In-Reply-To: {page['Message-ID']}\nReferences: {page['References'] or ''} {page['Message-ID']}\n"
        text += f"Content-Type: text/plain; charset=utf-8\n\n{words}\n\nOn Monday Earshot wrote:\n{quoted}"
        name = self.folder.write(f"reply-{time.monotonic_ns()}.eml", text.replace("\n", "\r\n"))
        self.imap.must("deliver", "care", "INBOX", name)

    def case(self, number):
        return self.daemon.get(f"/api/v1/cases/{number}")

    def read_by_daemon(self, count):
        return wait_for(lambda: len(self.posts("replies")) >= count, 30)

    def by_mail(self):
        self.push(HAZARD[0])
        page = self.page_of(1)
        if not self.that(page, "the page is mailed"):
            return
        words = page.get_content()
        self.that("Ask for the serial number first." in words, "the page holds the runbook of its cue", words[:800])
        self.answer(page, "I am out of office until Monday.", headers="Auto-Submitted: auto-replied\n")
        self.answer(page, "ACK", sender="Mallory <mallory@evil.example>")
        self.answer(page, "I am at the dentist, please ask Bo.")
        self.read_by_daemon(3)
        self.that(self.case(1)["state"] == "open", "absence notes, strangers and other words acknowledge nothing", self.case(1)["state"])
        told = wait_for(lambda: [it for it in self.mails() if "kept as a note" in it.get_content()], 15)
        self.that(told, "whoever wrote other words is told that the case still waits")
        began = time.monotonic()
        self.answer(page, "Ack, I ring her now.")
        took = wait_for(lambda: (self.case(1).get("owner") or {}).get("id") == "jo", 30)
        self.that(took, "a reply mail fetched by IMAP acknowledges", json.dumps(self.case(1))[:300])
        print(f"figure: reply mail to acknowledged: {time.monotonic() - began:.1f} s")
        rows = [row for row in self.daemon.rows("SELECT state, lane FROM outbox WHERE case_id = ?", self.case(1)["id"]) if row["lane"] == 0]
        self.that(all(row["state"] in ("ok", "cancelled") for row in rows), "no page waits any more", str(rows))
        self.that(wait_for(lambda: [it for it in self.mails() if "You have case 1 now" in it.get_content()], 15), "and says so by mail")
        self.that(len(self.daemon.cases()) == 1, "replies open no cases", str([it["excerpt"] for it in self.daemon.cases()]))

    def by_subject(self):
        self.push(HAZARD[1], prefix="q")
        number = max(it["number"] for it in self.daemon.cases())
        page = self.page_of(number)
        if self.that(page, "a second page is mailed"):
            self.answer(page, "Übernehme ich", thread=False, subject="AW: " + page["Subject"])
            took = wait_for(lambda: (self.case(number).get("owner") or {}).get("id") == "jo", 30)
            self.that(took, "a client that drops the thread is known by the subject's tag")

    def aid(self):
        told = json.loads(self.daemon.call("GET", "/api/v1/cases/1/told")[1])["items"]
        page = [it for it in told if it["lane"] == "page" and it["person"] == "jo"]
        self.that(page and page[0]["arrived"] and page[0]["proof"] and page[0]["ended_at"], "delivery proof of the page", str(page)[:300])
        done = subprocess.run([support.program("earshot"), "cases", "told", "1", "--server", f"127.0.0.1:{self.daemon.port}"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.that(done.returncode == 0 and len(lines) == len(told) and "delivered" in lines[0]["text"],
                  "earshot cases told says it in sentences", done.stdout[:300] + done.stderr)
        steps = [("help", {"person": "kim", "reason": "she knows the lamp"}), ("snooze", {"for": "2h", "reason": "the shop opens at nine"}),
                 ("teach", {"urgent": False, "note": "a film scene"}), ("hold", {"reason": "claim 12"}), ("release", {"reason": "settled"})]
        for action, body in steps:
            status, text, _ = self.act(1, action, body)
            self.that(status == 200, f"{action} is done", text[:200])
        status, text, _ = self.daemon.call("GET", "/api/v1/labels")
        self.that(status == 200 and json.loads(text.splitlines()[0])["urgent"] is False, "the label is exported for training", text[:300])
        status, text, _ = self.daemon.call("GET", "/api/v1/page-load")
        people = {it["person"]: it for it in json.loads(text)["people"]}
        self.that(people.get("jo", {}).get("pages", 0) >= 2 and people["jo"]["not_worth"] == 1, "pages per person, and those for nothing", text)
        report = wait_for(lambda: json.loads(self.daemon.call("GET", "/api/v1/findings")[1]), 5)
        self.that(report["passed"] and report["at"], "the auditor has looked and found nothing grave", str(report))

    def run(self):
        try:
            self.begin()
            self.by_mail()
            self.by_subject()
            self.aid()
            self.that(self.daemon.stop() == 0, "SIGTERM drains and ends with 0", self.daemon.log()[-500:])
        finally:
            self.daemon.kill()
            self.smtp.stop()
            self.imap.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        AckTrial(place, result).run()
    result.end()
