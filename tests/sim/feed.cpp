#include "feed.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "earshot/core/json.hpp"

namespace earshot::sim {
namespace {

constexpr std::array kThings{"lamp",    "charger", "plug",  "heater",
                             "battery", "switch",  "cable", "fan"};
constexpr std::array kWho{"daughter", "son", "mother", "neighbour", "husband", "wife", "colleague"};
constexpr std::array kFiller{"morning", "kitchen", "window",   "garden",  "market",  "winter",
                             "river",   "paper",   "coffee",   "train",   "blanket", "corner",
                             "office",  "bicycle", "mountain", "library", "summer",  "orange",
                             "concert", "island",  "pocket",   "ladder",  "mirror",  "bottle",
                             "jacket",  "planet",  "violin",   "basket"};

std::string parameter(const std::string& url, const std::string& name) {
  for (std::size_t at = url.find('?'); at != std::string::npos; at = url.find('&', at + 1)) {
    if (url.compare(at + 1, name.size() + 1, name + "=") != 0) continue;
    const std::size_t from = at + name.size() + 2;
    return url.substr(from, url.find('&', from) - from);
  }
  return {};
}

}  // namespace

Feed::Feed(Engine& engine, std::string name, Random random, Instant epoch, FeedFaults faults)
    : engine_(engine), name_(std::move(name)), random_(random), epoch_(epoch), faults_(faults) {}

std::string Feed::words(Tone tone) {
  std::string tail;
  for (int i = 0; i < 6; ++i) tail += fmt::format(" {}", kFiller[random_.below(kFiller.size())]);
  const char* thing = kThings[random_.below(kThings.size())];
  const auto order = random_.below(90'000) + 10'000;
  switch (tone) {
    case Tone::hazard:
      return fmt::format(
          "@Brightwave smoke came out of my Brightwave {}, the plug melted and my {} burnt her "
          "hand. "
          "Order {}.{}",
          thing, kWho[random_.below(kWho.size())], order, tail);
    case Tone::complaint:
      return fmt::format(
          "@Brightwave this is unacceptable: the {} I bought is broken again, nobody answers my "
          "mails and I still wait for my refund of order {}.{}",
          thing, order, tail);
    case Tone::chatter:
      break;
  }
  return fmt::format("A quiet evening with my {} and a view of the{}.", thing, tail);
}

void Feed::write() {
  Item it;
  it.born = engine_.now();
  it.late = random_.chance(faults_.late);
  it.wall = epoch_ + it.born;
  if (it.late) it.wall -= seconds{random_.below(600)};
  const double draw = random_.unit();
  it.tone = draw < 0.12 ? Tone::hazard : draw < 0.45 ? Tone::complaint : Tone::chatter;
  it.text = words(it.tone);
  it.author = fmt::format("person{}", random_.below(400));
  it.broken = random_.chance(faults_.broken);
  if (random_.chance(faults_.edited)) {
    it.edited = words(random_.chance(0.3) ? Tone::hazard : it.tone);
    it.edited_at = it.born + seconds{random_.below(7'200)};
  }
  if (random_.chance(faults_.deleted)) it.gone_at = it.born + seconds{1 + random_.below(14'400)};
  it.id = fmt::format("{}{:05}", to_unix_ms(it.wall), ++count_ % 100'000);
  engine_.trace(it.id);
  items_.emplace(it.id, std::move(it));
}

bool Feed::shown(const Item& item) const {
  return item.born <= engine_.now() &&
         (item.gone_at == Duration{0} || item.gone_at > engine_.now());
}

const std::string& Feed::json_of(const Item& item) const {
  const bool edited = !item.edited.empty() && item.edited_at <= engine_.now();
  if (!item.json.empty() && item.shows_edit == edited) return item.json;
  item.shows_edit = edited;
  JsonWriter out;
  out.object();
  out.field("id", item.id);
  out.field("uri", fmt::format("https://{}.sim/statuses/{}", name_, item.id));
  out.field("url", fmt::format("https://{}.sim/@{}/{}", name_, item.author, item.id));
  out.field("created_at", to_rfc3339_ms(item.wall));
  out.text_or_null("edited_at", edited ? to_rfc3339_ms(epoch_ + item.edited_at) : "");
  out.field("visibility", "public");
  out.field("language", "en");
  if (item.broken)
    out.field("content", std::int64_t{17});
  else
    out.field("content", "<p>" + (edited ? item.edited : item.text) + "</p>");
  out.key("account");
  out.object();
  out.field("id", item.author);
  out.field("acct", item.author);
  out.field("username", item.author);
  out.field("display_name", item.author);
  out.field("url", fmt::format("https://{}.sim/@{}", name_, item.author));
  out.field("followers_count", std::int64_t{120});
  out.end();
  out.end();
  return item.json = out.take();
}

/// Newest first; min_id gives those that follow next, max_id those before.
HttpResponse Feed::timeline(const std::string& url) {
  std::size_t limit = 20;
  const std::string asked = parameter(url, "limit");
  std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  const std::string above = parameter(url, "min_id");
  const std::string below = parameter(url, "max_id");
  std::vector<const Item*> page;
  if (!above.empty()) {
    for (auto it = items_.upper_bound(above); it != items_.end() && page.size() < limit; ++it)
      if (shown(it->second)) page.insert(page.begin(), &it->second);
  } else {
    auto it = below.empty() ? items_.end() : items_.lower_bound(below);
    while (it != items_.begin() && page.size() < limit) {
      --it;
      if (shown(it->second)) page.push_back(&it->second);
    }
  }
  HttpResponse out;
  out.status = 200;
  out.body = "[";
  for (const Item* it : page) out.body += (out.body.size() > 1 ? "," : "") + json_of(*it);
  out.body += "]";
  out.headers.emplace_back("Content-Type", "application/json");
  if (!page.empty()) {
    out.headers.emplace_back("Link", fmt::format("<https://{0}.sim/x?max_id={1}>; rel=\"next\", "
                                                 "<https://{0}.sim/x?min_id={2}>; rel=\"prev\"",
                                                 name_, page.back()->id, page.front()->id));
  }
  return out;
}

HttpResponse Feed::answer(const HttpRequest& request) {
  const std::size_t one = request.url.find("/statuses/");
  if (one == std::string::npos) return timeline(request.url);
  HttpResponse out;
  const auto found = items_.find(request.url.substr(one + 10));
  const bool there = found != items_.end() && shown(found->second);
  out.status = there ? 200 : 404;
  out.body = there ? json_of(found->second) : R"({"error":"Record not found"})";
  return out;
}

}  // namespace earshot::sim
