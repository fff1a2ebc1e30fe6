/// `time_intervals:` and `inhibit_rules:`, in Prometheus Alertmanager's form.

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// Texts of a list, or one alone, each read by `parse`; `want` shows how one is written.
template <class T, class Parse>
void read_ranges(Section& section, std::string_view key, std::vector<T>& out, const Parse& parse,
                 std::string_view want) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  const auto add = [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path, "a range");
    if (!text) return;
    auto read = parse(*text);
    if (!read) {
      section.context().error(item.mark, path,
                              fmt::format("{} is no range of {}", in_quotes(*text), key),
                              fmt::format("write {}", want));
    } else if constexpr (requires { out.insert(out.end(), read->begin(), read->end()); }) {
      out.insert(out.end(), read->begin(), read->end());
    } else {
      out.push_back(*read);
    }
  };
  if (node->kind == Node::Kind::text)
    add(*node, section.path_of(key));
  else
    section.each(key, add);
}

void read_times(Section& section, std::vector<TimeInterval::Times>& out) {
  section.each("times", [&](const Node& item, const std::string& path) {
    Section one{section.context(), item, path};
    if (!one.ok()) return;
    const auto time = [&](std::string_view key) -> std::optional<minutes> {
      const Node* node = one.need(key, "a time of day, like \"09:00\"");
      if (node == nullptr) return std::nullopt;
      const auto text = text_of(one.context(), *node, one.path_of(key), "a time of day");
      if (!text) return std::nullopt;
      const auto read = parse_time_of_day(*text);
      if (!read)
        one.error(node->mark, key, fmt::format("{} is not a time of day", in_quotes(*text)),
                  R"(write "00:00" to "24:00")");
      return read;
    };
    const auto from = time("start_time");
    const auto to = time("end_time");
    one.done();
    if (!from || !to) return;
    if (*from >= *to)
      return one.error(one.find("end_time")->mark, "end_time", "ends before it begins",
                       R"(a night is two of them: to "24:00", and from "00:00")");
    out.push_back({*from, *to});
  });
}

TimeInterval read_interval(Section& section) {
  TimeInterval out;
  read_times(section, out.times);
  read_ranges(section, "weekdays", out.weekdays, &parse_weekdays, "'monday:friday' or 'sat'");
  read_ranges(section, "days_of_month", out.days_of_month, &parse_days_of_month,
              "'1:5', or '-3:-1' for the last three");
  read_ranges(section, "months", out.months, &parse_months, "'january:march', '5' or 'may'");
  read_ranges(section, "years", out.years, &parse_years, "'2026' or '2026:2028'");
  if (const Node* zone = section.find("location"))
    out.zone = zone_of(section.context(), *zone, section.path_of("location")).value_or("UTC");
  section.done();
  return out;
}

void read_side(Section& section, std::string_view key, std::vector<Matcher>& out) {
  const Node* node = section.need(key, "which cases, like ['kind = blindness']");
  if (node == nullptr) return;
  read_matchers(section, key, out);
  if (out.empty() && node->kind == Node::Kind::list && node->items.empty())
    section.error(node->mark, key, "matches every case", "say which");
}

}  // namespace

void read_time_intervals(Context& context, const Node& node, std::vector<NamedIntervals>& out) {
  const auto* items = items_of(context, node, "time_intervals");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("time_intervals", i)};
    if (!section.ok()) continue;
    NamedIntervals named;
    section.need("name");
    section.read("name", named.name);
    section.need("time_intervals", "when, like [{weekdays: ['saturday', 'sunday']}]");
    const Node* list = section.find("time_intervals");
    section.each("time_intervals", [&](const Node& item, const std::string& path) {
      Section one{context, item, path};
      if (one.ok()) named.any.push_back(read_interval(one));
    });
    if (list != nullptr && list->kind == Node::Kind::list && list->items.empty())
      section.error(list->mark, "time_intervals", "an interval without times never holds",
                    "add one, or remove it");
    section.done();
    out.push_back(std::move(named));
  }
}

void read_rate(Section& section, RateLimit& out) {
  const Node* node = section.find("rate");
  if (node == nullptr) return;
  Section rate{section.context(), *node, section.path_of("rate")};
  if (!rate.ok()) return;
  rate.need("per_minute", "messages a minute, like 60");
  rate.read("per_minute", out.per_minute, 1, 100'000);
  out.burst = std::max(1, out.per_minute / 6);
  rate.read("burst", out.burst, 1, 100'000);
  out.reserve = out.burst / 2;
  rate.read("reserve", out.reserve, 0, 100'000);
  if (const Node* reserve = rate.find("reserve"); reserve != nullptr && out.reserve >= out.burst)
    rate.error(reserve->mark, "reserve", "nothing of the burst is left for notices",
               fmt::format("write less than {}", out.burst));
  rate.done();
}

void read_inhibit_rules(Context& context, const Node& node, std::vector<InhibitRule>& out) {
  const auto* items = items_of(context, node, "inhibit_rules");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("inhibit_rules", i)};
    if (!section.ok()) continue;
    InhibitRule rule;
    read_side(section, "source_matchers", rule.source);
    read_side(section, "target_matchers", rule.target);
    section.read("equal", rule.equal);
    section.done();
    out.push_back(std::move(rule));
  }
}

}  // namespace earshot::config
