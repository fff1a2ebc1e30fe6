// Customers' words on their way to people: masked, folded, escaped and forgotten texts stay UTF-8,
// and nothing that was to go is left.
#include <cstdint>

#include "check.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/escape.hpp"
#include "earshot/text/forget.hpp"
#include "earshot/text/mask.hpp"
#include "earshot/text/near.hpp"
#include "earshot/text/normalise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string text = clean_utf8(bytes);
  check(is_utf8(text) && is_utf8(printable(text)));
  check(is_utf8(mask_personal(text)));
  // Not the same when folded again: a capital is looked at before its small letter, which may look
  // like another one.
  check(is_utf8(fold(text)) && is_utf8(fold(bytes)));
  static_cast<void>(mixed_script(text.substr(0, 200)));
  check(similarity(minhash(text), minhash(text)) == 1.0);
  static_cast<void>(copy_hash(text));
  check(escape_html(text).find_first_of("<>\"'") == std::string::npos);

  const std::string left = forget_own(bytes);
  const bool object = (bytes.starts_with('{') || bytes.starts_with('[')) && parse_json(bytes).ok();
  if (object) check(parse_json(left).ok());
  Traces traces;
  traces.add_name("Mara Velez");
  traces.add_words(text.substr(0, text.size() / 2));
  check(traces.without_names("so " + std::string{"Mara Velez"} + ", she says").find("Mara") ==
        std::string::npos);
  check(is_utf8(traces.without_names(text)));
  const std::string without = traces.without(bytes);
  if (object) check(parse_json(without).ok());
  return 0;
}
