#pragma once

/// Numbers, texts and lists as bytes, and back with bounds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot::wire {

class Out {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  /// Zigzag: small negative numbers stay short.
  void integer(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void bytes(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void list(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) bytes(value);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// After the first thing that is wrong, everything reads as nothing and good() is false.
class In {
 public:
  /// `elements`: how many members all lists may have together.
  In(std::string_view bytes, std::size_t elements) : bytes_(bytes), elements_(elements) {}
  bool good() const { return good_; }
  bool whole() const { return good_ && bytes_.empty(); }
  void fail() {
    good_ = false;
    bytes_ = {};
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80U) return value;
    }
    fail();
    return 0;
  }
  std::uint64_t number_below(std::uint64_t end) {
    const std::uint64_t value = number();
    if (value < end) return value;
    fail();
    return 0;
  }
  std::int64_t integer() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
  }
  std::string_view view() {
    const std::uint64_t size = number();
    if (size > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  /// UTF-8 without NUL.
  std::string text(std::size_t most) {
    const std::string_view out = view();
    if (out.size() <= most && out.find('\0') == std::string_view::npos && is_utf8(out))
      return std::string{out};
    fail();
    return {};
  }
  std::string_view rest() {
    const std::string_view out = bytes_;
    bytes_ = {};
    return out;
  }
  /// Each element takes a byte at least.
  std::size_t count() {
    const std::uint64_t n = number();
    if (n > bytes_.size() || n > elements_) {
      fail();
      return 0;
    }
    elements_ -= static_cast<std::size_t>(n);
    return static_cast<std::size_t>(n);
  }
  std::vector<std::string> texts(std::size_t most) {
    std::vector<std::string> out;
    for (std::size_t n = count(); n > 0 && good_; --n) out.push_back(text(most));
    return out;
  }

 private:
  std::string_view bytes_;
  std::size_t elements_;
  bool good_ = true;
};

}  // namespace earshot::wire
