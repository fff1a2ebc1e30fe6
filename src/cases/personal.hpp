#pragma once

/// Mail addresses, telephone numbers, IBANs, card numbers and amounts of money in a text. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/words.hpp"

namespace earshot {

EARSHOT_ENUM(Personal, mail, phone, iban, card);
/// "A mail address".
std::string_view word_of(Personal kind);

struct FoundPersonal {
  Personal kind = Personal::mail;
  std::size_t from = 0;  ///< bytes
  std::size_t to = 0;
};
/// In the order of the text. An account such as @ann@social.example is no mail address.
std::vector<FoundPersonal> personal_in(std::string_view text);

struct FoundText {
  std::string value;  ///< "180 EUR"
  std::size_t from = 0;
  std::size_t to = 0;
};
/// "180 EUR", "€180", "180,50 €", "$20": amounts with the currency before or behind.
std::vector<FoundText> amounts_in(std::string_view text);

}  // namespace earshot
