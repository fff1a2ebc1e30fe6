#include <cstddef>
#include <cstdint>

#include "earshot/core/utf8.hpp"
#include "earshot/text/html.hpp"
#include "earshot/text/mail_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  earshot::HtmlOptions options;
  options.base_url = "https://x.example/a/b";
  options.split_quotes = size % 2 == 0;
  const earshot::HtmlText text = earshot::html_to_text(bytes, options);
  if (!earshot::is_utf8(text.text) || !earshot::is_utf8(text.quoted)) __builtin_trap();
  earshot::split_mail(text.text);
  earshot::split_mail(bytes);
  return 0;
}
