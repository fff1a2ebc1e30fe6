#pragma once

/// Personal numbers in texts that leave the house: telephone numbers, mail addresses, bank accounts
/// and cards are masked so that people still see what kind of thing stood there. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// "+49 170 1234567" -> "[phone …67]", "ann@example.org" -> "[mail a…@example.org]",
/// "DE89 3704 0044 0532 0130 00" -> "[IBAN DE…00]", "4111 1111 1111 1111" -> "[card …1111]".
///
/// An IBAN has its country's length and passes mod 97; a card has 13 to 19 digits, a known first
/// digit, and passes Luhn; a telephone number begins with "+", "00" or "0" (or stands after a word
/// such as "tel"), and has 8 to 15 digits in groups as people write them. Dates, times, prices,
/// order and version numbers stay, and so do links: what a link names is public already.
std::string mask_personal(std::string_view text);

}  // namespace earshot
