// Message templates: a mistake lies inside the file, and what the check lets through is filled in
// or leaves the built-in words in its place. HTML never shows a customer's markup as such.
#include <cstdint>

#include "check.hpp"
#include "earshot/config/message_template.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/message_template.hpp"
#include "earshot/receivers/payload.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  if (size > 4096) return 0;  // thousands of sections, each filled in: slow, not wrong
  const std::string text{reinterpret_cast<const char*>(data), size};
  const std::vector<TemplateMistake> mistakes = check_template(text);
  for (const TemplateMistake& it : mistakes)
    check(it.line >= 1 && it.column >= 1 && it.column <= size + 1 && !it.problem.empty());
  if (!mistakes.empty() || !is_utf8(text)) return 0;  // refused at load
  ReceiverConfig receiver;
  receiver.name = "r";
  receiver.type = "email";
  receiver.to = {"jo@example.org"};
  const char* part = size % 3 == 0 ? "subject" : size % 3 == 1 ? "text" : "html";
  receiver.templates[part] = {"f.tpl", text};
  for (const MessageKind kind : {MessageKind::page, MessageKind::update, MessageKind::self}) {
    const Templated got = with_templates(receiver, sample_message(kind));
    check(is_utf8(got.message.headline) && is_utf8(got.message.said_text));
    check(got.message.headline.find('\n') == std::string::npos);
    if (text.find("<b>") == std::string::npos)
      check(got.message.said_html.find("<b>") == std::string::npos);
    check(!render(receiver, got.message, {"id", "", "earshot@example.org"}).empty());
  }
  return 0;
}
