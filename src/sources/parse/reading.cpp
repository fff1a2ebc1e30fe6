#include "reading.hpp"

#include <iconv.h>

#include <array>

#include "mail.hpp"

namespace earshot {
namespace {

template <class T>
Result<Reading> as_reading(Result<T> read) {
  if (!read) return read.error();
  return Reading{std::move(*read)};
}

// The targets of the labels of the web and of mail (WHATWG Encoding; iconv's names).
constexpr std::array kCharsets = {
    "ISO-8859-1",   "ISO-8859-2",    "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",    "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-11",  "ISO-8859-13",
    "ISO-8859-14",  "ISO-8859-15",   "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
    "WINDOWS-1253", "WINDOWS-1254",  "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258",
    "CP874",        "KOI8-R",        "KOI8-U",       "GB18030",      "GBK",          "GB2312",
    "BIG5",         "BIG5-HKSCS",    "CP932",        "SHIFT_JIS",    "EUC-JP",       "EUC-JP-MS",
    "ISO-2022-JP",  "ISO-2022-JP-3", "ISO-2022-KR",  "EUC-KR",       "UHC",          "UTF-7",
    "UTF-16",       "UTF-32",        "MACINTOSH",    "MAC-CYRILLIC", "CP437",        "CP850",
    "CP866",        "IBM037"};

}  // namespace

Result<Reading> read_order(const ReadOrder& order, ItemWatch* watch) {
  switch (order.kind) {
    case ReadKind::feed:
      return as_reading(parse_feed({.body = order.bytes,
                                    .base_url = order.base_url,
                                    .content_type = order.content_type,
                                    .watch = watch}));
    case ReadKind::mail:
      return as_reading(parse_mail(order.bytes, order.own_lists));
    case ReadKind::mastodon:
      return as_reading(parse_mastodon(order.bytes, watch));
    case ReadKind::bluesky:
      return as_reading(parse_bluesky(order.bytes, watch));
    case ReadKind::bluesky_profiles:
      return as_reading(parse_bluesky_profiles(order.bytes));
  }
  return permanent("no such format");
}

Reading only_bad(ReadKind kind, BadItem item) {
  switch (kind) {
    case ReadKind::feed: {
      ParsedFeed feed;
      feed.bad.push_back(std::move(item));
      return feed;
    }
    case ReadKind::mail: {
      Parsed parsed;
      parsed.bad.push_back(std::move(item));
      return parsed;
    }
    case ReadKind::mastodon: {
      MastodonPage page;
      page.parsed.bad.push_back(std::move(item));
      return page;
    }
    case ReadKind::bluesky: {
      BlueskyPage page;
      page.parsed.bad.push_back(std::move(item));
      return page;
    }
    case ReadKind::bluesky_profiles:
      break;
  }
  return Followers{};
}

void load_charsets() {
  // Never closed: iconv unloads what nobody holds.
  for (const char* const name : kCharsets) static_cast<void>(iconv_open("UTF-8", name));
}

}  // namespace earshot
