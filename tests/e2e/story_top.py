"""Stories that begin at the top: a question mark, an open mailbox, stepping in, a letter by lot."""
import json

from story import Story, said

LIND, KIM = "M. Lind <ceo@brightwave.example>", "Kim Brandt <kim@brightwave.example>"
ANN = "Ann Field <ann@example.org>"
HOUR, DAY = 3600, 86400


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


STORIES = {"question": QuestionMark, "stepping": SteppingIn, "letter": LetterByLot}
