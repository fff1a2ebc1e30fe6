#pragma once

/// The new words of a mail, apart from what it quotes and signs with. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// In front of a line that is no quote although it begins with ">" (format=flowed can tell). It is
/// taken off.
constexpr char kLiteralLine = '\x01';

struct MailText {
  std::string words;   ///< What the sender wrote now, interleaved answers included; trimmed.
  std::string quoted;  ///< Quotes, forwarded originals and the signature, in order.
};

/// Recognises ">" blocks with their attribution line in the common languages (it may wrap over two
/// lines), "-----Original Message-----" and its kin, Outlook's From:/Sent:/To:/Subject: block in
/// the common languages, "-- " signatures, "Sent from my …". Answers between quoted lines stay. A
/// mail that is nothing but a forward keeps its words in `quoted`.
MailText split_mail(std::string_view plain);

}  // namespace earshot
