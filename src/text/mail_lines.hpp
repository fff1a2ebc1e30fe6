#pragma once

/// Lines that mail programs write around quotes, in the languages customers use. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace earshot::detail {

/// How sure a line (or several joined) is "On … wrote:".
struct Attribution {
  bool shape = false;     ///< has the words
  bool anchored = false;  ///< begins with the word such a line begins with ("On", "Am" …)
  bool dated = false;     ///< has a time of day, a year or a numeric date
  bool address = false;   ///< has a mail address
  bool bare = false;      ///< "Kettle Care wrote:", which counts only right above a ">" block
};
Attribution attribution(std::string_view joined);

/// "-----Original Message-----", "---------- Forwarded message ---------" and kin.
bool is_original_rule(std::string_view line);
/// "Begin forwarded message:" and kin.
bool is_forward_intro(std::string_view line);
/// A line of underscores or dashes.
bool is_plain_rule(std::string_view line);
/// "Sent from my iPhone" and kin.
bool is_device_signature(std::string_view line);

/// Number of lines of the header block (From:/Sent:/To:/Subject: in the common languages) that
/// starts at lines[0]; 0 where there is none. `announced`: a rule stood above, so fewer fields are
/// enough.
std::size_t header_block(std::span<const std::string_view> lines, bool announced);

/// Cuts an attribution that ends `text` off and returns it; "" where there is none.
std::string take_trailing_attribution(std::string& text);

}  // namespace earshot::detail
