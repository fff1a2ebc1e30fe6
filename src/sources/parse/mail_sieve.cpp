#include "mail_sieve.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostValue = 4096;
constexpr std::size_t kMostBoundary = 200;   // RFC 2046 says 70
constexpr std::size_t kMostBoundaries = 64;  // open at once; parts nest 20 deep at most
constexpr std::array<std::string_view, 3> kKept{"content-type", "content-transfer-encoding",
                                                "content-disposition"};

struct Boundary {
  std::string text;     ///< without the dashes in front
  bool digest = false;  ///< its parts are messages where they do not say otherwise
};

struct Unref {
  void operator()(GMimeContentType* type) const { g_object_unref(type); }
};
using Type = std::unique_ptr<GMimeContentType, Unref>;

std::string lower(const char* text) {
  return text != nullptr ? to_lower_ascii(text) : std::string{};
}

/// The subtypes of message/ that hold a message; the others are reports.
bool is_message(const std::string& subtype) {
  return subtype == "rfc822" || subtype == "rfc2822" || subtype == "news" || subtype == "global" ||
         subtype.empty();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > 32 && c < 127 && c != ':'; });
}

class Sieve {
 public:
  explicit Sieve(std::string_view message) : rest_(message) { out_.reserve(message.size() + 256); }

  std::string run() {
    head(nullptr);
    while (!rest_.empty()) body();
    return std::move(out_);
  }

 private:
  std::string_view line() const {
    std::string_view text = rest_.substr(0, rest_.find('\n'));
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }
  void next_line() {
    const std::size_t end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  }

  /// The boundary whose delimiter line this is; `closing` where it is the last one.
  const Boundary* delimiter(std::string_view text, bool& closing) const {
    if (!text.starts_with("--")) return nullptr;
    text.remove_prefix(2);
    const auto it =
        std::find_if(boundaries_.rbegin(), boundaries_.rend(), [&](const Boundary& one) {
          if (!text.starts_with(one.text)) return false;
          std::string_view tail = text.substr(one.text.size());
          closing = tail.starts_with("--");
          if (closing) tail.remove_prefix(2);
          return tail.find_first_not_of(" \t\r") == std::string_view::npos;
        });
    return it == boundaries_.rend() ? nullptr : &*it;
  }

  /// Up to the next delimiter and the head behind it.
  void body() {
    std::size_t at = rest_.starts_with("--") ? 0 : find_dashes(0);
    while (at != std::string_view::npos) {
      const std::size_t end = rest_.find('\n', at);
      std::string_view text = rest_.substr(at, end == std::string_view::npos ? end : end - at);
      bool closing = false;
      const Boundary* found = delimiter(text.substr(0, kMostBoundary + 100), closing);
      if (found != nullptr) {
        const std::size_t taken = end == std::string_view::npos ? rest_.size() : end + 1;
        out_.append(rest_.substr(0, taken));
        rest_.remove_prefix(taken);
        const Boundary part = *found;
        if (!closing) head(&part);
        return;
      }
      at = find_dashes(at);
    }
    out_.append(rest_);
    rest_ = {};
  }

  std::size_t find_dashes(std::size_t from) const {
    const std::size_t at = boundaries_.empty() ? std::string_view::npos : rest_.find("\n--", from);
    return at == std::string_view::npos ? at : at + 1;
  }

  /// The header fields up to the blank line. `part`: of a part behind this boundary; without a
  /// single field such a part begins with its text.
  void head(const Boundary* part) {
    std::array<std::string, kKept.size()> values{};
    std::string* current = nullptr;
    bool any = false;
    bool closing = false;
    for (; !rest_.empty(); next_line()) {
      const std::string_view text = line();
      if (text.empty()) {
        next_line();
        break;
      }
      if (part != nullptr && delimiter(text.substr(0, kMostBoundary + 100), closing) != nullptr)
        break;
      if (text[0] == ' ' || text[0] == '\t') {
        if (current != nullptr) append(*current, text);
        continue;
      }
      const std::size_t colon = text.substr(0, 200).find(':');
      const bool field =
          colon != std::string_view::npos && is_field_name(trim(text.substr(0, colon)));
      if (!field && part != nullptr && !any) break;
      if (!field) continue;
      any = true;
      current = slot(values, trim(text.substr(0, colon)));
      if (current != nullptr) append(*current, text.substr(colon + 1));
    }
    write(values, part != nullptr && part->digest);
  }

  static std::string* slot(std::array<std::string, kKept.size()>& values, std::string_view name) {
    for (std::size_t i = 0; i < kKept.size(); ++i) {
      if (equals_ignoring_case(name, kKept[i]))
        return trim(values[i]).empty() ? &values[i] : nullptr;
    }
    return nullptr;
  }

  static void append(std::string& value, std::string_view more) {
    if (value.size() >= kMostValue) return;
    value += ' ';
    for (const char c : more.substr(0, kMostValue - value.size()))
      value += c == '\0' || c == '\r' ? ' ' : c;
  }

  void write(const std::array<std::string, kKept.size()>& values, bool digest) {
    for (std::size_t i = 1; i < kKept.size(); ++i) {
      if (!values[i].empty()) out_.append(kKept[i]).append(":").append(values[i]).append("\n");
    }
    if (!values[0].empty())
      out_.append("content-type:").append(type_of(values[0])).append("\n");
    else if (digest)
      out_.append("content-type: ").append(kForwarded).append("/rfc822\n");
    out_ += '\n';
  }

  /// The value to write, and the boundary it opens.
  std::string type_of(const std::string& value) {
    const Type type{g_mime_content_type_parse(nullptr, value.c_str())};
    if (!type) return value;
    const std::string main = lower(g_mime_content_type_get_media_type(type.get()));
    const std::string sub = lower(g_mime_content_type_get_media_subtype(type.get()));
    if (main == "message" && is_message(sub)) {
      const char* name = g_mime_content_type_get_parameter(type.get(), "name");
      std::string out = " " + std::string{kForwarded} + "/" + (sub.empty() ? "rfc822" : sub);
      if (name != nullptr) out += "; name=" + quoted(clean_line(name));
      return out;
    }
    if (main != "multipart") return value;
    const char* boundary = g_mime_content_type_get_parameter(type.get(), "boundary");
    if (boundary == nullptr || *boundary == '\0' ||
        std::string_view{boundary}.size() > kMostBoundary)
      return value;
    if (boundaries_.size() == kMostBoundaries) boundaries_.erase(boundaries_.begin());
    boundaries_.push_back({boundary, sub == "digest"});
    if (sub != "digest") return value;
    return " multipart/mixed; boundary=" + quoted(clean_line(boundary));
  }

  static std::string clean_line(std::string_view text) {
    std::string out{text};
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return out;
  }

  std::string_view rest_;
  std::string out_;
  std::vector<Boundary> boundaries_;
};

}  // namespace

void make_gmime_ready() {
  // The language makes this run once, whichever thread comes first.
  static const bool kReady = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(kReady);
}

std::string sieve_mail(std::string_view message) {
  make_gmime_ready();
  return Sieve{message}.run();
}

}  // namespace earshot
