#pragma once

/// Which posts are known: (origin, native id) -> seq. See sqlite_keys.cpp for the layout.

#include <cstdint>
#include <optional>
#include <string_view>

#include "sqlite_db.hpp"

namespace earshot::sqlite {

class PostKeys {
 public:
  std::optional<std::int64_t> find(Db& db, std::int64_t origin, std::string_view native);
  void add(Db& db, std::int64_t origin, std::string_view native, std::int64_t seq);
  void forget() {}
};

}  // namespace earshot::sqlite
