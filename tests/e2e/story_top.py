"""Stories that begin at the top: a singer, an open mailbox, a question mark, stepping in, a letter by lot."""
import datetime
import json

from posting import Posting
from story import AT, Story, said
from support import wait_for

LIND, KIM = "M. Lind <ceo@brightwave.example>", "Kim Brandt <kim@brightwave.example>"
ANN, CEM = "Ann Field <ann@example.org>", "Cem Aydin <cem@example.org>"
HOUR, DAY = 3600, 86400


def seconds(instant):
    """Seconds of the epoch of an instant of the API."""
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp()


class Singer(Story):
    """a. The chief executive answers within minutes

    A singer whom millions follow asks the chief executive of a maker, in public, how to restart her dark screen. He answers within minutes:
    honest, responsible, and with an improvement."""

    def sources(self):
        self.social = Posting("reader", "writer", me="brightwave_ceo")
        self.folder.write("read.token", "reader\n")
        self.folder.write("write.token", "writer\n")
        self.more = ("replies: {ways: [{source: mentions, as: \"@brightwave_ceo@social.example\", token_file: write.token}]}\n"
                     "follow_through: {principal: {public: 10m}}")
        return (f"  - {{name: mentions, type: mastodon, url: \"http://127.0.0.1:{self.social.port}\", token_file: read.token, every: 1s, "
                "min_every: 100ms}\n")

    def play(self):
        wait_for(lambda: self.source("mentions").get("last_success"), 20)
        self.tell("Mara, a singer, writes to `@brightwave_ceo`: she is on stage in an hour, her Glow is dark, and the hotline hung up on her.")
        asked = self.social.mention("@brightwave_ceo how do I restart my Glow? The screen went dark, I'm on stage in an hour and your hotline "
                                    "hung up on me, this is a disgrace", "mara")
        case = self.first_case()
        self.then("It is a page, since the chief executive is addressed in public; Jo has it in the mail.",
                  case["urgency"] == "page" and self.letter("jo", "how do I restart my Glow"), (case["urgency"], self.subjects("jo")))
        brief = self.letter("pia", "was addressed in public")
        self.then("Pia, who acts for M. Lind, has one paragraph that is read in ten seconds.", brief and len(said(brief).split()) < 80, self.subjects("pia"))
        clock = next((it for it in case["clocks"] if it["kind"] == "first_answer"), {})
        self.then("The first answer is due ten minutes after her post.", seconds(clock["due"]) - seconds(case["posted_at"]) == 600,
                  (clock, case["posted_at"]))
        self.tell("Jo takes it and drafts: *We are very sorry for any inconvenience. Our team will fix it soon.*")
        self.act(1, "ack")
        code, lines = self.cli("draft", "write", "1", "--truth", "We are very sorry for any inconvenience.", "--owner", "Our team has it.",
                               "--change", "We will fix it soon.")
        codes = sorted({it["text"]["code"] for it in lines[0]["lint"]}) if code == 0 else lines
        self.then("That is sent to nobody: nobody is named, the apology is empty, \"soon\" is no day.",
                  codes == ["empty_apology", "name_missing", "no_day", "soon"] and self.cli("draft", "ask", "1")[0] == 1, codes)
        self.tell("Jo writes what is true, who owns it, and what will change. Pia reads it and approves.")
        self.cli("draft", "write", "1", "--truth", "Hold both buttons for ten seconds. That it goes dark is our fault.", "--owner",
                 "Jo Adler is ringing you now. M. Lind", "--change", "Version 4.2 restarts by itself, on 1 December.")
        code, lines = self.cli("draft", "ask", "1", "--person", "pia")
        self.then("Pia has Mara's words above the reply.", code == 0 and self.letter("pia", "how do I restart", "Hold both buttons"), lines)
        self.then("Nobody approves their own words.", self.cli("draft", "approve", "1")[0] == 1)
        self.cli("draft", "approve", "1", who="pia")
        self.tell("Two minutes after the post it is sent; the answer of the server is lost.")
        self.passes(2 * 60)
        self.social.cut = 1
        self.cli("draft", "send", "1")
        self.eventually("It stands under Mara's post, once.", lambda: self.case()["draft"]["delivery"] == "delivered" and
                        [it["in_reply_to_id"] for it in self.social.statuses] == [asked])
        case = self.case()
        clock = next((it for it in case["clocks"] if it["kind"] == "first_answer"), {})
        self.then("That is the first answer, in time; the case's story has it.", clock.get("state") == "met" and
                  "draft_delivered" in [it["kind"] for it in case["story"]], clock)
        self.tell("Jo writes the feedback: the screen restarts by itself from version 4.2.")
        self.act(1, "feedback", {"said": "How to restart, and that it is our fault.", "done": "Rang her; the screen is on.", "cause": "cells",
                                 "product_change": "yes", "change": "The screen restarts by itself"})
        self.then("The change is owed: Noor has the letter.", self.letter("noor", "Hardware owes"), self.subjects("noor"))
        self.cli("action", "done", self.cli("action", "list", who="noor")[1][0]["id"], "--text", "fixed in 4.2", who="noor")
        self.then("When it is made, Jo hears, and can tell Mara.", self.letter("jo", "Hardware answers", "fixed in 4.2"), self.subjects("jo"))

    def run(self):
        super().run()
        self.social.close()


