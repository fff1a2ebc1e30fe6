#pragma once

/// The head of a request as bytes, read before any parser believes it (RELIABILITY 4.2): what two
/// servers could read differently is refused, not repaired. Pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace earshot {

inline constexpr std::size_t kHeadBytes = std::size_t{16} << 10U;
inline constexpr std::size_t kHeadFields = 64;

/// How the body of a request is delimited (RFC 9112 6.3).
enum class Framing { none, length, chunked };

struct HeadScan {
  enum class State { more, whole, refused };
  State state = State::more;
  std::size_t size = 0;  ///< whole: bytes of the head, the empty line included
  Framing framing = Framing::none;
  std::uint64_t length = 0;       ///< Framing::length: bytes of the body
  bool expects_continue = false;  ///< the client waits for 100 before it sends the body
  int status = 0;                 ///< refused: what to answer
  std::string_view why = {};      ///< refused: one sentence for the client
};

/// Looks at all bytes received so far. Refuses as soon as more bytes cannot make it better: bare CR
/// or LF, folded lines, control characters, blanks around a field's name, more than 16 KiB or 64
/// fields (431), Content-Length beside Transfer-Encoding, two lengths, a length that is no number,
/// any coding but "chunked", no Host or two.
HeadScan scan_head(std::string_view bytes);

}  // namespace earshot
