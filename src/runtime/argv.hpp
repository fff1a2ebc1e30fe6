#pragma once

#include <string>
#include <vector>

namespace earshot {

/// Words as posix_spawn wants them: pointers into `list`, a null one behind.
inline std::vector<char*> pointers(std::vector<std::string>& list) {
  std::vector<char*> out;
  out.reserve(list.size() + 1);
  for (std::string& it : list) out.push_back(it.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace earshot
