#!/usr/bin/env python3
"""A person is forgotten who stands in everything that follow-through keeps: a reply that was sent and a draft that was not, a question that
is answered and one that is owed, letters picked by lot and what came of one, feedback that names her, and digests that were sent with
reasons in which staff wrote her name. Real mail servers, a clock on which a week passes. Then every byte of database, log and backup is
searched for her, each mail decoded, and what the API, the command line and digests rendered again say. Prints "N passed, N failed" last."""
import email
import email.policy
import glob
import json
import os

from story import AT, Servers, Story
from support import Checks, Folder, wait_for

NAME, MAIL = "Mara Velez-Quintero", "mara.velez@posteo.example"
MARA = f"{NAME} <{MAIL}>"
WORDS = "My Brightwave Glow dimmer in the kitchen of number 302-5512 is broken and nobody answers my three letters, this is a disgrace"
TRACES = ["velez", "quintero", "posteo", "302-5512", "dimmer in the kitchen"]
SEVEN_DAYS, HOUR = 7 * 86400, 3600
EXTRA = """replies: {ways: [{source: box, as: care@brightwave.example}]}
digest: {daily: {at: "07:00", to: [ceo]}}
letters: {readers: [{to: ceo, count: 5}], period: weekly, zone: UTC, due: 3d, swaps: 1}"""


def plain(text):
    """Text in lower case; a mail with its headers and parts decoded beside it."""
    out = text
    if "\nMIME-Version:" in text or "\nContent-Type:" in text:
        mail = email.message_from_string(text, policy=email.policy.default)
        out += "\n".join(str(it) for it in mail.values())
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                out += part.get_content()
    return out.lower()


def found_in(text):
    return [it for it in TRACES if it in plain(text)]


