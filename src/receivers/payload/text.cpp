#include <fmt/format.h>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"

namespace earshot {
namespace {

constexpr std::size_t kGroupedExcerpt = 240;

std::string heard(const MessageCase& it) {
  if (!it.reach || *it.reach < 1000) return {};
  if (*it.reach >= 1'000'000)
    return fmt::format(", heard by {:.1f} million", static_cast<double>(*it.reach) / 1e6);
  return fmt::format(", heard by {} thousand", *it.reach / 1000);
}

void describe(std::string& out, const MessageCase& it, bool alone) {
  out += fmt::format("Case {} ({}), {} on {}{}\n", it.number, it.urgency, printable(it.customer),
                     it.source, heard(it));
  if (!it.title.empty()) out += printable(collapse_space(it.title)) + "\n";
  const std::string_view excerpt =
      alone ? std::string_view{it.excerpt} : cut_utf8(it.excerpt, kGroupedExcerpt);
  out += "\"" + printable(excerpt) + "\"\n";
  if (alone) {
    for (const std::string& reason : it.reasons) out += "- " + printable(reason) + "\n";
  } else if (!it.reasons.empty()) {
    out += "- " + printable(it.reasons.front()) + "\n";
  }
  if (it.answer_due) out += "First answer due " + to_rfc3339(*it.answer_due) + "\n";
  if (!it.owner.empty()) out += "Owner: " + it.owner + "\n";
  if (!it.url.empty()) out += "Post: " + printable(it.url) + "\n";
}

}  // namespace

std::string render_text(const Message& message) {
  std::string out = printable(message.headline) + "\n\n";
  const bool own = !message.said_text.empty();
  if (own) out += message.said_text + "\n\n";
  if (!own && !message.text.empty()) out += message.text + "\n\n";
  for (const MessageCase& it : message.cases) {
    if (own) break;
    describe(out, it, message.cases.size() == 1);
    out += "\n";
  }
  for (const std::string& words : message.cue_words) out += "! " + words + "\n";
  for (const MessageRunbook& book : message.runbooks) {
    out += fmt::format(
        "Runbook ({}): {}\n", book.cue,
        book.text.empty() || book.url.empty() ? book.text + book.url : book.text + " " + book.url);
  }
  if (!message.next.empty()) out += message.next + "\n";
  const auto add_link = [&](std::string_view words, const std::string& url) {
    if (!url.empty() && (!own || out.find(url) == std::string::npos))
      out += fmt::format("{}: {}\n", words, url);
  };
  add_link("Take it", message.ack_url);
  if (!message.ack_code.empty()) out += "Code: " + message.ack_code + "\n";
  if (!message.label_url.empty()) out += "Not worth waking you? " + message.label_url + "\n";
  add_link("See it", message.case_url);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string render_log(const Message& message) {
  JsonWriter out;
  out.object();
  out.field("at", to_rfc3339_ms(message.at));
  out.field("kind", to_word(message.kind));
  out.field("headline", printable(message.headline));
  if (!message.change.empty()) out.field("change", message.change);
  out.text_or_null("person", message.person);
  if (message.kind == MessageKind::page) out.field("step", message.step + 1);
  if (!message.text.empty()) out.field("text", printable(message.text));
  out.key("cases");
  out.array();
  for (const MessageCase& it : message.cases) {
    out.object();
    out.field("number", it.number);
    out.field("id", it.id);
    out.field("urgency", it.urgency);
    out.field("source", it.source);
    out.field("reasons", it.reasons);
    out.text_or_null("url", it.url);
    out.end();
  }
  out.end_array();
  out.text_or_null("ack_url", message.ack_url);
  out.end();
  return out.take();
}

std::string render(const ReceiverConfig& receiver, const Message& message,
                   const Envelope& envelope) {
  const std::string& type = receiver.type;
  if (type == "webhook" || type == "exec") return render_webhook(message, envelope);
  if (type == "slack") return render_slack(message);
  if (type == "teams") return render_teams(message);
  if (type == "mattermost") return render_mattermost(receiver, message);
  if (type == "discord") return render_discord(message);
  if (type == "telegram") return render_telegram(message);
  if (type == "matrix") return render_matrix(message);
  if (type == "ntfy") return render_ntfy(message);
  if (type == "pagerduty") return render_pagerduty(message, envelope);
  if (type == "opsgenie") return render_opsgenie(message, envelope);
  if (type == "sms") return render_sms(message);
  if (type == "voice") return render_voice(message);
  if (type == "email") return render_email(receiver, message, envelope);
  if (type == "alertmanager") return render_alertmanager(receiver, message);
  return render_log(message);
}

}  // namespace earshot
