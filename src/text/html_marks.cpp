#include "html_marks.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "earshot/core/utf8.hpp"

namespace earshot::detail {
namespace {

/// True where `list` holds one of the blank-separated words.
bool has_word(std::string_view list, std::initializer_list<std::string_view> words) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" \t\n\r\f"), list.size());
    for (const std::string_view word : words) {
      if (list.substr(0, end) == word) return true;
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::string squeezed(std::string_view style) {
  std::string out;
  for (const char c : style) {
    if (!is_space(c)) out += c;
  }
  return to_lower_ascii(out);
}

/// The marks mail programs leave on quotes, their attribution and signatures.
std::uint8_t quote_marks(Tag what, const Attributes& attributes, const std::string& style) {
  if (what == Tag::blockquote) {
    // Gmail's and Word's "indent" is a blockquote without a border: the writer's own words.
    const bool indent = style.find("border:none") != std::string::npos && attributes.type.empty() &&
                        attributes.class_.empty();
    return indent ? 0 : kQuote;
  }
  if (has_word(attributes.class_,
               {"gmail_quote", "gmail_quote_container", "zmail_extra", "yahoo_quoted"}) &&
      what == Tag::div)
    return kThread;
  // Yahoo puts "ydp" and eight digits before its own name.
  if (what == Tag::div && attributes.class_.starts_with("ydp") &&
      attributes.class_.ends_with("yahoo_quoted"))
    return kThread;
  if (has_word(attributes.class_,
               {"gmail_attr", "gmail_signature", "gmail_signature_prefix", "moz-cite-prefix",
                "moz-signature", "moz-forward-container", "protonmail_quote",
                "protonmail_signature_block", "tutanota_quote", "OutlookMessageHeader",
                "ms-outlook-mobile-reference-message"})) {
    return kQuote;
  }
  if (has_word(attributes.id, {"Signature", "AppleMailSignature", "ms-outlook-mobile-signature",
                               "isForwardContent", "OLK_SRC_BODY_SECTION",
                               "mail-editor-reference-message-container"})) {
    return kQuote;
  }
  if (has_word(attributes.name, {"messageSignatureSection"})) return kQuote;  // Spark
  return 0;
}

}  // namespace

std::uint8_t marks_of(Tag what, const Attributes& attributes, bool split_quotes) {
  std::uint8_t flags = 0;
  const std::string style = squeezed(attributes.style);
  if (is_dropped(what) || attributes.hidden || style.find("display:none") != std::string::npos ||
      style.find("visibility:hidden") != std::string::npos) {
    flags |= kHidden;
  }
  if (what == Tag::pre || what == Tag::textarea || what == Tag::xmp || what == Tag::plaintext ||
      style.find("white-space:pre") != std::string::npos) {
    flags |= kPre;
  }
  if (split_quotes) flags |= quote_marks(what, attributes, style);
  return flags;
}

bool ends_own_words(const Attributes& attributes) {
  return has_word(attributes.id, {"appendonsend", "divRplyFwdMsg", "stopSpelling"});
}

}  // namespace earshot::detail
