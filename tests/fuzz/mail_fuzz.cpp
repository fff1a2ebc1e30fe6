#include <cstddef>
#include <cstdint>

#include "../../src/sources/parse/mail.hpp"
#include "earshot/core/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = earshot::parse_mail({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) return 0;
  for (const earshot::Post& post : parsed->posts) {
    if (post.id.empty() || !earshot::is_utf8(post.text) || !earshot::is_utf8(post.title) ||
        !earshot::is_utf8(post.quoted))
      __builtin_trap();
  }
  return 0;
}