def at_the_top(digest):
    """What a digest says of the top."""
    return said(digest).partition("AT THE TOP")[2].partition("Why the line below")[0]


class OpenMailbox(Story):
    """c. A mailbox that is open to all

    A chief executive reads mail of any customer. That does not scale where everybody runs to the top; so what comes in is sorted, most of it
    goes back down, and the customer is told who owns it."""
    more = 'replies: {ways: [{source: box, as: care@brightwave.example}]}\ndigest: {daily: {at: "07:00", to: [ceo]}}'

    def play(self):
        self.tell("One morning's mail to the chief executive: a newsletter, an absence note, thanks, a lamp that is dark, a lamp that burns.")
        to = "ceo" + AT
        self.mail("News <news@list.example>", "Ten offers for your office.", to, "Offers", extra="List-Id: <offers.list.example>\r\n")
        self.mail("Max <max@example.org>", "I am out of office.", to, "Automatic reply", extra="Auto-Submitted: auto-replied\r\n")
        self.mail("Eva <eva@example.org>", "Thank you, the Glow you sent is lovely.", to, "Thanks")
        asked = self.mail(ANN, "My Glow has been dark since Monday. Please tell me what to do.", to, "Dark")
        self.mail("Bea <bea@example.org>", "Flames came out of my Brightwave Glow this morning, the curtain burnt and my hand, too.", to, "Fire")
        self.first_case(2)
        cases = {it["customer"]["handle"]: it for it in self.daemon.cases()}
        self.then("Two are cases: the fire pages, the dark lamp waits in the queue. The others wake nobody.",
                  {name: it["urgency"] for name, it in cases.items()} == {"ann@example.org": "queue", "bea@example.org": "page"},
                  {name: it["urgency"] for name, it in cases.items()})
        self.then("Jo, who is on call, has the page; M. Lind's mailbox stays quiet.", self.letter("jo", "Flames came out") and not self.letters("ceo"),
                  (self.subjects("jo"), self.subjects("ceo")))
        number = cases["ann@example.org"]["number"]
        self.tell("Lee takes the dark lamp, and tells Ann so; Kim approves the words.")
        self.act(number, "ack", who="lee")
        self.cli("draft", "write", str(number), "--truth", "Your lamp has been dark since Monday: our mistake.", "--owner",
                 "M. Lind gave it to Lee Park, who rings you today.", "--change", "A new lamp leaves tomorrow.", who="lee")
        self.cli("draft", "ask", str(number), "--person", "kim", who="lee")
        self.cli("draft", "approve", str(number), who="kim")
        self.cli("draft", "send", str(number), who="lee")
        got = wait_for(lambda: self.sent_to("ann@example.org"), 15)
        self.then("Ann has a mail in her own thread that says who owns it.", len(got) == 1 and got[0]["In-Reply-To"] == asked and
                  "Lee Park" in said(got[0]), [str(it) for it in got])
        self.eventually("It is the first answer, written down by itself.", lambda: self.case(number)["state"] == "answered")
        self.then("The case is Lee's, not M. Lind's.", self.case(number)["owner"]["id"] == "lee", self.case(number)["owner"])
        self.why_at_the_top()

    def why_at_the_top(self):
        self.tell("Cem does as he should: he writes to care that his lamp flickers. Nobody takes it.")
        words = "My Brightwave Glow flickers all day and is useless. I want a new one or my money back."
        asked = self.mail(CEM, words, subject="It flickers")
        self.first_case(3)
        self.tell("The next morning comes.")
        self.passes(DAY)
        digest = self.letter("ceo", "came in", "AT THE TOP")
        self.then("M. Lind's digest says what had reached the top: both mails, straight; Cem's is not among them.",
                  digest and said(digest).count("opened to ceo: straight to the top") == 2 and "case 3 " not in at_the_top(digest),
                  digest and at_the_top(digest))
        self.tell("Another day passes, and Cem writes to M. Lind.")
        self.passes(DAY)
        self.mail(CEM, "Dear M. Lind, I wrote to you people two days ago and nobody answers. " + words, "ceo" + AT, "Re: It flickers", asked)
        self.eventually("It is the same case.", lambda: self.case(3)["posts"][1:] and len(self.daemon.cases()) == 3)
        self.tell("The next morning comes.")
        self.passes(DAY)
        digest = self.letter("ceo", "case 3 came to ceo: late first answer, never owned, second contact")
        self.then("The digest says why it came to the top: the first answer was late, nobody had ever owned it, and he had to write twice.",
                  digest, [at_the_top(it) for it in self.letters("ceo") if "AT THE TOP" in said(it)])
        code, lines = self.cli("report", "top", "--team", "care", who="ana")
        self.then("`earshot report top --team care` counts the reasons.", code == 0 and lines and
                  {"late_first_answer", "never_owned", "second_contact", "straight_to_the_top"} <= set(lines[0]["x"]), lines)


