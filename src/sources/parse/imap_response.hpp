#pragma once

/// IMAP responses (RFC 3501, 9051) out of a byte stream: incremental and bounded. A literal is
/// taken by its count and never looked into, so a mail cannot pose as protocol. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

/// Atom, string, NIL or list of a response.
struct ImapValue {
  enum class Kind { atom, string, nil, list };
  Kind kind = Kind::nil;
  std::string text;              ///< atom and string
  std::vector<ImapValue> items;  ///< list
};

/// One FETCH response. What the server did not send is nullopt.
struct ImapFetch {
  std::uint32_t sequence = 0;
  std::optional<std::uint32_t> uid{};
  std::optional<std::uint64_t> size{};  ///< RFC822.SIZE
  std::string internal_date;
  std::vector<std::string> flags;
  bool has_body = false;
  std::optional<std::string> body{};  ///< BODY[]; nullopt with has_body: NIL, the message is gone
};

struct ImapResponse {
  enum class Kind { tagged, untagged, continuation };
  Kind kind = Kind::untagged;
  std::string tag;
  std::string
      name;  ///< OK NO BAD BYE PREAUTH CAPABILITY SEARCH ESEARCH EXISTS EXPUNGE FETCH …, upper case
  std::string code;        ///< response code's name: UIDVALIDITY, UIDNEXT, EXPUNGEISSUED …
  std::string code_value;  ///< its arguments as written
  std::string text;        ///< for people; cleaned, at most 200 bytes
  std::optional<std::uint32_t> number{};  ///< of "* 14 EXISTS"
  std::vector<std::uint32_t>
      found{};  ///< SEARCH, ESEARCH ALL: numbers in the order sent, ranges spelt out
  std::vector<std::string> words{};  ///< CAPABILITY, upper case
  std::optional<ImapFetch> fetch{};
};

class ImapParser {
 public:
  static constexpr std::size_t kMostLine = std::size_t{64}
                                           << 10U;  ///< a SEARCH answer may be longer: kMostSearch
  static constexpr std::size_t kMostSearch = std::size_t{16} << 20U;
  static constexpr std::size_t kMostLiteral = std::size_t{32} << 20U;
  static constexpr std::size_t kMostNumbers = 1'000'000;
  static constexpr int kDeepest = 16;

  void feed(std::string_view bytes);
  /// The next complete response; nullopt: more bytes are needed. An Error means that the stream is
  /// lost: close the connection.
  Result<std::optional<ImapResponse>> next();
  /// Bytes of an unfinished response.
  std::size_t waiting() const { return buffer_.size() - start_; }

 private:
  Result<bool> complete();

  std::string buffer_;
  std::size_t start_ = 0;    ///< of the response being read
  std::size_t scanned_ = 0;  ///< everything before it has been looked at
  std::size_t line_ = 0;     ///< bytes of the response that are no literal
  std::size_t end_ = 0;      ///< behind the response, once complete
};

/// "1:4,7" -> numbers; nullopt where malformed or beyond kMostNumbers.
std::optional<std::vector<std::uint32_t>> parse_uid_set(std::string_view text);

}  // namespace earshot
