#include "json_salvage.hpp"

#include <algorithm>
#include <optional>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "json_tidy.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostMisses = 1000;  // places that looked like an item and were none
constexpr std::size_t kRaw = std::size_t{64} << 10U;  // kept of what is lost
constexpr std::size_t kRounds = 4;                    // times the text may be walked in all
constexpr std::string_view kBlanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

/// Offset behind the "[" of the member "items"; npos where there is none.
std::size_t list_begin(std::string_view text) {
  for (std::size_t at = text.find("\"items\""); at != std::string_view::npos;
       at = text.find("\"items\"", at + 1)) {
    std::size_t next = skip_blanks(text, at + 7);
    if (next == text.size() || text[next] != ':') continue;
    next = skip_blanks(text, next + 1);
    if (next < text.size() && text[next] == '[') return next + 1;
  }
  return std::string_view::npos;
}

class Salvage {
 public:
  explicit Salvage(std::string_view text) : text_(text), budget_(kRounds * text.size()) {}

  SalvagedJson run() {
    const std::size_t begin = list_begin(text_);
    if (begin == std::string_view::npos) return {};
    std::size_t at = next_item(begin);
    std::size_t lost_from = begin;
    while (at < text_.size() && misses_ < kMostMisses && budget_ > 0) {
      if (const auto item = item_at(at)) {
        lose(lost_from, at);
        out_ += out_.empty() ? "" : ",";
        out_ += item->first;
        lost_from = at = item->second;
        if (ends_list(at)) break;
        at = next_item(at);
      } else {
        ++misses_;
        at = next_boundary(at + 1);
      }
    }
    if (out_.empty()) return {};
    if (!ends_list(lost_from)) lose(lost_from, text_.size());
    std::string head{text_.substr(0, begin)};
    if (!parse_json(tidy_json(head + "]}").json)) head = "{\"items\":[";
    return {head + out_ + "]}", std::move(lost_)};
  }

 private:
  /// The object that begins at `at`, tidied, and where it ends.
  std::optional<std::pair<std::string, std::size_t>> item_at(std::size_t at) {
    const std::size_t end = object_end(at);
    if (end == std::string_view::npos) return std::nullopt;
    std::string json = tidy_json(text_.substr(at, end - at)).json;
    const auto object = parse_json(json);
    if (!object || !object->IsObject()) return std::nullopt;
    for (const char* name : {"id", "content_text", "content_html"}) {
      if (find(*object, name) != nullptr) return std::pair{std::move(json), end};
    }
    return std::nullopt;
  }

  /// Behind the brace that closes the one at `at`; npos where it stays open.
  std::size_t object_end(std::size_t at) {
    std::size_t depth = 0;
    bool string = false;
    for (; at < text_.size() && budget_ > 0; ++at, --budget_) {
      const char c = text_[at];
      if (string && c == '\\') {
        ++at;
      } else if (c == '"') {
        string = !string;
      } else if (!string && c == '{') {
        ++depth;
      } else if (!string && c == '}' && --depth == 0) {
        return at + 1;
      }
    }
    return std::string_view::npos;
  }

  std::size_t next_item(std::size_t at) const {
    at = std::min(text_.find_first_not_of(" \t\r\n,", at), text_.size());
    return at < text_.size() && text_[at] != '{' ? next_boundary(at) : at;
  }

  /// The next "{" behind "}" and a comma.
  std::size_t next_boundary(std::size_t at) const {
    for (at = text_.find('{', at); at < text_.size(); at = text_.find('{', at + 1)) {
      const std::size_t comma = text_.find_last_not_of(kBlanks, at - 1);
      if (comma == std::string_view::npos || text_[comma] != ',') continue;
      const std::size_t brace = text_.find_last_not_of(kBlanks, comma - 1);
      if (brace != std::string_view::npos && text_[brace] == '}') return at;
    }
    return text_.size();
  }

  bool ends_list(std::size_t at) const {
    at = skip_blanks(text_, at);
    return at < text_.size() && text_[at] == ']';
  }

  void lose(std::size_t from, std::size_t to) {
    std::string_view raw = trim(text_.substr(from, to - from));
    while (raw.starts_with(',')) raw = trim(raw.substr(1));
    while (raw.ends_with(',')) raw = trim(raw.substr(0, raw.size() - 1));
    if (!raw.empty()) lost_.emplace_back(clean_utf8(cut_utf8(raw, kRaw)));
  }

  std::string_view text_;
  std::size_t budget_;
  std::size_t misses_ = 0;
  std::string out_;
  std::vector<std::string> lost_;
};

}  // namespace

SalvagedJson salvage_items(std::string_view text) {
  return Salvage{text}.run();
}

}  // namespace earshot
