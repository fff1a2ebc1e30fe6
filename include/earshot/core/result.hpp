#pragma once

/// Result<T>: a value, or an Error that says who must act. (C++20 has no std::expected.)

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "earshot/core/check.hpp"
#include "earshot/core/instant.hpp"

namespace earshot {

/// What went wrong in the world. `message` is for people: no secret, no whole body.
struct Error {
  /// transient: trying again later may help. permanent: somebody must change something first.
  enum class Kind { transient, permanent };
  Kind kind = Kind::transient;
  std::string message;
  std::optional<Duration>
      retry_after{};  ///< What the other side asked us to wait (Retry-After and relatives).
  int status = 0;     ///< HTTP or SMTP status, 0 where there was none.
  bool uncertain =
      false;  ///< Bytes had been sent: the other side may have acted (RELIABILITY 2.1).

  /// Adds context in front: `error.in("mastodon")` reads "mastodon: HTTP 503".
  Error in(const std::string& where) const {
    Error copy = *this;
    copy.message = where + ": " + message;
    return copy;
  }
};

inline Error transient(std::string message) {
  return {Error::Kind::transient, std::move(message)};
}
inline Error permanent(std::string message) {
  return {Error::Kind::permanent, std::move(message)};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T& value() {
    EARSHOT_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const {
    EARSHOT_CHECK(ok());
    return std::get<0>(state_);
  }
  const Error& error() const {
    EARSHOT_CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    EARSHOT_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace earshot
