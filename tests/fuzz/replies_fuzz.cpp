// What people write back: to a page, to a question, in a subject. Nothing but a clear word takes a
// case, and what is kept of it stands in what was written.
#include <cstdint>

#include "../../src/cases/gate_rules.hpp"
#include "check.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/cases/reply.hpp"
#include "earshot/core/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string text = clean_utf8({reinterpret_cast<const char*>(data), size});
  const Reply reply = read_reply(text);
  check(is_utf8(reply.rest) && reply.rest.size() <= text.size());
  const SubjectTag tag = subject_tag(text);
  check(tag.number >= 0 && (tag.number == 0) == tag.tag.empty());
  check(text.find(tag.tag) != std::string::npos);
  // The longest of the phrases has 19 bytes; dots and spaces around one may be as many as they
  // like.
  check(!only_seen(text) || bare(text).size() < 30);
  static_cast<void>(read_asker(text, {"Kim", "M. Lind"}));
  static_cast<void>(is_absence_subject(text));
  return 0;
}
