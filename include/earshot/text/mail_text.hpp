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

/// What a forward says about its original.
struct ForwardedHead {
  std::string from;     ///< as it stands: "Ann <ann@example.org>"
  std::string address;  ///< the address in it, lower case; "" where there is none
  std::string subject;
  std::size_t at = 0;  ///< offset of its first line: what stands before is no part of it
};
/// Reads the first header block ("From: … Sent: … Subject: …", in the common languages), or the
/// first attribution line with an address ("On … Ann <ann@…> wrote:"). Empty: there is none.
ForwardedHead forwarded_head(std::string_view quoted);

/// Without "Sent from my …" and the like at its end.
std::string without_trailers(std::string_view text);

/// The words above the sign-off: "Best regards" and its kin in the common languages, or a line that
/// is the sender's own name, with all below. What is only a sign-off becomes "".
std::string without_sign_off(std::string_view words, std::string_view sender);

}  // namespace earshot
