#pragma once

/// The header of a message: fields in order, encoded words (RFC 2047), addresses (RFC 5322),
/// message ids. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace earshot {

struct Mailbox {
  std::string name;     ///< decoded; of a comment behind the address nothing
  std::string address;  ///< as written
};

class MailHeaders {
 public:
  /// Reads up to the blank line (at most 1 MiB, 1,000 fields); a line that is no field is skipped.
  /// mbox's "From " line too.
  explicit MailHeaders(std::string_view message);
  /// Unfolded raw value of the first field of that name that is not blank; "" where there is none.
  /// Names without case.
  std::string_view first(std::string_view name) const;
  bool has(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::string all(std::string_view name) const;  ///< values joined by ", "

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Encoded words and raw 8-bit bytes to UTF-8, blanks collapsed. `charset` is a guess for raw
/// bytes.
std::string decode_words(std::string_view raw, std::string_view charset);
/// Group names and comments are dropped; an address without "@" stays as written. At most 500.
std::vector<Mailbox> parse_addresses(std::string_view raw, std::string_view charset);
/// Ids without angle brackets, in order; a bare word with "@" counts where there is no bracket at
/// all. At most 200.
std::vector<std::string> parse_message_ids(std::string_view raw);

}  // namespace earshot
