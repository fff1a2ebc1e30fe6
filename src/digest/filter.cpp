#include "filter.hpp"

#include <array>
#include <utility>

namespace earshot {

bool keeps(const DigestFilter& filter, const Case& it) {
  const auto is = [](const std::string& wanted, std::string_view has) {
    return wanted.empty() || wanted == has;
  };
  const bool tongue =
      is(filter.language, it.language) || it.language.starts_with(filter.language + "-");
  return tongue && is(filter.team, it.team) && is(filter.source, it.source) &&
         is(filter.severity, to_word(it.severity));
}

std::string filter_words(const DigestFilter& filter) {
  const std::array<std::pair<std::string_view, const std::string*>, 4> parts{
      {{"team", &filter.team},
       {"source", &filter.source},
       {"severity", &filter.severity},
       {"language", &filter.language}}};
  std::string out;
  for (const auto& [name, value] : parts) {
    if (value->empty()) continue;
    out += out.empty() ? "" : ", ";
    out += name;
    out += " " + *value;
  }
  return out;
}

}  // namespace earshot