class QuestionMark(Story):
    """b. A single question mark

    A founder forwards customers' mails to senior managers with nothing but a question mark on top. The manager owes an answer, in
    writing, and everybody knows it."""

    def play(self):
        self.tell("Ann writes to the chief executive: her lamp has been dark for three weeks. M. Lind forwards it with `@kim ?` on top.")
        asked = self.forward(LIND, "@kim ?", ANN, "My lamp has been dark for three weeks.")
        letter = self.letter("kim", "M. Lind asks you")
        self.then("Kim has a letter: the question, Ann's words, and until when the answer is owed.",
                  letter and "dark for three weeks" in said(letter) and "You owe an answer in writing until" in said(letter), self.subjects("kim"))
        owed = self.api("GET", "/questions/owed")[1]
        self.then("The list of answers owed names Kim.", [(it["person"]["id"], it["owed"]) for it in owed] == [("kim", 1)], owed)
        self.tell("Kim's mail program answers that Kim is at a fair. Almost a day passes.")
        self.mail(KIM, "I am at a fair until Friday.", letter["Reply-To"], "Automatic reply: " + letter["Subject"], letter["Message-ID"],
                  "Auto-Submitted: auto-replied\r\n")
        self.passes(21 * HOUR)
        self.then("An absence note is no answer: Kim is reminded.", self.letter("kim", "Reminder: answer owed to M. Lind"), self.subjects("kim"))
        self.tell("The day is over.")
        self.passes(4 * HOUR)
        self.then("Kim reads that the answer is late.", self.letter("kim", "Late: answer owed"), self.subjects("kim"))
        self.then("M. Lind reads that there is no answer yet.", self.letter("ceo", "No answer yet from Kim Brandt"), self.subjects("ceo"))
        self.then("Ana, Kim's manager, owes the answer, too.", self.letter("ana", "dark for three weeks"), self.subjects("ana"))
        self.tell("Kim answers by replying to the letter; the mail program quotes everything below.")
        self.mail(KIM, "The parcel was lost; a new lamp left today.\r\n\r\nBest regards\r\nKim Brandt\r\n\r\nOn Thu, Earshot wrote:\r\n> M. Lind "
                  "asks you:", letter["Reply-To"], "Re: " + letter["Subject"], letter["Message-ID"])
        answer = self.letter("ceo", "The parcel was lost; a new lamp left today.")
        self.then("M. Lind has the answer in writing, without signature and quotes, in the thread of the forwarded mail.",
                  answer and "Best regards" not in said(answer) and answer["In-Reply-To"] == asked, self.subjects("ceo"))
        self.tell("M. Lind writes back: OK.")
        self.mail(LIND, "OK", answer["Reply-To"], "Re: " + answer["Subject"], answer["Message-ID"])
        self.eventually("That is the end of it: nobody owes anything any more.", lambda: self.api("GET", "/questions/owed")[1] == [] and [
            it["state"] for it in self.api("GET", "/questions?state=all")[1]["items"]] == ["accepted"])
        code, lines = self.cli("question", "list", "--all")
        self.then("`earshot question list --all` tells the question with its answer.",
                  code == 0 and "The parcel was lost" in json.dumps(lines) and "accepted" in json.dumps(lines), lines)


