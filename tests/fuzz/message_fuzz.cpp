// A customer's words in a message of every kind for every receiver (the first two bytes choose):
// the rest of the input stands where they write. Whatever it says, JSON stays JSON, a mail's head
// has our fields and no others, and all of it is UTF-8.
#include <array>
#include <cstdint>

#include "check.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"

namespace {

/// Each line of the head begins with a field of ours, or goes on with the one before.
void check_mail(std::string_view mail) {
  constexpr std::array<std::string_view, 15> kOurs{
      "Date",         "From",         "To",
      "Subject",      "Message-ID",   "Reply-To",
      "In-Reply-To",  "References",   "Auto-Submitted",
      "Importance",   "X-Priority",   "X-Auto-Response-Suppress",
      "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
  std::string_view head = mail.substr(0, mail.find("\r\n\r\n"));
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(line.size() + 2, head.size()));
    check(line.find_first_of("\r\n") == std::string_view::npos);
    if (line.starts_with(' ')) continue;
    const std::string_view name = line.substr(0, line.find(':'));
    bool ours = false;
    for (const std::string_view it : kOurs) ours = ours || name == it;
    check(ours && name.size() < line.size());
  }
}

earshot::Message message_of(std::uint8_t kind, const std::string& words) {
  using namespace earshot;
  Message out = sample_message(static_cast<MessageKind>(kind % kWordsOf<MessageKind>.size()));
  const std::string first = words.substr(0, words.find('\n'));
  out.headline = "Page: " + first + " writes to ceo";
  if (!out.text.empty() || out.kind == MessageKind::update) out.text = words;
  for (MessageCase& it : out.cases) {
    it.customer = it.title = it.product = first;
    it.excerpt = words;
    it.url = "https://" + first;
    it.reasons = {words};
  }
  out.runbooks = {{"safety", words, "https://" + first}};
  out.cue_words = {first};
  out.reply_tag = kind % 2 == 0 ? "#12-1a2b3c4d" : "";
  out.thread = kind % 3 == 0 ? "question-1" : "";
  out.answers = first;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  if (size < 2 || size > 8192) return 0;
  constexpr std::size_t kJson = 8;  // the first ones speak JSON
  static constexpr std::array<const char*, 15> kTypes{
      "webhook",   "slack",  "teams",        "mattermost", "discord",
      "pagerduty", "matrix", "alertmanager", "telegram",   "ntfy",
      "opsgenie",  "sms",    "voice",        "log",        "email"};
  const std::size_t which = data[1] % kTypes.size();  // one of them an input: each is dear
  const Message message =
      message_of(data[0], clean_utf8({reinterpret_cast<const char*>(data) + 2, size - 2}));
  ReceiverConfig receiver;
  receiver.name = "r";
  receiver.to = {"jo@example.org"};
  receiver.type = kTypes[which];
  const std::string bytes = render(receiver, message, {"case-1.00ff", "", "earshot@example.org"});
  if (receiver.type == "email") {
    check_mail(bytes);
  } else {
    check(is_utf8(bytes));
    check(which >= kJson || bytes.empty() || parse_json(bytes).ok());
  }
  check(is_utf8(render_text(message)));
  return 0;
}
