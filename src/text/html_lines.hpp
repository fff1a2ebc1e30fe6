#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace earshot::detail {

/// Collects text; blanks and line ends are held back until something visible follows.
class Lines {
 public:
  void blank() { blank_ = true; }
  void end_line() { ends_ = std::max(ends_, 1); }
  void line_break() { ends_ = std::min(ends_ + 1, 2); }
  void put(std::string_view bytes) {
    if (!out_.empty() && ends_ > 0) out_.append(static_cast<std::size_t>(ends_), '\n');
    if (ends_ == 0 && blank_ && !out_.empty()) out_ += ' ';
    ends_ = 0;
    blank_ = false;
    out_ += bytes;
  }
  /// Of preformatted text: blanks count, and so does every line end.
  void put_line_end() {
    ends_ = out_.empty() ? 0 : ends_ + 1;
    blank_ = false;
  }
  bool at_line_start() const { return out_.empty() || ends_ > 0; }
  std::string& text() { return out_; }

 private:
  std::string out_;
  int ends_ = 0;
  bool blank_ = false;
};

}  // namespace earshot::detail
