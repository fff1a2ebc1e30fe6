#pragma once

/// What need not be read again: until when nothing falls due, while nobody commits. Pure.

#include <cstdint>
#include <optional>

#include "earshot/core/instant.hpp"

namespace earshot {

class NothingDue {
 public:
  /// `commits`: of the store, taken before the read that found nothing due until `next`; nullopt:
  /// ever.
  void note(std::uint64_t commits, std::optional<Instant> next) {
    commits_ = commits;
    until_ = next.value_or(Instant::max());
  }
  bool holds(std::uint64_t commits, Instant now) const {
    return commits_ == commits && now < until_;
  }

 private:
  std::optional<std::uint64_t> commits_;  ///< nullopt: nothing was read yet
  Instant until_{};
};

}  // namespace earshot
