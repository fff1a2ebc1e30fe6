#pragma once

/// Secrets: from files only ($CREDENTIALS_DIRECTORY first for plain names), never printed, wiped
/// when dropped (RELIABILITY 4.5).

#include <string>
#include <string_view>

#include "earshot/core/result.hpp"

namespace earshot {

/// Text that no stream, formatter or log takes. `reveal()` is the one way out and easy to find in a
/// review.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  ~Secret();
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Reads a secret file: one trailing line end is dropped. Refuses files that group or others may
/// read, empty ones and those over 64 KiB; the error names the file and the remedy. A name without
/// "/" is looked up in $CREDENTIALS_DIRECTORY first, then beside the configuration (`base`).
Result<Secret> read_secret(const std::string& path, const std::string& base);

}  // namespace earshot
