#include "html_attributes.hpp"

#include "earshot/core/utf8.hpp"
#include "html_entities.hpp"

namespace earshot::detail {
namespace {

constexpr std::size_t kLongestAddress = 8192;

void keep(std::string_view name, std::string_view value, Attributes& found) {
  if (name.size() > 6 || name.size() < 2) return;
  const std::string key = to_lower_ascii(name);
  std::string* slot = nullptr;
  if (key == "href" && !found.has_href) {
    found.has_href = true;
    slot = &found.href;
  } else if (key == "id") {
    slot = &found.id;
  } else if (key == "class") {
    slot = &found.class_;
  } else if (key == "type") {
    slot = &found.type;
  } else if (key == "style") {
    slot = &found.style;
  } else if (key == "alt") {
    slot = &found.alt;
  } else if (key == "name") {
    slot = &found.name;
  } else if (key == "hidden") {
    found.hidden = !equals_ignoring_case(value, "until-found");
  }
  if (slot == nullptr || !slot->empty() || value.size() > kLongestAddress) return;
  while (!value.empty()) {
    const std::size_t amp = value.find('&');
    *slot += value.substr(0, amp);
    if (amp == std::string_view::npos) break;
    value.remove_prefix(amp);
    std::size_t taken = take_entity(value, true, *slot);
    if (taken == 0) {
      *slot += '&';
      taken = 1;
    }
    value.remove_prefix(taken);
  }
}

}  // namespace

bool read_attributes(std::string_view in, std::size_t& at, Attributes& found, bool& self_closing) {
  while (true) {
    while (at < in.size() && (is_space(in[at]) || in[at] == '/')) {
      self_closing = in[at] == '/';
      ++at;
    }
    if (at >= in.size()) return false;
    if (in[at] == '>') {
      ++at;
      return true;
    }
    self_closing = false;
    const std::size_t start = at;
    ++at;  // an attribute may begin with "="
    while (at < in.size() && !is_space(in[at]) && in[at] != '/' && in[at] != '>' && in[at] != '=')
      ++at;
    const std::string_view name = in.substr(start, at - start);
    while (at < in.size() && is_space(in[at])) ++at;
    std::string_view value;
    if (at < in.size() && in[at] == '=') {
      ++at;
      while (at < in.size() && is_space(in[at])) ++at;
      if (at >= in.size()) return false;
      if (in[at] == '"' || in[at] == '\'') {
        const std::size_t end = in.find(in[at], at + 1);
        if (end == std::string_view::npos) return false;
        value = in.substr(at + 1, end - at - 1);
        at = end + 1;
      } else if (in[at] != '>') {
        const std::size_t first = at;
        while (at < in.size() && !is_space(in[at]) && in[at] != '>') ++at;
        value = in.substr(first, at - first);
      }
    }
    keep(name, value, found);
  }
}

}  // namespace earshot::detail
