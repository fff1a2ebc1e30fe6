#!/usr/bin/env python3
"""earshotd on a mailbox of Dovecot: what it makes of hard mails, that it leaves no trace in the mailbox, IDLE, a connection that is cut,
a mailbox that is rebuilt, a password that is wrong. Prints "N passed, N failed" last."""
import glob
import json
import os
import re
import time

import support
from real import Proxy, Real, Trial
from support import Checks, Folder, Webhook, wait_for

MAILS = os.path.join(support.ROOT, "tests", "fixtures", "mail")
MACHINES = {
    "list.eml": "From: Announce <news@shop.example>\r\nTo: care@brightwave.example\r\nSubject: burns\r\nMessage-ID: <list-1@shop.example>\r\n"
                "List-Id: <news.shop.example>\r\nPrecedence: list\r\n\r\n" + support.SMOKE + "\r\n",
    "vacation.eml": "From: ann@example.org\r\nTo: care@brightwave.example\r\nSubject: Out of office\r\nMessage-ID: <auto-2@example.org>\r\n"
                    "Auto-Submitted: auto-replied\r\n\r\n" + support.SMOKE + "\r\n",
    "bounce.eml": "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: care@brightwave.example\r\nSubject: Undelivered\r\n"
                  "Message-ID: <bounce-2@mx.example>\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/report; "
                  "report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n" + support.SMOKE + "\r\n--b\r\nContent-Type: "
                  "message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nStatus: 5.1.1\r\n--b--\r\n",
}


def mail(number, words):
    return (f"From: Customer {number} <c{number}@example.org>\r\nTo: care@brightwave.example\r\nSubject: letter {number}\r\n"
            f"Message-ID: <letter-{number}@example.org>\r\n\r\n{words}\r\n")


class MailboxTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.server = Real("dovecot.sh", 5, folder)
        self.wire = None

    def deliver(self, name, text):
        self.server.must("deliver", "care", "INBOX", self.folder.write(name, text))

    def flags(self):
        """What the mailbox says of each mail, \\Recent left out: the first session that selects takes it away, and a delivery is none."""
        told = self.server.must("doveadm", "fetch", "-u", "care", "uid flags", "mailbox", "INBOX")
        return [(uid, flags.replace("\\Recent", "").split()) for uid, flags in re.findall(r"uid: (\d+)\nflags: ?(.*)", told)]

    def source_at(self, name, port, password):
        return {"name": name, "type": "imap", "url": f"imaps://localhost:{port}/INBOX", "user": "care", "password_file": password,
                "ca_file": self.server.word("ca="), "start": "all", "every": "60s", "min_every": "1s"}

    def begin(self):
        self.server.start()
        self.server.must("deliver", "care", "INBOX", *sorted(glob.glob(MAILS + "/*.eml")))
        for name, text in MACHINES.items():
            self.deliver(name, text)
        self.server.must("doveadm", "flags", "add", "-u", "care", "\\Seen \\Flagged", "mailbox", "INBOX", "uid", "2")
        self.before = self.flags()
        self.folder.write("good.pw", "secret\n")
        self.folder.write("bad.pw", "not-the-password\n")
        self.folder.write("hook.secret", support.SECRET)
        self.wire = Proxy(self.server.first + 1)
        self.receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        self.write([self.source_at("box", self.wire.port, "good.pw"), self.source_at("locked", self.server.first + 1, "bad.pw")],
                   self.receivers)
        self.daemon.start()

    def contents(self):
        with open(MAILS + "/expected.json", encoding="utf-8") as file:
            wanted = json.load(file)
        count = len(wanted) + len(MACHINES)
        wait_for(lambda: len(self.posts("box")) >= count, 20)
        posts = self.posts("box")
        self.that(len(posts) == count, "every mail is a post", f"{len(posts)} of {count}: {list(posts)}")
        for name, want in wanted.items():
            self.one_mail(name, want, posts)
        self.that(self.flags() == self.before, "the flags of all mails are what they were", str(self.flags())[:300])
        self.that(not self.daemon.rows("SELECT * FROM quarantine WHERE source = 'box'"), "nothing was set aside")

    def one_mail(self, name, want, posts):
        found = [post for native, post in posts.items() if native == want["message_id"]] if want["message_id"] else \
                [post for post in posts.values() if post["author"] == want["from_addr"] and post["title"] == want["subject"]]
        if not self.that(len(found) == 1, f"{name} is there once", str(len(found))):
            return
        post, wrong = found[0], []
        for field, key in (("title", "subject"), ("author", "from_addr"), ("automatic", "automatic")):
            if post[field] != want[key]:
                wrong.append(f"{field} {post[field]!r}, not {want[key]!r}")
        if want["from_name"] and post["author_name"] != want["from_name"]:
            wrong.append(f"name {post['author_name']!r}")
        if want["date_utc"] and post["created_at"] != want["date_utc"]:
            wrong.append(f"date {post['created_at']}")
        if want["in_reply_to"] and post["in_reply_to"] != want["in_reply_to"]:
            wrong.append(f"in reply to {post['in_reply_to']!r}")
        wrong += [f"lacks {words!r}" for words in want["customer_text_has"] if words not in post["text"]]
        wrong += [f"has {words!r}" for words in want["customer_text_lacks"] if words in post["text"]]
        if want["automatic"] and post["case"]:
            wrong.append("a machine's mail has a case")
        self.that(not wrong, f"{name} is read right", "; ".join(wrong))

    def machines(self):
        posts = self.posts("box")
        for native, kind in (("list-1@shop.example", "list"), ("auto-2@example.org", "auto-reply"), ("bounce-2@mx.example", "bounce")):
            post = posts.get(native, {})
            self.that(post.get("automatic") == kind and post.get("case") is None, f"a hazard in a mail of kind {kind} opens no case",
                      str(post)[:200])

    def idle(self):
        worst = 0.0
        for number in (1, 2, 3):
            self.deliver(f"new{number}.eml", mail(number, support.SMOKE if number == 1 else "Where is parcel " + str(number)))
            began = time.monotonic()
            native = f"letter-{number}@example.org"
            if not self.that(wait_for(lambda it=native: it in self.posts("box"), 20), f"mail {number} comes by IDLE"):
                return
            worst = max(worst, time.monotonic() - began)
        self.that(worst < 3.0, "within three seconds, though it polls once a minute", f"{worst:.1f} s")
        print(f"figure: a mail is a post {worst:.1f} s after its delivery (IDLE, slowest of 3)")
        told = wait_for(lambda: [it for it in self.hook.log() if "letter 1" in it["body"] and '"earshot.page"' in it["body"]])
        self.that(told, "a hazard by mail pages")

    def cut(self):
        count = self.wire.count
        self.wire.cut()
        self.that(wait_for(lambda: self.wire.count > count, 10), "a cut connection is opened again")
        self.deliver("after-cut.eml", mail(4, "Thank you, all is well again after the cable was cut"))
        self.that(wait_for(lambda: "letter-4@example.org" in self.posts("box"), 10), "and hears what comes then")

    def rebuilt(self):
        posts, cases, state = set(self.posts("box")), len(self.daemon.cases()), json.loads(self.source("box")["state"])
        self.wire.shut = True
        self.wire.cut()
        self.server.must("reset-uids", "care")
        self.deliver("rebuilt.eml", mail(5, "Thank you, all works well while the mailbox is rebuilt"))
        self.wire.shut = False
        came = wait_for(lambda: "letter-5@example.org" in self.posts("box"), 60)
        now = json.loads(self.source("box")["state"])
        self.that(now["validity"] != state["validity"], "the mailbox has a new UIDVALIDITY", f"{state['validity']} {now['validity']}")
        self.that(came, "after a rebuild the new mail is there")
        self.that(set(self.posts("box")) == posts | {"letter-5@example.org"}, "and no mail twice, the one without Message-ID neither",
                  str(set(self.posts("box")) - posts))
        self.that(len(self.daemon.cases()) == cases, "nor a case", f"{cases} {len(self.daemon.cases())}")
        self.that([it for it in self.ledger("gap") if it["source"] == "box" and "UIDVALIDITY" in it["text"]], "the ledger tells of it")

    def blind(self):
        told = wait_for(lambda: [it for it in self.hook.log() if "cannot hear locked" in it["body"]], 15)
        self.that(told and '"earshot.page"' in told[0]["body"], "a wrong password pages as an incident", str(told)[:200])
        self.that(told and "not-the-password" not in self.daemon.log() + str(told), "and is shown nowhere")
        incident = [it for it in self.daemon.cases() if "cannot hear locked" in json.dumps(it)]
        self.that(len(incident) == 1 and incident[0]["state"] == "open", "one incident is open", str(incident)[:200])
        self.folder.write("bad.pw", "secret\n")
        self.reload()
        ended = wait_for(lambda: [it for it in self.daemon.cases() if "cannot hear locked" in json.dumps(it) and it["state"] == "closed"], 15)
        self.that(ended, "with the right one it ends by itself", str(self.source("locked"))[:300])
        self.that(len(self.posts("locked")) >= 17, "and the mails are read", str(len(self.posts("locked"))))

    def run(self):
        try:
            self.begin()
            self.contents()
            self.machines()
            self.blind()
            self.idle()
            self.cut()
            self.rebuilt()
            self.that(all(not set(flags) or uid == "2" for uid, flags in self.flags()), "in the end no mail has a flag of ours")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.hook.close()
            if self.wire:
                self.wire.close()
            self.server.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        MailboxTrial(place, result).run()
    result.end()