class Forgotten(Story):
    more = EXTRA

    def cases_of_hers(self):
        return [it["number"] for it in self.daemon.cases() if "velez" in json.dumps(it["customer"]).lower()]

    def written(self):
        """She writes by mail, is answered, and her case is worked on by people who name her."""
        asked = self.mail(MARA, WORDS, subject="Third letter about a dimmer")
        self.first_case(1)
        self.post("zoe", "@Brightwave the Glow is broken again, terrible service, the same happened to Mara Velez-Quintero")
        self.others = self.first_case(2)["number"]
        self.act(1, "ack")
        for kind, words in (("snooze", {"for": "1h", "reason": f"{NAME} is at work until five"}), ("wait", {"reason": f"{NAME} looks for her bill"})):
            self.that(self.act(1, kind, words)[0] == 200, f"{kind}, with her name as the reason")
        self.cli("draft", "write", "1", "--truth", f"Dear {NAME}, the dimmer in the kitchen is our fault.", "--owner", "Jo Adler rings you today.",
                 "--change", "A new one leaves on 1 December.")
        self.cli("draft", "ask", "1", "--person", "kim")
        self.cli("draft", "approve", "1", who="kim")
        self.cli("draft", "send", "1")
        self.that(wait_for(lambda: self.sent_to(MAIL), 15), "a reply went to her")
        self.cli("draft", "write", "1", "--truth", f"{NAME}, one word more about the dimmer in the kitchen.", "--owner", "Jo Adler", "--change", "On 2 December.")
        self.forward("M. Lind <ceo@brightwave.example>", "@kim ?", MARA, WORDS)
        letter = self.letter("kim", "M. Lind asks you")
        self.mail("Kim Brandt <kim@brightwave.example>", f"{NAME} has a new dimmer in the kitchen since today.", letter["Reply-To"],
                  "Re: " + letter["Subject"], letter["Message-ID"])
        self.that(self.letter("ceo", "has a new dimmer"), "a question about her was answered")
        self.cli("question", "add", "--to", "noor", "--case", "1", "--text", f"What of {NAME}, number 302-5512?", who="ceo")
        self.act(1, "feedback", {"said": f"We told {NAME} that we are sorry.", "done": "A new dimmer in the kitchen.", "cause": "cells",
                                 "product_change": "yes", "change": f"Dimmers as {NAME} asks"})
        self.asked = asked

    def week(self):
        self.passes(SEVEN_DAYS)
        self.that(self.letter("ceo", "came in", f"{NAME} is at work until five"), "the digest that was sent has her name in a reason")
        letters = [it["letter"] for it in self.cli("letter", "list", who="pia")[1]]
        mine = next((it for it in letters if it["item"]["id"] == self.case(1)["id"]), None)
        self.that(mine, "one of the letters is hers", json.dumps(letters)[:600])
        code, text = self.cli("letter", "done", mine["id"], "--way", "called", "--outcome", f"{NAME} is content", "--learnt",
                              "The dimmer in the kitchen hums", who="pia")
        self.that(code == 0, "what came of it names her", str(text))
        held = {row["kind"]: row["body"] for row in self.daemon.rows("SELECT kind, group_concat(body, ' ') AS body FROM record GROUP BY kind")}
        named = sorted(kind for kind, body in held.items() if found_in(body or ""))
        self.that({"draft", "question", "letter", "action"} <= set(named), "she stands in drafts, questions, letters and actions", str(named))
        mails = self.daemon.rows("SELECT message_id, body FROM outbox")
        named = {row["message_id"].split("-")[0] for row in mails if found_in(row["body"] or "")}
        self.that({"digest", "question", "case"} <= named, "and in mails of digests, questions and cases", str(sorted(named)))

    def erase(self):
        day = self.entries("digest_sent")[-1]
        self.day = day["name"].split("/")[-1]
        code, lines = self.cli("erase", "--author", MAIL, "--reason", "her letter", "--yes", "--open", who="kim")
        self.that(code == 0 and lines[0]["clean"] and lines[0]["cases"] == len(self.mine), "she is erased, and the file is clean", str(lines))
        code, text = self.tool("backup", "--db", self.daemon.db, "--out", os.path.join(self.folder.path, "after.db"))
        self.that(code == 0, "a backup is made", str(text))

    def nothing_left(self):
        for path in sorted(glob.glob(self.daemon.db + "*") + [os.path.join(self.folder.path, it) for it in ("after.db", "earshotd.log")]):
            with open(path, "rb") as file:
                data = file.read().lower()
            left = {it: data[max(data.find(it.encode()) - 80, 0):][:200] for it in TRACES if it.encode() in data}
            self.that(not left, f"0 bytes of her in {os.path.basename(path)}", str(left))
        left = [(row["message_id"], found_in(row["body"] or "")) for row in self.daemon.rows("SELECT message_id, body FROM outbox")]
        self.that(not any(it[1] for it in left), "nor in any mail, decoded", str([it for it in left if it[1]]))
        said = {path: json.dumps(self.api("GET", path, who="kim")[1]) for path in (
            "/cases/1", "/cases/1/draft", "/cases/1/told", "/questions?state=all", "/questions/owed", "/letters", "/letters/lots", "/actions",
            "/labels", "/ledger?limit=500", "/digests", f"/digest/{self.day}", f"/digest?name=daily/{self.day}",
            "/digest?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z", "/reports/by_hand?from=2020-01-01T00:00:00Z")}
        left = {path: found_in(text) for path, text in said.items() if found_in(text)}
        self.that(not left, f"nor in what {len(said)} doors say, digests made again among them", str(left))
        self.that("[erased]" in said["/reports/by_hand?from=2020-01-01T00:00:00Z"], "a reason that named her says [erased]",
                  said["/reports/by_hand?from=2020-01-01T00:00:00Z"][:800])
        owed = json.loads(said["/questions/owed"])
        self.that(any(it["person"]["id"] == "noor" and it["owed"] for it in owed), "Noor still owes the answer", str(owed))
        pool = json.dumps(self.cli("letter", "pool", self.cli("letter", "lots", who="pia")[1][0]["period"], who="pia"))
        self.that(not found_in(pool), "the pool of the lots names nobody", str(found_in(pool)))
        code, lines = self.tool("ledger", "verify", "--db", self.daemon.db)
        self.that(code == 0 and lines[0]["ok"] and lines[0]["erased"] > 0, "the chain holds", str(lines))
        zoe = json.dumps(self.case(self.others))
        self.that("the same happened to [erased]" in zoe, "what others wrote is theirs but for her name", zoe[:800])

    def goes_on(self):
        """What was to happen still does, without her words."""
        self.passes(26 * HOUR)
        self.that(self.letter("noor", "answer owed"), "the reminder of the owed answer goes out")
        self.that(self.letter("ceo", "came in"), "and the next digest")
        late = [str(it) for it in self.letters("noor")[-1:] + self.letters("ceo")[-1:]]
        self.that(not any(found_in(it) for it in late), "without a word of her", str([found_in(it) for it in late]))

    def run(self):
        try:
            self.begin()
            self.written()
            self.mine = self.cases_of_hers()
            self.week()
            self.erase()
            self.nothing_left()
            self.goes_on()
            self.that(self.daemon.stop() == 0, "SIGTERM ends it", self.daemon.log()[-500:])
        finally:
            self.daemon.kill()


def main():
    checks = Checks()
    with Folder() as place, Folder() as folder:
        servers = Servers(place, ["forgotten"])
        try:
            servers.start()
            Forgotten(folder, checks, servers, "forgotten").run()
        finally:
            servers.stop()
    checks.end()


if __name__ == "__main__":
    main()
