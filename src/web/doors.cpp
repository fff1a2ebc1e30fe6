#include <array>

#include "parts.hpp"

namespace earshot {
namespace {

using P = Api::Parts;
using T = Touches;

constexpr std::array kDoors{
    Door{"POST", "/api/v1/posts", "push", T::nothing, &P::push,
         "Take one post, an array, or JSON Lines; answers once they are durable. Idempotency-Key "
         "is honoured",
         "source", 202},
    Door{"GET", "/api/v1/cases", "viewer", T::list, &P::list, "Cases, the most pressing first",
         "view q team owner urgency state principal source storm before limit"},
    Door{"POST", "/api/v1/cases/bulk", "responder", T::many, &P::bulk,
         "One action on up to 200 cases, a result for each"},
    Door{"GET", "/api/v1/cases/{id}", "viewer", T::one, &P::show,
         "A case with its posts, points, clocks, gates, story and actions; by id or number"},
    Door{"GET", "/api/v1/cases/{id}/told", "viewer", T::one, &P::told,
         "Who was told what, when and how, and whether it arrived"},
    // The handler lets those ask who may read the case: an executive asks every team.
    Door{"POST", "/api/v1/cases/{id}/question", "responder", T::nothing, &P::question_of_case,
         "Ask somebody about a case: to, text; without `to` its owner or the lead of its team", "",
         201},
    Door{"GET", "/api/v1/questions", "viewer", T::nothing, &P::questions,
         "Questions, those that fall due first; state=all shows ended ones too",
         "state to from case"},
    Door{"POST", "/api/v1/questions", "responder", T::nothing, &P::question_ask,
         "Ask somebody: to, text, subject, item, and a case that one may read", "", 201},
    Door{"GET", "/api/v1/questions/owed", "viewer", T::nothing, &P::questions_owed,
         "Answers owed, by person"},
    Door{"GET", "/api/v1/questions/{id}", "viewer", T::nothing, &P::question,
         "A question with all that was written on it"},
    Door{"POST", "/api/v1/questions/{id}/{action}", "responder", T::nothing, &P::question_act,
         "answer add seen remind withdraw accept again; text"},
    Door{"GET", "/api/v1/cases/{id}/draft", "viewer", T::one, &P::draft,
         "The draft of a reply, with what is wrong with its words"},
    Door{"PUT", "/api/v1/cases/{id}/draft", "responder", T::one, &P::draft_put,
         "Write it: parts {truth, owner, change}, version (of the one that was read)"},
    Door{"POST", "/api/v1/cases/{id}/draft/{action}", "responder", T::one, &P::draft_act,
         "write (parts that change), ask (person), approve, refuse (remark), send; version"},
    Door{"POST", "/api/v1/cases/{id}/{action}", "responder", T::one, &P::act,
         "ack undo_ack assign take_over answer feedback verify close dismiss reopen merge note "
         "raise help snooze hold release teach wait go_on call_to grant ask_grant; If-Match holds "
         "the "
         "version"},
    Door{"GET", "/api/v1/actions", "viewer", T::nothing, &P::actions,
         "Corrective actions that departments owe, the nearest due first; state=all shows ended "
         "ones",
         "state owner department cause"},
    Door{"GET", "/api/v1/actions/{id}", "viewer", T::nothing, &P::action,
         "A corrective action with all that was written on it"},
    Door{"POST", "/api/v1/actions/{id}/{action}", "responder", T::nothing, &P::action_act,
         "done decline (text), postpone (until, text), give (person, text), note (text)"},
    Door{"GET", "/api/v1/letters", "viewer", T::nothing, &P::letters,
         "Letters picked by lot that one reads, or acts for; state=all shows ended ones",
         "state to lot"},
    Door{"POST", "/api/v1/letters/{id}/{action}", "responder", T::nothing, &P::letter_act,
         "done (way, outcome, learnt), swap (reason)"},
    Door{"GET", "/api/v1/letters/lots", "audit", T::all, &P::letter_lots,
         "The lots: period, seed, size of the pool"},
    Door{"GET", "/api/v1/letters/lots/{period}", "audit", T::all, &P::letter_pool,
         "All that a lot was drawn from: with its seed anybody draws the same"},
    // The handler shows whoever sees one of its cases, and of the cases those that one sees.
    Door{"GET", "/api/v1/customers/{id}", "viewer", T::nothing, &P::customer,
         "A customer by id or identity: identities, flags, parts, cases, what was promised"},
    Door{"POST", "/api/v1/customers/{id}/{action}", "manager", T::nothing, &P::customer_act,
         "merge (into, reason), split (part, reason), flag (flag, on, reason)"},
    Door{"GET", "/api/v1/digest", "audit", T::all, &P::digest,
         "The digest of a period: a name of one that was sent, or from and to; without either the "
         "last one sent. format: json text html",
         "name from to format"},
    Door{"GET", "/api/v1/digest/{day}", "audit", T::all, &P::digest_of_day,
         "The digest of a local day; the same bytes whenever it is asked for after it ended",
         "format"},
    Door{"GET", "/api/v1/digest/{day}/items", "audit", T::all, &P::digest_items,
         "Every post behind a bucket: shown grouped rule person open", "bucket"},
    Door{"GET", "/api/v1/digests", "audit", T::all, &P::digests, "Digests that were sent"},
    Door{"GET", "/api/v1/reports", "audit", T::all, &P::reports, "Names of the reports"},
    Door{"GET", "/api/v1/reports/{name}", "audit", T::all, &P::report,
         "One report of [from, to), the last 28 days by default; those of cases also by team, "
         "source, severity and language. format: json csv",
         "from to format team source severity language"},
    Door{
        "POST", "/api/v1/privacy/{action}", "manager", T::all, &P::privacy,
        "export, erase (confirm, open), hold (until), release: author, reason; all that is held on "
        "a person"},
    Door{"GET", "/api/v1/causes", "audit", T::all, &P::causes,
         "How often each root cause was named, by week", "from to"},
    Door{"GET", "/api/v1/failed", "audit", T::all, &P::failed,
         "Failed cases, counted by team and sign", "from to"},
    Door{"GET", "/api/v1/grants", "audit", T::all, &P::grants,
         "What was granted, beyond what was allowed, and asked for although it was", "from to"},
    Door{"GET", "/api/v1/storms", "viewer", T::list, &P::storms,
         "Storms, the newest first: state open, ended or all", "state"},
    Door{"GET", "/api/v1/storms/{id}", "viewer", T::list, &P::storm,
         "A storm with its rate, samples and cases"},
    Door{"POST", "/api/v1/storms/{id}/{action}", "responder", T::many, &P::storm_act,
         "rename (name), split (cases), join (into), end"},
    Door{"GET", "/api/v1/findings", "audit", T::all, &P::findings,
         "What the auditor found the last time it looked"},
    Door{"GET", "/api/v1/page-load", "audit", T::all, &P::page_load,
         "Pages per person and night, and how many were not worth it", "from to"},
    Door{"GET", "/api/v1/labels", "audit", T::all, &P::labels,
         "What people taught, as lines that train reads"},
    Door{"GET", "/api/v1/oncall", "viewer", T::nothing, &P::oncall,
         "Who is on call now (or at), until when, who is next", "at"},
    Door{"GET", "/api/v1/oncall/shifts", "viewer", T::nothing, &P::shifts_of,
         "Shifts in a time span", "schedule from to"},
    Door{"GET", "/api/v1/oncall/gaps", "viewer", T::nothing, &P::gaps_of,
         "Where nobody and where several will be on call", "days"},
    Door{
        "GET", "/api/v1/oncall/{name}", "viewer", T::nothing, &P::calendar,
        "SCHEDULE.ics: the shifts as a calendar to subscribe to; a viewer's token may stand in the "
        "address",
        "token person"},
    Door{"GET", "/api/v1/overrides", "viewer", T::nothing, &P::rota_list, "Overrides", "all"},
    Door{"POST", "/api/v1/overrides", "responder", T::nothing, &P::rota_add,
         "Override a schedule: schedule, from, to, add, remove, reason", "", 201},
    Door{"POST", "/api/v1/overrides/preview", "responder", T::nothing, &P::override_preview,
         "The shifts before and after an override, which is not made"},
    Door{"DELETE", "/api/v1/overrides/{id}", "responder", T::nothing, &P::rota_end,
         "Take an override back; what has been stays"},
    Door{"GET", "/api/v1/silences", "viewer", T::list, &P::silences,
         "Silences, and how many cases each matches now and in the last week", "all"},
    Door{
        "POST", "/api/v1/silences", "responder", T::nothing, &P::silence_add,
        "Keep cases quiet: matchers, reason, from, to or for; hazards and principals' pages go out "
        "all the same",
        "", 201},
    Door{"POST", "/api/v1/silences/preview", "viewer", T::list, &P::silence_preview,
         "What these matchers would keep quiet now; nothing is changed"},
    Door{"POST", "/api/v1/silences/{id}/expire", "responder", T::nothing, &P::silence_expire,
         "End a silence; what it withheld is told"},
    Door{"GET", "/api/v1/outbox", "viewer", T::nothing, &P::outbox,
         "What waits to be sent, by receiver and lane, and until when a rate limit delays it"},
    Door{"GET", "/api/v1/absences", "viewer", T::nothing, &P::rota_list, "Absences", "all"},
    Door{"POST", "/api/v1/absences", "responder", T::nothing, &P::rota_add,
         "Somebody is away: person, from, to, substitute, reason", "", 201},
    Door{"DELETE", "/api/v1/absences/{id}", "responder", T::nothing, &P::rota_end,
         "They are back; what has been stays"},
    Door{"GET", "/api/v1/swaps", "viewer", T::nothing, &P::rota_list, "Swaps", "all"},
    Door{"POST", "/api/v1/swaps", "responder", T::nothing, &P::rota_add,
         "Ask somebody to take a turn: schedule, from, to, with, reason", "", 201},
    Door{"POST", "/api/v1/swaps/{id}/{action}", "responder", T::nothing, &P::swap_answer,
         "accept decline withdraw"},
    Door{"GET", "/api/v1/me/contact", "viewer", T::nothing, &P::my_contacts, "My ways of telling"},
    Door{"POST", "/api/v1/me/contact/{n}/verify", "viewer", T::nothing, &P::verify_contact,
         "Send a code there; with the code, prove it"},
    Door{"POST", "/api/v1/explain", "viewer", T::nothing, &P::explain,
         "The whole decision about a post at a time: text, channel, author, source, at; nothing is "
         "sent"},
    Door{"GET", "/api/v1/sources", "viewer", T::nothing, &P::sources, "Health of the sources"},
    Door{"GET", "/api/v1/quarantine", "audit", T::all, &P::quarantine,
         "Items that could not be read, without their bytes", "source limit"},
    Door{"GET", "/api/v1/quarantine/{id}", "audit", T::all, &P::quarantined,
         "One of them with its bytes"},
    Door{"POST", "/api/v1/quarantine/{id}/{action}", "manager", T::all, &P::leave_quarantine,
         "replay reads it again as if its source had brought it now; drop forgets it"},
    Door{"GET", "/api/v1/me", "viewer", T::nothing, &P::me, "Who the token is"},
    Door{"GET", "/api/v1/ledger", "audit", T::all, &P::ledger, "Entries of the ledger",
         "case person kind after limit"},
    Door{"GET", "/api/v1/tokens", "admin", T::nothing, &P::tokens, "Tokens without their secrets"},
    Door{"POST", "/api/v1/reload", "admin", T::nothing, &P::reload,
         "Load the configuration again; a bad one changes nothing"},
    Door{"POST", "/-/reload", "admin", T::nothing, &P::reload, "Load the configuration again"},
    Door{"POST", "/api/v1/receivers/{name}/test", "manager", T::nothing, &P::test,
         "Queue a test message", "urgency", 202},
    Door{"GET", "/api/v1/openapi.json", "viewer", T::nothing, &P::openapi, "This description"},
};
constexpr std::array kOpenPaths{
    ApiPath{"GET", "/-/healthy", "", 200, "", "Alive", "text/plain"},
    ApiPath{"GET", "/-/ready", "", 200, "", "Ready to serve; 503 before", "text/plain"},
    ApiPath{"GET", "/metrics", "", 200, "", "Prometheus metrics", "text/plain"},
    ApiPath{"GET", "/ack/{token}", "", 200, "", "A signed link asks before it acts", "text/html"},
    ApiPath{"POST", "/ack/{token}", "", 200, "", "Acknowledges; the token stands in the body too",
            "text/html"},
    ApiPath{"POST", "/hooks/sms", "", 200, "",
            "A text message that comes back, signed by its provider; its code acknowledges",
            "text/xml"},
    ApiPath{"GET", "/api/v1/events", "viewer", 200, "since",
            "Server-sent events; Last-Event-ID goes on where a client stopped",
            "text/event-stream"},
};
constexpr Door kReading{"GET", "/api/v1/cases/{id}", "viewer", T::one, &P::show};
constexpr Door kActions{"POST", "/api/v1/cases/{id}/{action}", "responder", T::one, &P::act};

}  // namespace

std::span<const Door> doors() {
  return kDoors;
}

std::span<const ApiPath> open_paths() {
  return kOpenPaths;
}

std::vector<ApiPath> api_paths() {
  std::vector<ApiPath> paths;
  paths.reserve(std::size(kDoors) + std::size(kOpenPaths));
  for (const Door& door : kDoors) {
    paths.push_back({door.method, door.pattern, door.role, door.ok, door.query, door.summary});
  }
  paths.insert(paths.end(), kOpenPaths.begin(), kOpenPaths.end());
  return paths;
}

const Door& door_of_reading() {
  return kReading;
}

const Door& door_of_actions() {
  return kActions;
}

}  // namespace earshot
