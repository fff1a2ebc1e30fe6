#include "mail_automatic.hpp"

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The first word of a field in lower case: "auto-replied (vacation)" -> "auto-replied".
std::string word_of(std::string_view value) {
  const std::string lower = to_lower_ascii(trim(value));
  return lower.substr(0, lower.find_first_of(" ;(\t"));
}

bool subject_of_bounce(const std::string& subject) {
  for (const char* part : {"undeliver", "delivery status notification", "mail delivery",
                           "failure notice", "returned mail", "delivery failure",
                           "returned to sender", "delivery has failed", "unzustellbar", "non remis",
                           "no se ha podido entregar", "mancato recapito", "onbestelbaar"}) {
    if (contains(subject, part)) return true;
  }
  return false;
}

bool subject_of_reply(const std::string& subject) {
  for (const char* start :
       {"automatic reply", "auto:", "auto-reply", "autoreply", "auto reply", "out of office",
        "out of the office", "abwesend", "abwesenheit", "automatische antwort",
        "réponse automatique", "respuesta automática", "risposta automatica", "resposta automática",
        "automatisch antwoord", "autosvar", "vacation"}) {
    if (subject.starts_with(start)) return true;
  }
  return false;
}

}  // namespace

Automatic automatic_kind(const MailHeaders& headers, std::string_view subject_text,
                         std::string_view from) {
  const std::string subject = to_lower_ascii(subject_text);
  const std::string type = to_lower_ascii(headers.first("content-type"));
  const std::string local = to_lower_ascii(from.substr(0, from.find('@')));
  const std::string submitted = word_of(headers.first("auto-submitted"));
  const std::string precedence = word_of(headers.first("precedence"));
  const bool null_sender = trim(headers.first("return-path")) == "<>";
  const bool submitted_auto = !submitted.empty() && submitted != "no";
  const bool report = type.starts_with("multipart/report");

  if (report && (contains(type, "delivery-status") || !contains(type, "report-type")))
    return Automatic::bounce;
  if (local == "mailer-daemon" || headers.has("x-failed-recipients")) return Automatic::bounce;
  if (local == "postmaster" &&
      (null_sender || submitted_auto || report || subject_of_bounce(subject)))
    return Automatic::bounce;
  if (null_sender && subject_of_bounce(subject)) return Automatic::bounce;
  if (report && contains(type, "disposition-notification")) return Automatic::auto_reply;

  const bool list = headers.has("list-id") || precedence == "list";
  const bool bulk = precedence == "bulk" || precedence == "junk" || headers.has("list-unsubscribe");
  if (submitted == "auto-replied") return Automatic::auto_reply;
  for (const char* name : {"x-autoreply", "x-autorespond", "x-autoresponder"}) {
    if (headers.has(name) && word_of(headers.first(name)) != "no") return Automatic::auto_reply;
  }
  if (precedence == "auto_reply" || precedence == "auto-reply") return Automatic::auto_reply;
  if (submitted_auto)
    return list ? Automatic::list : bulk ? Automatic::bulk : Automatic::auto_reply;
  if (null_sender) return list ? Automatic::list : Automatic::auto_reply;
  const std::string suppress = word_of(headers.first("x-auto-response-suppress"));
  if (!suppress.empty() && suppress != "none") {
    // Newsletters and ticket systems carry it too: it asks for silence and names no kind.
    if (!subject_of_reply(subject) && (list || bulk))
      return list ? Automatic::list : Automatic::bulk;
    return Automatic::auto_reply;
  }
  if (list) return Automatic::list;
  if (bulk || report) return Automatic::bulk;
  return Automatic::none;
}

}  // namespace earshot
