#!/usr/bin/env python3
"""A question from outside: an executive forwards a customer's mail with "?", read by IMAP from Dovecot; the manager's letter, the answer
and what follows go out over SMTP. Prints "N passed, N failed" last."""
import base64
import email
import email.policy
import os
import re

import support
from real import Real, Trial, ask
from support import Checks, Folder, Webhook, wait_for

LINDS = "ceo@brightwave.example"
KIMS = "kim@brightwave.example"
PEOPLE = [("contact: [{via: hook}], notify: {page: [hook now]}}", f"contact: [{{mail: {KIMS}}}], notify: {{page: [mail now]}}, manager: ana}}\n"
           "  - {id: ana, name: Ana Costa, contact: [{mail: ana@brightwave.example}], notify: {page: [mail now]}}"),
          ('handles: ["@brightwave_ceo"], delegate: kim', f'handles: ["@brightwave_ceo"], mail: [{LINDS}]')]
FORWARD = ("@kim ?\r\n\r\n---------- Forwarded message ---------\r\nFrom: Ann <ann@example.org>\r\nDate: Mon, Nov 23, 2026 at 9:12 AM\r\n"
           "Subject: Dark\r\nTo: <ceo@brightwave.example>\r\n\r\nMy lamp has been dark for three weeks.")


def mail(sender, to, subject, number, words, parent="", extra=""):
    answers = f"In-Reply-To: <{parent}>\r\nReferences: <{parent}>\r\n" if parent else ""
    return (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}@client.example>\r\n{answers}{extra}"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n")


class QuestionTrial(Trial):
    def __init__(self, folder, checks):
        super().__init__(folder, checks)
        self.hook = Webhook(os.path.join(folder.path, "told.jsonl"))
        self.box = Real("dovecot.sh", 5, folder)
        self.smtp = Real("smtp-sink.sh", 3, folder)

    def deliver(self, name, text):
        self.box.must("deliver", "care", "INBOX", self.folder.write(name + ".eml", text))

    def letters(self, to):
        got = ask("GET", f"http://127.0.0.1:{self.smtp.first + 2}/messages")[1]
        mails = [email.message_from_bytes(base64.b64decode(it["raw_base64"]), policy=email.policy.default) for it in got
                 if to in it.get("to", [])]
        return [it for it in mails if it["Message-ID"].startswith("<question-")]

    def letter(self, to, count):
        wait_for(lambda: len(self.letters(to)) >= count, 20)
        got = self.letters(to)
        self.that(len(got) == count, f"letter {count} to {to}", str([it["Subject"] for it in got]))
        return got[-1]

    def question(self):
        items = self.daemon.get("/api/v1/questions?state=all")["items"]
        return items[0] if items else {}

    def begin(self):
        self.box.start()
        self.smtp.start()
        self.folder.write("good.pw", "secret\n")
        self.folder.write("hook.secret", support.SECRET)
        sources = [{"name": "box", "type": "imap", "url": f"imaps://localhost:{self.box.first + 1}/INBOX", "user": "care",
                    "password_file": "good.pw", "ca_file": self.box.word("ca="), "start": "all", "every": "1s", "min_every": "1s"}]
        receivers = [{"name": "post", "type": "email", "to": ["ops@brightwave.example"]},
                     {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{self.hook.port}/", "secret_file": "hook.secret"}]
        extra = (f"mail: {{url: \"smtp://localhost:{self.smtp.first}\", from: earshot@brightwave.example, user: daemon, "
                 f"password_file: good.pw, ca_file: \"{self.smtp.word('ca=')}\"}}\nquestions: {{addresses: [ask@brightwave.example]}}")
        self.write(sources, receivers, extra=extra, swap=PEOPLE)
        self.daemon.start()

    def asked(self):
        self.deliver("forward", mail(f"M. Lind <{LINDS}>", "ask@brightwave.example", "Fwd: Dark", "f1", FORWARD))
        letter = self.letter(KIMS, 1)
        text = letter.get_content()
        self.that("M. Lind asks you:" in text and "| My lamp has been dark for three weeks." in text, "with the question and the item", text)
        self.that(re.fullmatch(r"ask\+q[0-9a-f]{8}-[0-9a-f]{8}@brightwave\.example", str(letter["Reply-To"])) is not None,
                  "answers go to a signed address", str(letter["Reply-To"]))
        owed = self.daemon.get("/api/v1/questions/owed")
        self.that([(it["person"]["id"], it["owed"]) for it in owed] == [("kim", 1)], "kim owes an answer", str(owed))
        return letter

    def survives(self):
        self.daemon.kill()
        self.daemon.start()
        self.that(self.question().get("state") == "open", "a crash forgets nothing", str(self.question()))

    def answered(self, letter):
        ours = letter["Message-ID"].strip("<>")
        self.deliver("away", mail(f"Kim <{KIMS}>", letter["Reply-To"], "Automatic reply: it", "k1", "I am away.", ours,
                                  "Auto-Submitted: auto-replied\r\n"))
        self.deliver("answer", mail(f"Kim Brandt <{KIMS}>", letter["Reply-To"], "Re: it", "k2",
                                    "The parcel was lost; a new one left today.\r\n\r\nBest regards\r\nKim Brandt\r\n\r\n"
                                    "On Mon, Nov 23, 2026 at 10:05 AM Earshot <earshot@brightwave.example> wrote:\r\n\r\n> M. Lind asks you:",
                                    ours))
        answer = self.letter(LINDS, 1)
        text = answer.get_content()
        self.that("  The parcel was lost; a new one left today." in text and "Best regards" not in text, "the answer in writing", text)
        self.that(answer["In-Reply-To"] == "<f1@client.example>", "in the asker's own thread", str(answer["In-Reply-To"]))
        self.that(self.question().get("state") == "answered", "answered, by words and not by an absence note", str(self.question()))
        return answer

    def ended(self, answer):
        self.deliver("again", mail(f"M. Lind <{LINDS}>", answer["Reply-To"], "Re: it", "f2", "And her money?",
                                   answer["Message-ID"].strip("<>")))
        second = self.letter(KIMS, 2)
        self.that("And her money?" in second.get_content(), "asked again")
        self.deliver("second", mail(f"Kim <{KIMS}>", "ask@brightwave.example", "Re: " + second["Subject"], "k3", "It is on her account."))
        final = self.letter(LINDS, 2)
        self.deliver("ok", mail(f"M. Lind <{LINDS}>", final["Reply-To"], "Re: it", "f3", "OK, thanks", final["Message-ID"].strip("<>")))
        self.letter(KIMS, 3)
        self.that(self.question().get("state") == "accepted", "accepted: the end", str(self.question())[:600])
        self.that(self.daemon.get("/api/v1/questions/owed") == [], "nothing is owed")
        kinds = [row["kind"] for row in self.daemon.rows("SELECT kind FROM ledger WHERE kind LIKE 'question_%' ORDER BY n")]
        self.that(kinds == ["question_ask", "question_answer", "question_again", "question_answer", "question_accept"],
                  "the ledger tells it", str(kinds))

    def run(self):
        try:
            self.begin()
            letter = self.asked()
            self.survives()
            self.ended(self.answered(letter))
            self.that(self.daemon.stop() == 0, "SIGTERM ends it")
        finally:
            self.daemon.kill()
            self.hook.close()
            self.box.stop()
            self.smtp.stop()


if __name__ == "__main__":
    result = Checks()
    with Folder() as place:
        QuestionTrial(place, result).run()
    result.end()
