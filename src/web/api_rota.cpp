// The rota: who is on call, overrides, absences, swaps, contacts, calendars to subscribe to.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/web/live.hpp"
#include "parts.hpp"

namespace earshot {
namespace {

constexpr Duration kCalendarBack = hours{24 * 30};
constexpr Duration kCalendarAhead = hours{24 * 180};
constexpr Duration kForecast = hours{24 * 60};

void write_who(JsonWriter& out, const Config& config, const std::string& id) {
  const Person* person = find_person(config.people, id);
  out.object();
  out.field("id", id);
  out.field("name", person != nullptr && !person->name.empty() ? person->name : id);
  out.end();
}

void write_people(JsonWriter& out, const Config& config, const std::vector<std::string>& people) {
  out.array();
  for (const std::string& id : people) write_who(out, config, id);
  out.end_array();
}

void write_schedule(JsonWriter& out, const Schedule& it) {
  out.key("schedule");
  out.object();
  out.field("id", it.name);
  out.field("name", it.name);
  out.end();
}

void write_sentence(JsonWriter& out, std::string_view code, std::string_view text) {
  out.object();
  out.field("code", code);
  out.field("text", text);
  out.end();
}

bool among(const std::vector<std::string>& people, const std::string& id) {
  return std::ranges::find(people, id) != people.end();
}

/// Why somebody is on: by their turn, by an override, or standing in.
void write_why(JsonWriter& out, const Schedule& whole, Instant at, const std::string& person) {
  Schedule there = whole;
  there.absences.clear();
  const bool nominal = among(people_on_call(there, at), person);
  there.overrides.clear();
  out.key("why");
  if (nominal && among(people_on_call(there, at), person))
    write_sentence(out, "turn", "It is their turn.");
  else if (nominal)
    write_sentence(out, "override", "An override says so.");
  else
    write_sentence(out, "stands_in", "They stand in for somebody who is away.");
}

void write_gap(JsonWriter& out, const Schedule& schedule, const Shift& gap) {
  out.object();
  write_schedule(out, schedule);
  out.field("from", to_rfc3339_ms(gap.start));
  out.field("to", to_rfc3339_ms(gap.end));
  out.key("text");
  write_sentence(out, "gap",
                 fmt::format("Nobody is on call for {} from {} to {}.", schedule.name,
                             to_rfc3339(gap.start), to_rfc3339(gap.end)));
  out.end();
}

void write_oncall(JsonWriter& out, const Config& config, const Schedule& schedule, Instant at) {
  const WholeShift shift = shift_at(schedule, at);
  out.object();
  write_schedule(out, schedule);
  out.field("zone", schedule.zone);
  out.key("now");
  out.array();
  for (const std::string& id : shift.people) {
    out.object();
    out.key("person");
    write_who(out, config, id);
    write_why(out, schedule, at, id);
    out.field("until", shift.end ? std::optional{to_rfc3339_ms(*shift.end)} : std::nullopt);
    out.end();
  }
  out.end_array();
  out.key("next");
  const auto next = shift.end ? people_on_call(schedule, *shift.end) : std::vector<std::string>{};
  if (next.empty()) {
    out.null();
  } else {
    out.object();
    out.key("person");
    write_who(out, config, next.front());
    out.key("people");
    write_people(out, config, next);
    out.field("from", to_rfc3339_ms(*shift.end));
    out.end();
  }
  out.key("gap");
  const auto holes = gaps(schedule, at, at + kForecast);
  if (holes.empty())
    out.null();
  else
    write_gap(out, schedule, holes.front());
  out.end();
}

/// "23 h, clocks change": where a shift is not as long as its clock says.
std::string note_of(const Schedule& schedule, const Shift& shift) {
  // A list of shifts may begin within a second.
  const auto wall = to_civil(shift.end, schedule.zone) - to_civil(shift.start, schedule.zone);
  const auto real =
      std::chrono::floor<seconds>(shift.end) - std::chrono::floor<seconds>(shift.start);
  return wall == real ? std::string{} : to_text(real) + ", clocks change";
}

void write_shifts(JsonWriter& out, const Config& config, const Schedule& schedule,
                  const LiveRota& live, Instant from, Instant to) {
  for (const Shift& shift : shifts(schedule, from, to)) {
    out.object();
    write_schedule(out, schedule);
    out.field("from", to_rfc3339_ms(shift.start));
    out.field("to", to_rfc3339_ms(shift.end));
    out.key("people");
    write_people(out, config, shift.people);
    for (const LiveOverride& it : live.overrides) {
      if (it.schedule != schedule.name || it.start >= shift.end || it.end <= shift.start) continue;
      out.key("override");
      out.object();
      out.field("id", it.id);
      out.key("by");
      write_who(out, config, it.by);
      out.field("reason", it.reason);
      out.key("replaces");
      write_people(out, config, it.remove);
      out.end();
      break;
    }
    if (const std::string note = note_of(schedule, shift); !note.empty()) {
      out.key("note");
      write_sentence(out, "clocks_change", note);
    }
    out.end();
  }
}

WebResponse answer(const RotaAnswer& it, int ok) {
  if (it.done) return json(ok, it.body);
  const int status = !it.found                ? 404
                     : it.code == "not_yours" ? 403
                     : it.code == "ended"     ? 409
                                              : 400;
  return refuse(status, it.code.empty() ? "refused" : it.code, it.text, it.field);
}

const Schedule* schedule_named(const Config& config, std::string_view name) {
  for (const Schedule& it : config.schedules) {
    if (it.name == name) return &it;
  }
  return nullptr;
}

}  // namespace

Task<LiveRota> Api::Parts::live_rota() {
  LiveRota live;
  auto look = [&](StoreReader& reader) { live = read_live(reader); };
  co_await backend.store().read(look);
  co_return live;
}

Task<WebResponse> Api::Parts::oncall(WebRequest request, Viewer, std::vector<std::string>) {
  Instant at = clock.now();
  if (const std::string given = request.query_or("at"); !given.empty()) {
    const auto parsed = parse_rfc3339(given);
    if (!parsed) co_return refuse(400, "at", "at must be an RFC 3339 time.", "at");
    at = *parsed;
  }
  const LiveRota live = co_await live_rota();
  const std::shared_ptr<const Config> config = backend.config();
  JsonWriter out;
  out.array();
  for (const Schedule& schedule : config->schedules)
    write_oncall(out, *config, merged(schedule, live), at);
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::shifts_of(WebRequest request, Viewer, std::vector<std::string>) {
  const auto from = parse_rfc3339(request.query_or("from"));
  const auto to = parse_rfc3339(request.query_or("to"));
  if (!from || !to || *to <= *from || *to - *from > hours{24 * 400})
    co_return refuse(400, "from", "Give from and to (RFC 3339), at most 400 days apart.", "from");
  const LiveRota live = co_await live_rota();
  const std::shared_ptr<const Config> config = backend.config();
  const std::string wanted = request.query_or("schedule");
  JsonWriter out;
  out.array();
  for (const Schedule& schedule : config->schedules) {
    if (wanted.empty() || wanted == schedule.name)
      write_shifts(out, *config, merged(schedule, live), live, *from, *to);
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::gaps_of(WebRequest request, Viewer, std::vector<std::string>) {
  const auto days = number_of(request.query_or("days", "60"));
  if (!days || *days < 1 || *days > 400)
    co_return refuse(400, "days", "Give 1 to 400 days.", "days");
  const LiveRota live = co_await live_rota();
  const std::shared_ptr<const Config> config = backend.config();
  const Instant from = clock.now();
  const Instant to = from + hours{24} * *days;
  JsonWriter out;
  out.object();
  out.key("gaps");
  out.array();
  for (const Schedule& it : config->schedules) {
    const Schedule schedule = merged(it, live);
    for (const Shift& gap : gaps(schedule, from, to)) write_gap(out, schedule, gap);
  }
  out.end_array();
  out.key("overlaps");
  out.array();
  for (const Schedule& it : config->schedules) {
    const Schedule schedule = merged(it, live);
    for (const Shift& shift : overlaps(schedule, from, to)) {
      out.object();
      write_schedule(out, schedule);
      out.field("from", to_rfc3339_ms(shift.start));
      out.field("to", to_rfc3339_ms(shift.end));
      out.key("people");
      write_people(out, *config, shift.people);
      out.end();
    }
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

/// Calendar programs cannot send headers: the token of a viewer may stand in the address.
Task<WebResponse> Api::Parts::calendar(WebRequest request, Viewer, std::vector<std::string> taken) {
  std::string name = taken.front();
  if (!name.ends_with(".ics"))
    co_return refuse(404, "not_found", "The calendar of a schedule is its name with .ics.");
  name.erase(name.size() - 4);
  const std::shared_ptr<const Config> config = backend.config();
  const Schedule* schedule = schedule_named(*config, name);
  if (schedule == nullptr) co_return refuse(404, "no_schedule", "No schedule has this name.");
  const std::string person = request.query_or("person");
  const LiveRota live = co_await live_rota();
  const Instant now = clock.now();
  std::vector<CalendarEntry> entries;
  const Schedule whole = merged(*schedule, live);
  for (Shift shift : shifts(whole, now - kCalendarBack, now + kCalendarAhead)) {
    // The window moves with every look; an entry that it cuts keeps its own start and id.
    if (shift.start == now - kCalendarBack)
      shift.start = shift_at(whole, shift.start).start.value_or(shift.start);
    for (const std::string& id : shift.people) {
      if (!person.empty() && person != id) continue;
      const Person* who = find_person(config->people, id);
      const std::string shown = who != nullptr && !who->name.empty() ? who->name : id;
      entries.push_back({fmt::format("{}-{}-{}@earshot", name, to_unix(shift.start), id),
                         shift.start, shift.end, fmt::format("{} on call: {}", shown, name), ""});
    }
  }
  WebResponse out{
      200, "text/calendar; charset=utf-8", render_calendar("On call: " + name, entries, now), {}};
  co_return out;
}

Task<WebResponse> Api::Parts::rota_list(WebRequest request, Viewer, std::vector<std::string>) {
  const std::string kind{request.path.ends_with("swaps")      ? kSwap
                         : request.path.ends_with("absences") ? kAbsence
                                                              : kOverride};
  std::vector<Record> records;
  auto look = [&](StoreReader& reader) { records = records_of(reader, kind, ""); };
  co_await backend.store().read(look);
  const Instant now = clock.now();
  const bool all = request.query_or("all") == "yes";
  JsonWriter out;
  out.array();
  for (const Record& it : records) {
    const bool over =
        it.state == "withdrawn" || it.state == "declined" || (it.due && *it.due <= now);
    if (over && !all) continue;
    out.object();
    out.field("id", it.id);
    out.field("state", over && it.state == "active" ? "ended" : it.state);
    out.key("what");
    out.raw(it.body);
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::rota(RotaCommand command, Viewer viewer, WebRequest request, int ok) {
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  for (auto& [name, value] : command.args) args->insert_or_assign(name, value);
  // Lists of people come as lists too.
  if (const auto body = parse_json(request.body.empty() ? "{}" : request.body)) {
    for (const char* name : {"add", "remove"}) {
      std::string joined;
      for (const std::string& id : strings_at(*body, name))
        joined += (joined.empty() ? "" : ",") + id;
      if (!joined.empty()) args->insert_or_assign(name, joined);
    }
  }
  command.who = viewer.who;
  command.manager = is_operator(viewer);
  command.args = std::move(*args);
  const RotaAnswer done = co_await backend.change_rota(std::move(command));
  co_return answer(done, ok);
}

Task<WebResponse> Api::Parts::rota_add(WebRequest request, Viewer viewer,
                                       std::vector<std::string>) {
  RotaCommand command;
  command.what = request.path.ends_with("swaps")      ? "swap_ask"
                 : request.path.ends_with("absences") ? "absence_add"
                                                      : "override_add";
  co_return co_await rota(std::move(command), std::move(viewer), std::move(request), 201);
}

Task<WebResponse> Api::Parts::rota_end(WebRequest request, Viewer viewer,
                                       std::vector<std::string> taken) {
  RotaCommand command;
  command.what =
      request.path.find("/absences/") != std::string::npos ? "absence_end" : "override_end";
  command.args.emplace("id", taken.front());
  co_return co_await rota(std::move(command), std::move(viewer), std::move(request), 200);
}

Task<WebResponse> Api::Parts::swap_answer(WebRequest request, Viewer viewer,
                                          std::vector<std::string> taken) {
  if (taken[1] != "accept" && taken[1] != "decline" && taken[1] != "withdraw")
    co_return refuse(404, "no_action", "Accept, decline or withdraw it.");
  RotaCommand command;
  command.what = "swap_" + taken[1];
  command.args.emplace("id", taken.front());
  co_return co_await rota(std::move(command), std::move(viewer), std::move(request), 200);
}

/// A list of people, or their ids with commas between.
std::vector<std::string> people_in(const JsonValue& body, std::string_view name) {
  std::vector<std::string> out = strings_at(body, name);
  const std::string_view text = string_at(body, name);
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    if (const auto id = trim(text.substr(from, end - from)); !id.empty()) out.emplace_back(id);
    from = end + 1;
  }
  return out;
}

/// The shifts before and after an override, without making it.
Task<WebResponse> Api::Parts::override_preview(WebRequest request, Viewer viewer,
                                               std::vector<std::string>) {
  const auto body = parse_json(request.body);
  if (!body || !body->IsObject()) co_return refuse(400, "bad_body", "The body is a JSON object.");
  const std::shared_ptr<const Config> config = backend.config();
  const Schedule* schedule = schedule_named(*config, string_at(*body, "schedule"));
  if (schedule == nullptr)
    co_return refuse(400, "no_schedule", "No schedule has this name.", "schedule");
  const Instant now = clock.now();
  LiveOverride it;
  it.schedule = schedule->name;
  const std::string_view from = string_at(*body, "from"), to = string_at(*body, "to");
  const auto start = from.empty() ? std::optional{now} : parse_rfc3339(from);
  if (!start) co_return refuse(400, "from", "from must be an RFC 3339 time.", "from");
  std::optional<Instant> end = parse_rfc3339(to);
  if (const auto span = parse_duration(string_at(*body, "for")); span && to.empty())
    end = *start + *span;
  if (!end)
    co_return refuse(400, "to", "Say until when (an RFC 3339 time) or for how long (2h).", "to");
  it.start = std::chrono::floor<seconds>(*start);
  it.end = std::chrono::floor<seconds>(*end);
  it.add = people_in(*body, "add");
  it.remove = people_in(*body, "remove");
  it.by = viewer.who;
  it.made_at = now;
  const auto known = [&](std::string_view id) {
    return find_person(config->people, id) != nullptr;
  };
  if (const auto why = check(it, known, now))
    co_return refuse(400, why->code, why->text, why->field);
  LiveRota live = co_await live_rota();
  JsonWriter out;
  out.object();
  out.key("before");
  out.array();
  write_shifts(out, *config, merged(*schedule, live), live, it.start, it.end);
  out.end_array();
  live.overrides.push_back(it);
  out.key("after");
  out.array();
  write_shifts(out, *config, merged(*schedule, live), live, it.start, it.end);
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::my_contacts(WebRequest request, Viewer viewer,
                                          std::vector<std::string>) {
  const std::string whose = request.query_or("person", viewer.who);
  if (whose != viewer.who && !is_operator(viewer))
    co_return refuse(403, "role", "The contacts of others are a manager's to see.");
  const LiveRota live = co_await live_rota();
  const std::shared_ptr<const Config> config = backend.config();
  const Person* person = find_person(config->people, whose);
  JsonWriter out;
  out.array();
  for (std::size_t i = 0; person != nullptr && i < person->contact.size(); ++i) {
    const Contact& contact = person->contact[i];
    const bool proved = live.proved.contains(contact_key(person->id, contact));
    out.object();
    out.field("n", static_cast<std::uint64_t>(i + 1));
    out.field("kind", to_word(contact.kind));
    out.field("shown", contact.value);
    out.field("verified", proved);
    out.field("counts", proved || !config->verify_contacts);
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

/// Without a code in the body one is sent; with it the contact is proved.
Task<WebResponse> Api::Parts::verify_contact(WebRequest request, Viewer viewer,
                                             std::vector<std::string> taken) {
  const auto body = parse_json(request.body.empty() ? "{}" : request.body);
  RotaCommand command;
  command.what = body && !string_at(*body, "code").empty() ? "contact_prove" : "contact_code";
  command.args.emplace("n", taken.front());
  co_return co_await rota(std::move(command), std::move(viewer), std::move(request), 200);
}

Task<WebResponse> Api::Parts::explain(WebRequest request, Viewer, std::vector<std::string>) {
  const auto body = parse_json(request.body);
  if (!body || !body->IsObject()) co_return refuse(400, "bad_body", "The body is a JSON object.");
  Instant at = clock.now();
  if (const std::string_view given = string_at(*body, "at"); !given.empty()) {
    const auto parsed = parse_rfc3339(given);
    if (!parsed) co_return refuse(400, "at", "at must be an RFC 3339 time.", "at");
    at = *parsed;
  }
  Post post;
  post.id = "explain";
  post.text = clean_utf8(string_at(*body, "text"));
  post.source = string_at(*body, "source");
  post.author.id = post.author.handle = string_at(*body, "author");
  post.channel = from_word<Channel>(string_at(*body, "channel")).value_or(Channel::post);
  post.is_public = post.channel != Channel::email;
  post.addressed = strings_at(*body, "addressed");
  if (post.text.empty()) co_return refuse(400, "text", "The text is missing.", "text");
  co_return json(200, co_await backend.explain(std::move(post), at));
}

}  // namespace earshot
