#include <cstddef>
#include <cstdint>

#include "../../src/sources/parse/imap_response.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  earshot::ImapParser parser;
  std::size_t at = 0;
  while (at < size) {
    const std::size_t step = 1 + data[at] % 61U;
    parser.feed({reinterpret_cast<const char*>(data) + at, at + step < size ? step : size - at});
    at += step;
    while (true) {
      const auto next = parser.next();
      if (!next.ok()) return 0;
      if (!*next) break;
    }
  }
  return 0;
}
