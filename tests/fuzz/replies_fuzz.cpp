// What people write back: to a page, to a question, in a subject. Nothing but a clear word takes a
// case, and what is kept of it stands in what was written.
#include <cstdint>
#include <cstdlib>

#include "earshot/cases/question.hpp"
#include "earshot/cases/reply.hpp"
#include "earshot/core/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string text = clean_utf8({reinterpret_cast<const char*>(data), size});
  const Reply reply = read_reply(text);
  if (!is_utf8(reply.rest) || reply.rest.size() > text.size()) std::abort();
  const SubjectTag tag = subject_tag(text);
  if (tag.number < 0 || (tag.number == 0) != tag.tag.empty()) std::abort();
  if (text.find(tag.tag) == std::string::npos) std::abort();
  if (only_seen(text) && text.size() > 1000) std::abort();
  static_cast<void>(read_asker(text, {"Kim", "M. Lind"}));
  static_cast<void>(is_absence_subject(text));
  return 0;
}
