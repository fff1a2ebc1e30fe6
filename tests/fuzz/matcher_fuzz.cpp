/// Matchers: any text is read or refused with a place inside it, and what was read is read again
/// from its normal form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "earshot/route/matcher.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const earshot::ParsedMatchers read = earshot::parse_matchers(text);
  if (read.problem && read.problem->offset > size) std::abort();
  const earshot::Labels labels{{"a", {"x", ""}}, {"cue", {"safety"}}};
  static_cast<void>(earshot::all_match(read.matchers, labels));
  for (const earshot::Matcher& matcher : read.matchers) {
    const earshot::ParsedMatchers again = earshot::parse_matchers(matcher.text());
    if (again.matchers.size() == 1 && !(again.matchers.front() == matcher)) std::abort();
    if (again.problem && size < 4096) std::abort();
  }
  return 0;
}
