#!/usr/bin/env python3
"""Replies to customers from outside: written, approved by another person, sent as a status and as a mail, each once - also where the answer
to the sending is lost, and where the daemon is killed before it came. Prints "N passed, N failed" last. (Bluesky: bluesky_test.py.)"""
import base64
import email
import email.policy
import json
import os
import subprocess

import support
from clocked import Clocked
from posting import Posting
from real import HAZARD, Real, ask
from support import Checks, Folder, Webhook, wait_for

PARTS = {"truth": "The plug melted, and that is our fault & nobody else's.", "owner": "Jo Adler has it and rings you today.",
         "change": "From 1 April every Glow has another plug."}
LETTER = "From: Ann <ann@example.org>\r\nTo: care@brightwave.example\r\nSubject: My Glow\r\nMessage-ID: <a1@client.example>\r\n\r\n"


class ReplyTrial(Clocked):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.social = Posting("reader", "writer")
        self.box, self.smtp = Real("dovecot.sh", 5, folder), Real("smtp-sink.sh", 3, folder)

    def begin(self):
        self.box.start()
        self.smtp.start()
        for name, text in (("read.token", "reader\n"), ("write.token", "writer\n"), ("good.pw", "secret\n"), ("hook.secret", support.SECRET)):
            self.folder.write(name, text)
        sources = [{"name": "mentions", "type": "mastodon", "url": f"http://127.0.0.1:{self.social.port}", "token_file": "read.token",
                    "every": "1s", "min_every": "100ms"},
                   {"name": "box", "type": "imap", "url": f"imaps://localhost:{self.box.first + 1}/INBOX", "user": "care",
                    "password_file": "good.pw", "ca_file": self.box.word("ca="), "start": "all", "every": "1s", "min_every": "1s"}]
        receivers = [{"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        ways = [{"source": "mentions", "as": "@care@social.example", "token_file": "write.token"},
                {"source": "box", "as": "care@brightwave.example"}]
        extra = (f"mail: {{url: \"smtp://localhost:{self.smtp.first}\", from: earshot@brightwave.example, user: daemon, "
                 f"password_file: good.pw, ca_file: \"{self.smtp.word('ca=')}\"}}\nreplies: {{ways: {json.dumps(ways)}}}")
        self.write(sources, receivers, extra=extra)
        self.start_clocked()
        wait_for(lambda: self.posts("mentions"), 20)

    def cli(self, *words, who="jo"):
        done = subprocess.run([support.program("earshot"), *words, "--server", f"http://127.0.0.1:{self.daemon.port}", "--as", who], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=30)
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr

    def draft(self, number, what="", body=None, who="jo", method="POST"):
        status, text, _ = self.daemon.call(method, f"/api/v1/cases/{number}/draft{'/' + what if what else ''}", body or {},
                                           {"X-Earshot-Person": who})
        return status, json.loads(text)

    def approved(self, number, parts):
        """A case with an approved draft."""
        self.act(number, "ack")
        self.draft(number, "", {"parts": parts}, method="PUT")
        self.draft(number, "ask", {"person": "kim"})
        return self.draft(number, "approve", who="kim")

    def arrived(self, number, delivery="delivered", seconds=20):
        return wait_for(lambda: self.draft(number, method="GET")[1].get("delivery") == delivery, seconds)

    def case_with(self, words):
        found = wait_for(lambda: [it for it in self.daemon.cases() if words in it["excerpt"]], 20)
        return found[0]["number"] if found else 0

    def doors(self):
        """From hand to hand on the command line; every door that must stay shut does."""
        self.parent = self.social.mention(HAZARD[0], "erin", visibility="unlisted")
        number = self.case_with(HAZARD[0])
        self.act(number, "ack")
        code, said = self.cli("draft", "write", str(number), "--truth", PARTS["truth"], "--owner", "Our team has it, write to ann@example.org")
        codes = sorted(it["text"]["code"] for it in said["lint"]) if code == 0 else said
        self.that(codes == ["name_missing", "part_missing", "personal_data"], "what is wrong with the words is said", str(codes))
        code, said = self.cli("draft", "ask", str(number))
        self.that(code == 1 and "What will change is missing" in said, "bad words go to nobody", str(said))
        code, said = self.cli("draft", "write", str(number), "--owner", PARTS["owner"], "--change", PARTS["change"])
        self.that(code == 0 and said["lint"] == [] and said["limit"] == 500 and said["as"] == "care@social.example", "better ones are clean",
                  str(said))
        status, said = self.draft(number, "send")
        self.that(status == 422 and said["error"]["code"] == "not_approved", "nothing is sent unapproved", str(said))
        self.cli("draft", "ask", str(number), "--person", "kim")
        status, said = self.draft(number, "approve")
        self.that(status == 403 and said["error"]["code"] == "own_words", "nobody approves their own words", str(said))
        code, said = self.cli("draft", "approve", str(number), who="kim")
        self.that(code == 0 and said["state"] == "approved", "another person does", str(said))
        self.that(not self.social.tries and not self.letters(), "until then nothing has gone out")
        return number

    def lost_answer(self, number):
        self.social.cut = 1
        code, said = self.cli("draft", "send", str(number))
        self.that(code == 0 and said["state"] == "sent", "sent", str(said))
        self.that(self.arrived(number), "a status whose answer was lost is found in the thread", str(self.draft(number, method="GET")))
        self.that(len(self.social.statuses) == 1, "and stands there once", str(self.social.tries))
        status = self.social.statuses[0]
        self.that(status["visibility"] == "unlisted" and status["in_reply_to_id"] == self.parent, "under the customer's post, no wider than it",
                  str(status)[:300])
        case = self.daemon.get(f"/api/v1/cases/{number}")
        self.that(case["state"] == "answered" and [it["state"] for it in case["clocks"] if it["kind"] == "first_answer"] == ["met"],
                  "it is the first answer", str(case["clocks"]))
        kinds = [it["kind"] for it in case["story"]]
        self.that([it for it in kinds if it.startswith("draft_")] == ["draft_write", "draft_ask", "draft_approve", "draft_send",
                                                                      "draft_delivered"] and "answered" in kinds,
                  "the case's story has it", str(kinds))
        self.that(case["draft"]["link"] == self.social.statuses[0]["url"], "with its address", str(case["draft"]))
        status, said = self.draft(number, "send")
        self.that(status == 200 and len(self.social.statuses) == 1, "asked twice it is sent once", str(said))

    def killed(self):
        self.social.mention(HAZARD[1], "frank")
        number = self.case_with(HAZARD[1])
        self.approved(number, PARTS)
        self.social.slow.clear()
        before = len(self.social.statuses)
        self.draft(number, "send")
        wait_for(lambda: len(self.social.statuses) > before, 10)
        self.daemon.kill()
        self.social.slow.set()
        self.start_clocked()
        self.that(self.arrived(number), "killed while it was sent, it looks after the start", str(self.draft(number, method="GET")))
        self.that(len(self.social.statuses) == before + 1, "and posts nothing twice", str(self.social.tries))

    def letters(self):
        got = ask("GET", f"http://127.0.0.1:{self.smtp.first + 2}/messages")[1]
        return [email.message_from_bytes(base64.b64decode(it["raw_base64"]), policy=email.policy.default) for it in got
                if "ann@example.org" in it["to"]]

    def mails(self):
        self.box.must("deliver", "care", "INBOX", self.folder.write("a1.eml", LETTER + HAZARD[3]))
        number = self.case_with(HAZARD[3])
        self.approved(number, PARTS)
        ask("POST", f"http://127.0.0.1:{self.smtp.first + 2}/fault", {"stage": "drop", "times": 1, "match": "care@"})
        self.draft(number, "send")
        wait_for(self.letters, 10)
        self.move(31)  # a repeat would be due
        self.that(self.arrived(number, "uncertain"), "a mail whose answer was lost is uncertain", str(self.draft(number, method="GET")))
        self.that(len(self.letters()) == 1 and self.daemon.get(f"/api/v1/cases/{number}")["state"] == "acknowledged",
                  "it is not sent again by itself, and is no answer yet", str(len(self.letters())))
        self.draft(number, "send")
        self.that(self.arrived(number), "a person sends it again", str(self.draft(number, method="GET")))
        got = self.letters()
        self.that(len(got) == 2 and got[0]["Message-ID"] == got[1]["Message-ID"], "under the same Message-ID", str([it["Message-ID"] for it in got]))
        self.that(got[1]["In-Reply-To"] == "<a1@client.example>" and got[1]["From"] == "Brightwave <care@brightwave.example>"
                  and PARTS["change"] in got[1].get_content(), "in the customer's thread", str(got[1]))
        self.that(self.daemon.get(f"/api/v1/cases/{number}")["state"] == "answered", "and it is the answer")

    def elsewhere(self):
        self.push(HAZARD[4])
        number = self.case_with(HAZARD[4])
        self.approved(number, PARTS)
        status, said = self.draft(number, "send")
        self.that(status == 422 and said["error"]["code"] == "not_configured", "without a way nothing is sent", str(said))
        self.act(number, "hold", {"reason": "a lawyer's letter"})
        status, said = self.draft(number, "", {"parts": PARTS}, method="PUT")
        self.that(status >= 400, "under a legal hold nothing is drafted", str(said))

    def run(self):
        try:
            self.begin()
            self.lost_answer(self.doors())
            self.killed()
            self.mails()
            self.elsewhere()
            self.that("writer" not in self.daemon.log(), "no token is in the log")
            self.that(self.daemon.stop() == 0, "SIGTERM ends it", self.daemon.log()[-500:])
        finally:
            self.daemon.kill()
            self.social.close()
            self.hook.close()
            self.box.stop()
            self.smtp.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        ReplyTrial(place, result).run()
    result.end()
