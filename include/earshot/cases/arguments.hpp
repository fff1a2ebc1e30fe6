#pragma once

/// Reading the arguments of a command.

#include <string>
#include <string_view>

#include "earshot/cases/machine.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {

/// Without blanks around it; "" where it was not given.
inline std::string argument(const Arguments& args, std::string_view name) {
  const auto found = args.find(name);
  return found == args.end() ? std::string{} : std::string{trim(found->second)};
}

}  // namespace earshot
