#include <fmt/format.h>

#include <array>

#include "../sources/parse/feed.hpp"
#include "../sources/parse/json_tidy.hpp"
#include "../sources/parse/mail.hpp"
#include "command.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"

namespace earshot::cli {
namespace {

using Parser = Result<Parsed> (*)(std::string_view bytes, std::string_view base_url);

Result<Parsed> read_feed(std::string_view bytes, std::string_view base_url) {
  auto feed = parse_feed({.body = bytes, .base_url = base_url});
  if (!feed) return feed.error();
  return Parsed{std::move(*feed)};
}

Result<Parsed> read_mail(std::string_view bytes, std::string_view) {
  return parse_mail(bytes);
}

template <auto parse>
auto ask(std::string_view bytes) {
  if constexpr (std::is_invocable_v<decltype(parse), std::string_view>)
    return parse(bytes);
  else
    return parse(bytes, nullptr);  // nobody watches
}

constexpr std::size_t kMended = std::size_t{2} << 20U;  // larger pages cost too much read twice

/// The answers of social platforms: addresses in them are absolute already.
template <auto parse>
Result<Parsed> read_page(std::string_view bytes, std::string_view) {
  auto page = ask<parse>(bytes);
  if (page) return std::move(page->parsed);
  // A page that ends early: its whole items, with a warning. (The daemon asks for it again.)
  if (bytes.size() > kMended) return page.error();
  TidyJson tidy = tidy_json(bytes);
  if (!tidy.cut) return page.error();
  auto rest = ask<parse>(tidy.json);
  if (!rest || rest->parsed.posts.empty()) return page.error();
  rest->parsed.warnings.insert(rest->parsed.warnings.begin(), tidy.warnings.begin(),
                               tidy.warnings.end());
  return std::move(rest->parsed);
}

constexpr std::size_t kPage = std::size_t{8} << 20U;   ///< of a feed or an answer of an API
constexpr std::size_t kMail = std::size_t{32} << 20U;  ///< of a mail: its beginning is read

struct Format {
  std::string_view name;
  Parser parse;
  std::size_t most = kPage + 1;  ///< bytes: one more than the parser takes, so that it says so
};
/// One line per format, in the order of the help.
constexpr std::array kFormats{
    Format{"feed", read_feed},
    Format{"email", read_mail, kMail + 1},
    Format{"mastodon", read_page<parse_mastodon>},
    Format{"bluesky", read_page<parse_bluesky>},
    Format{"x", read_page<parse_x>},
    Format{"reddit", read_page<parse_reddit>},
};

std::string format_names() {
  std::string names;
  for (const Format& format : kFormats)
    names += (names.empty() ? "" : "|") + std::string{format.name};
  return names;
}

const Format& format_of(const std::string& name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format;
  }
  throw UsageError(
      fmt::format("unknown format \"{}\": --format {}", printable(name), format_names()));
}

}  // namespace

std::string_view help_parse() {
  static const std::string kHelp = "usage: earshot parse --format " + format_names() +
                                   " [--base-url U] FILE\n"
                                   "Reads a response body (\"-\": standard input) and prints its "
                                   "posts, one JSON object a line. Relative links are resolved\n"
                                   "against U. What had to be forgiven is told on standard error; "
                                   "a file with nothing to recover exits 1.\n";
  return kHelp;
}

int run_parse(std::span<const std::string> words) {
  const Args args{words, {"format=", "base-url=", "json"}};
  const Format& format = format_of(args.need("format"));
  const std::string file = args.one("FILE", true);
  const std::string bytes = read_start(file, format.most);
  Result<Parsed> parsed = format.parse(bytes, args.value_or("base-url", ""));
  if (!parsed)
    throw Failure(kNo, fmt::format("{}: {}", printable(file), printable(parsed.error().message)));
  for (const Post& post : parsed->posts) {
    JsonWriter out;
    write_post(out, post, false);
    print_line(out.take());
  }
  for (const std::string& warning : parsed->warnings) warn(fmt::format("{}: {}", file, warning));
  for (const BadItem& item : parsed->bad) {
    warn(fmt::format("{}: item {} left out: {}", file, item.id.empty() ? "without id" : item.id,
                     item.reason));
  }
  return kOk;
}

}  // namespace earshot::cli
