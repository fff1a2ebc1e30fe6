#include "twilio.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "earshot/core/ids.hpp"
#include "http/request.hpp"
#include "page.hpp"

namespace earshot {

Form parse_form(const std::string& body) {
  // A form body is what stands behind the "?" of a target; its own limit applies too.
  const auto target = parse_target("/?" + body);
  return target ? Form{target->query.begin(), target->query.end()} : Form{};
}

std::string twilio_signature(std::string_view token, std::string_view url, const Form& form) {
  std::string text{url};
  for (const auto& [name, value] : form) text += name + value;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha1(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  return base64({reinterpret_cast<const char*>(digest.data()), length});
}

bool twilio_signed(std::string_view signature, std::string_view token, std::string_view url,
                   const Form& form) {
  return !token.empty() && equal_in_constant_time(signature, twilio_signature(token, url, form));
}

std::string code_in(std::string_view text) {
  std::string found;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end - i == 4) {
      if (!found.empty()) return {};
      found = text.substr(i, 4);
    }
    i = std::max(end, i + 1);
  }
  return found;
}

std::string twilio_answer(std::string_view sentence) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Message>)" + in_html(sentence) +
         "</Message></Response>";
}

}  // namespace earshot