class SteppingIn(Story):
    """d. A president steps in

    Service had failed, and failed again. Somebody higher up steps in, takes ownership, and says why."""

    def play(self):
        self.tell("Ann's lamp smokes; she says so in public. Jo is on call and takes it.")
        self.post("ann", "@Brightwave smoke came out of my Glow lamp and the plug melted")
        case = self.first_case()
        self.then("Jo had a page by mail within seconds.", self.letter("jo", "smoke came out"), self.subjects("jo"))
        self.act(1, "ack")
        self.tell("Forty minutes later Ann writes again: she is still waiting.")
        self.passes(40 * 60)
        self.post("ann", "@Brightwave smoke came out of my Glow lamp and the plug melted, I am still waiting for your call")
        self.then("Nobody needs to notice: the case has failed (a second contact on the same matter), and Kim, one level up, hears of it.",
                  self.letter("kim", "failed case"), self.subjects("kim"))
        self.then("It is the same case, not a second one.", len(self.daemon.cases()) == 1, self.daemon.cases())
        self.tell("Ana, the chief operating officer, takes it over from the command line. She forgets to say why.")
        code, text = self.cli("cases", "take-over", "1", who="ana")
        self.then("That is refused: the former owner will read the reason.", code == 1 and "Say why" in str(text), text)
        self.tell("She says: she has waited long enough.")
        code, text = self.cli("cases", "take-over", "1", "--reason", "She has waited long enough", who="ana")
        case = self.case()
        self.then("Ana owns the case; Jo stays on it as the former owner, with the reason.",
                  code == 0 and case["owner"]["id"] == "ana" and [it["person"]["id"] for it in case["former_owners"]] == ["jo"], case)
        self.then("Jo reads who took it, and why.", self.letter("jo", "She has waited long enough"), self.subjects("jo"))
        code, lines = self.cli("cases", "failed")
        self.then("`earshot cases failed` counts it for the team: one second contact.",
                  code == 0 and [it["signs"] for it in lines if it.get("team") == "care"] == [{"second_contact": 1}], lines)


class LetterByLot(Story):
    """e. A letter picked by lot

    A pope picks a letter at random and rings the writer; managers pour drinks with the crew. What nobody chose for the top to see is the
    only honest sample."""
    more = "letters: {readers: [{to: ceo, count: 1}, {to: \"schedule:managers\", count: 1}], period: weekly, zone: UTC, due: 3d, swaps: 1}"

    def play(self):
        self.tell("A week of post: a lamp that smokes, a lamp that is dark, a hotline that hangs up, and one writer who asks for nothing.")
        self.post("ann", "@Brightwave smoke came out of my Glow lamp and the plug melted")
        self.post("bea", "@Brightwave my Glow has been dark since Monday and nobody answers my mails, I want my money back")
        self.post("cem", "@Brightwave your hotline hung up on me three times today, terrible service for a Glow that does not work")
        self.post("dan", "@Brightwave the Glow box is nicer than I thought")
        self.first_case(3)
        self.tell("Sunday ends.")
        self.passes(7 * DAY)
        letter = self.letter("ceo", "picked by lot")
        self.then("M. Lind has a letter picked by lot, with the writer's words.", letter and "Glow" in said(letter), self.subjects("ceo"))
        managers = self.letters("kim") + self.letters("noor")
        self.then("Whoever of the managers has the rota this week has one, too.", any("picked by lot" in f"{it['Subject']}{said(it)}" for it in managers),
                  [str(it["Subject"]) for it in managers])
        _, lines = self.cli("letter", "list", who="pia")
        mine = [it["letter"] for it in lines if it["letter"]["to"] == "ceo"]
        self.tell("A sceptic fetches the pool of that week and draws again, without the daemon.")
        code, lots = self.cli("letter", "lots", who="pia")
        period = lots[0]["period"]
        code, pool = self.cli("letter", "pool", period, who="pia")
        path = self.folder.write("pool.json", json.dumps(pool[0]))
        code, again = self.tool("letter", "draw", "--period", period, "--pool", path)
        self.then("The same seed gives the same letters.", code == 0 and mine and
                  [it["id"] for it in again if it["to"] == "ceo"] == [it["item"]["id"] for it in mine], (again, mine))
        self.tell("Pia, who acts for M. Lind, rings the writer and writes down what came of it, and what was learnt.")
        code, text = self.cli("letter", "done", mine[0]["id"], "--way", "called", "--outcome", "A new lamp left today",
                              "--learnt", "The hotline hangs up after ten minutes", who="pia")
        self.then("The ledger keeps it.", code == 0 and any("hangs up after ten" in json.dumps(it) for it in self.entries("letter_done")), text)


STORIES = {"singer": Singer, "mailbox": OpenMailbox, "question": QuestionMark, "stepping": SteppingIn, "letter": LetterByLot}
