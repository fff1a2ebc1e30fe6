#include "earshot/receivers/message_template.hpp"

#include <ctemplate/template.h>
#include <ctemplate/template_dictionary.h>
#include <fmt/format.h>

#include <memory>

#include "earshot/config/message_template.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLongestSubject = 400;
constexpr std::size_t kLongestText = 20'000;

/// A variable with a value, and the section of the same name.
class Values {
 public:
  explicit Values(ctemplate::TemplateDictionary& to) : to_(to) {}
  void set(const char* name, std::string_view value, bool lines = false) {
    if (value.empty()) return;
    std::string clean;
    if (lines) {
      for (std::string_view rest = value; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        clean += (clean.empty() ? "" : "\n") + printable(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    } else {
      clean = printable(collapse_space(value));
    }
    to_.SetValue(name, clean);
    to_.ShowSection(name);
  }

 private:
  ctemplate::TemplateDictionary& to_;
};

void list(ctemplate::TemplateDictionary& to, const char* name,
          const std::vector<std::string>& items) {
  for (const std::string& item : items)
    to.AddSectionDictionary(name)->SetValue(name, printable(collapse_space(item)));
}

void fill_case(ctemplate::TemplateDictionary& to, const MessageCase& it) {
  Values values{to};
  values.set("NUMBER", fmt::format("{}", it.number));
  values.set("ID", it.id);
  values.set("STATE", it.state);
  values.set("URGENCY", it.urgency);
  values.set("SEVERITY", it.severity);
  values.set("CUSTOMER", it.customer);
  if (it.reach) values.set("REACH", fmt::format("{}", *it.reach));
  values.set("SOURCE", it.source);
  values.set("TITLE", it.title);
  values.set("EXCERPT", clean_utf8(it.excerpt), true);
  values.set("LANGUAGE", it.language);
  // Only what a browser opens as a page becomes a link.
  if (it.url.starts_with("https://") || it.url.starts_with("http://"))
    values.set("POST_URL", it.url);
  values.set("PRINCIPAL", it.principal);
  values.set("PRODUCT", it.product);
  values.set("TEAM", it.team);
  values.set("OWNER", it.owner);
  values.set("POSTED_AT", to_rfc3339(it.posted_at));
  if (it.answer_due) values.set("ANSWER_DUE", to_rfc3339(*it.answer_due));
  if (it.is_public) values.set("PUBLIC", "yes");
  list(to, "REASON", it.reasons);
  list(to, "CUE", it.cues);
}

void fill(ctemplate::TemplateDictionary& to, const Message& message) {
  Values values{to};
  values.set("HEADLINE", message.headline);
  values.set("TEXT", message.text, true);
  values.set("CHANGE", message.change);
  values.set("BY", message.doer);
  values.set("PERSON", message.person);
  if (message.kind == MessageKind::page) values.set("STEP", fmt::format("{}", message.step + 1));
  values.set("NEXT", message.next);
  values.set("ACK_URL", message.ack_url);
  values.set("CODE", message.ack_code);
  values.set("LABEL_URL", message.label_url);
  values.set("CASE_URL", message.case_url);
  values.set("AT", to_rfc3339(message.at));
  values.set("COUNT", fmt::format("{}", message.cases.size()));
  switch (message.kind) {
    case MessageKind::page:
      values.set("PAGE", "yes");
      break;
    case MessageKind::notice:
      values.set("NOTICE", "yes");
      break;
    case MessageKind::update:
      values.set("UPDATE", "yes");
      break;
    case MessageKind::self:
    case MessageKind::test:
      values.set("SELF", "yes");
      break;
  }
  for (const MessageCase& it : message.cases) fill_case(*to.AddSectionDictionary("CASE"), it);
}

/// A line that holds nothing but the mark of a section or a comment leaves no empty line behind.
std::string without_mark_lines(std::string_view text) {
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const std::string_view inner = trim(line);
    const bool alone = inner.size() > 4 && inner.starts_with("{{") && inner.ends_with("}}") &&
                       inner.find("{{", 2) == std::string_view::npos &&
                       (inner[2] == '#' || inner[2] == '/' || inner[2] == '!');
    out += alone ? inner : line;
    if (!alone && end < rest.size()) out += '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

Result<std::string> expand(const std::string& text, bool html, const Message& message) {
  const std::string source =
      (html ? "{{%AUTOESCAPE context=\"HTML\"}}" : "") + without_mark_lines(text);
  const std::unique_ptr<ctemplate::Template> ready{
      ctemplate::Template::StringToTemplate(source, ctemplate::DO_NOT_STRIP)};
  if (!ready || ready->state() != ctemplate::TS_READY) return permanent("it cannot be read");
  ctemplate::TemplateDictionary values{"message"};
  fill(values, message);
  std::string out;
  if (!ready->Expand(&out, &values)) return permanent("it cannot be filled in");
  if (trim(out).empty()) return permanent("it comes out empty");
  if (out.size() > (html ? 2 * kLongestText : kLongestText))
    return permanent("it comes out longer than a message may be");
  if (!is_utf8(out)) return permanent("it comes out as no UTF-8");
  return out;
}

}  // namespace

Templated with_templates(const ReceiverConfig& receiver, Message message) {
  Templated out;
  if (!message.said_html.empty()) {  // a digest: its own HTML is all of it
    out.message = std::move(message);
    return out;
  }
  const Message plain = message;
  for (const auto& [part, it] : receiver.templates) {
    if (it.text.empty()) continue;
    Result<std::string> said = expand(it.text, part == "html", plain);
    if (!said) {
      out.trouble =
          fmt::format("the template {} of {}: {}", it.file, receiver.name, said.error().message);
      continue;
    }
    if (part == "subject")
      message.headline = std::string{cut_utf8(collapse_space(*said), kLongestSubject)};
    if (part == "text") message.said_text = std::string{trim(*said)};
    if (part == "html") message.said_html = std::move(*said);
  }
  out.message = std::move(message);
  return out;
}

Message sample_message(MessageKind kind) {
  Message out;
  out.kind = kind;
  out.headline = "Page: Mara Velez (@mara) writes to ceo";
  out.at = *parse_rfc3339("2026-01-05T09:00:00Z");
  if (kind == MessageKind::self || kind == MessageKind::test) {
    out.text = "The receiver care-chat fails.";
    return out;
  }
  MessageCase it;
  it.id = "01SAMPLE00000000";
  it.number = 7781;
  it.state = "open";
  it.urgency = "page";
  it.severity = "grave";
  it.customer = "Mara Velez (@mara)";
  it.reach = 2'100'000;
  it.source = "mentions";
  it.title = "Smoke from a lamp";
  it.excerpt = "Smoke came out of my lamp <b>& the plug melted</b>.\n@everyone beware";
  it.language = "en";
  it.url = "https://social.example/@mara/1";
  it.principal = "ceo";
  it.product = "Glow";
  it.team = "care";
  it.cues = {"safety", "fire"};
  it.reasons = {"The text tells of a danger.", "A principal is addressed in public."};
  it.posted_at = out.at - minutes{1};
  it.answer_due = out.at + minutes{14};
  if (kind == MessageKind::page) {
    out.person = "jo";
    out.ack_url = "https://earshot.example/ack/sample";
    out.next = "If nobody takes it, the next step follows at 09:10 UTC.";
  }
  if (kind == MessageKind::update) {
    out.change = "taken";
    out.doer = "jo";
    out.text = "Jo has case 7781 now.";
    it.owner = "jo";
    it.state = "acknowledged";
  }
  out.case_url = "https://earshot.example/cases/01SAMPLE00000000";
  out.cases.push_back(it);
  if (kind == MessageKind::notice) out.cases.push_back(it);
  return out;
}

}  // namespace earshot
