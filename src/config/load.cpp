#include "earshot/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "earshot/core/masked.hpp"
#include "earshot/core/utf8.hpp"
#include "excerpt.hpp"
#include "files.hpp"
#include "sections.hpp"
#include "templates.hpp"

namespace earshot {
namespace config {
namespace {

constexpr std::size_t kMostShown = 200;
constexpr std::size_t kMostFiles = 256;

/// Joins a section of a further file to what there is: lists grow, maps take further keys.
void merge(Context& context, Entry&& from, Node& into) {
  for (Entry& entry : into.entries) {
    if (entry.key != from.key) continue;
    const bool lists = entry.value.kind == Node::Kind::list && from.value.kind == Node::Kind::list;
    const bool maps = entry.value.kind == Node::Kind::map && from.value.kind == Node::Kind::map &&
                      from.key != "route";
    if (lists) {
      for (Node& item : from.value.items) entry.value.items.push_back(std::move(item));
    } else if (maps) {
      for (Entry& inner : from.value.entries) {
        const auto same = std::find_if(entry.value.entries.begin(), entry.value.entries.end(),
                                       [&](const Entry& known) { return known.key == inner.key; });
        if (same == entry.value.entries.end()) {
          entry.value.entries.push_back(std::move(inner));
        } else {
          context.error(inner.mark, fmt::format("{}.{}", from.key, inner.key),
                        "is set in an earlier file already",
                        fmt::format("there on line {}: remove one", same->mark.line + 1));
        }
      }
    } else if (entry.value.kind != Node::Kind::broken && from.value.kind != Node::Kind::broken) {
      context.error(from.mark, from.key, "is set in an earlier file already",
                    fmt::format("there on line {}: keep it in one file", entry.mark.line + 1));
    }
    return;
  }
  into.entries.push_back(std::move(from));
}

/// All files as one map.
Node read_trees(Context& context, std::span<const ConfigText> texts) {
  Node root;
  root.kind = Node::Kind::map;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Tree tree = parse_tree(texts[i].bytes, i);
    for (FormMistake& mistake : tree.mistakes)
      context.error(mistake.mark, "", std::move(mistake.problem), std::move(mistake.hint));
    context.partial = context.partial || !tree.complete;
    if (tree.root.kind == Node::Kind::map) {
      for (Entry& entry : tree.root.entries) merge(context, std::move(entry), root);
    } else if (tree.mistakes.empty() &&
               (tree.root.kind != Node::Kind::empty || texts.size() == 1)) {
      context.error(
          tree.root.mark, "",
          tree.root.kind == Node::Kind::empty ? "the file is empty" : "the file holds no sections",
          "write sections such as `company:`, `sources:`, `route:`");
    }
  }
  return root;
}

void read_paths(Section& root, Config& out) {
  root.read_file("model", out.model);
  root.read_file("lexicon", out.lexicon);
}

/// Mail is told by somebody: without a server it would not be sent.
void check_mail(Context& context, const Node& root, const Config& out) {
  if (!out.mail.url.empty() || context.partial) return;
  for (const Entry& entry : root.entries) {
    if (entry.key == "mail") return;  // its own mistakes have been told
  }
  for (const Entry& entry : root.entries) {
    const bool people = entry.key == "people" &&
                        std::any_of(out.people.begin(), out.people.end(), [](const Person& person) {
                          return find_contact(person, "mail") != nullptr;
                        });
    const bool receivers =
        entry.key == "receivers" &&
        std::any_of(out.receivers.begin(), out.receivers.end(),
                    [](const ReceiverConfig& receiver) { return receiver.type == "email"; });
    if (!people && !receivers) continue;
    context.warning(entry.mark, entry.key, "mail cannot be sent: there is no `mail:` section",
                    "write mail: {url: \"smtps://mail.example:465\", from: earshot@…}");
    return;
  }
}

/// Numbers are reached through a receiver that sends text messages or calls.
void check_numbers(Context& context, const Node& root, const Config& out) {
  if (context.partial || !context.is_complete(NameKind::receiver)) return;
  for (const auto& [way, type] : {std::pair{"sms", "sms"}, std::pair{"call", "voice"}}) {
    const bool wanted = std::ranges::any_of(out.people, [way = way](const Person& person) {
      return find_contact(person, way) != nullptr;
    });
    const bool there = std::ranges::any_of(
        out.receivers,
        [type = type](const ReceiverConfig& receiver) { return receiver.type == type; });
    if (!wanted || there) continue;
    for (const Entry& entry : root.entries) {
      if (entry.key == "people")
        context.warning(
            entry.mark, entry.key,
            fmt::format("nobody is reached by {}: no receiver has the type {}", way, type),
            "declare one under `receivers:`");
    }
  }
}

Config read_config(Context& context, const Node& node) {
  Config out;
  declare_names(context, node);
  Section root{context, node, ""};
  const auto with = [&](std::string_view key, const auto& read) {
    if (const Node* section = root.find(key)) read(*section);
  };
  root.read_enum("mode", out.mode);
  with("network", [&](const Node& n) {
    out.network = network_of(context, n, "network").value_or(NetworkPolicy{});
  });
  with("company", [&](const Node& n) { read_company(context, n, out.watch.company); });
  with("principals", [&](const Node& n) { read_principals(context, n, out.watch.principals); });
  with("sources", [&](const Node& n) { read_sources(context, n, out.network, out.sources); });
  with("triage", [&](const Node& n) { read_triage(context, n, out.triage); });
  with("storms", [&](const Node& n) { read_storms(context, n, out.storms); });
  with("people", [&](const Node& n) { read_people(context, n, out.people, out.skills); });
  with("teams", [&](const Node& n) { read_teams(context, n, out.teams, out.assign); });
  with("holidays", [&](const Node& n) { read_holidays(context, n, out.holidays); });
  with("calendars",
       [&](const Node& n) { read_business_calendars(context, n, out.holidays, out.calendars); });
  with("time_intervals",
       [&](const Node& n) { read_time_intervals(context, n, out.time_intervals); });
  with("inhibit_rules", [&](const Node& n) { read_inhibit_rules(context, n, out.inhibit_rules); });
  with("contacts", [&](const Node& n) { read_contacts(context, n, out.verify_contacts); });
  with("schedules",
       [&](const Node& n) { read_schedules(context, n, out.holidays, out.schedules); });
  join_absences(context, root.find("people"), out);
  with("escalations", [&](const Node& n) { read_escalations(context, n, out.escalations); });
  with("route", [&](const Node& n) { read_route(context, n, out.route); });
  with("receivers", [&](const Node& n) { read_receivers(context, n, out.network, out.receivers); });
  with("follow_through",
       [&](const Node& n) { read_follow_through(context, n, out.calendars, out.follow_through); });
  with("acknowledge", [&](const Node& n) { read_acknowledge(context, n, out.acknowledge); });
  with("runbooks", [&](const Node& n) { read_runbooks(context, n, out.runbooks); });
  with("root_causes",
       [&](const Node& n) { read_root_causes(context, n, out.follow_through.root_causes); });
  with("retention", [&](const Node& n) { read_retention(context, n, out.retention); });
  with("privacy", [&](const Node& n) { read_privacy(context, n, out.privacy); });
  with("letters", [&](const Node& n) { read_letters(context, n, out.letters); });
  with("digest", [&](const Node& n) { read_digest(context, n, out.digest); });
  for (const Person& it : out.people) {
    if (!it.authority.empty()) out.follow_through.authority[it.id] = it.authority;
  }
  with("questions", [&](const Node& n) { read_questions(context, n, out, out.questions); });
  with("mail", [&](const Node& n) { read_mail(context, n, out.mail); });
  with("replies", [&](const Node& n) { read_replies(context, n, out, out.replies); });
  with("heartbeat", [&](const Node& n) { read_heartbeat(context, n, out.heartbeat); });
  with("store", [&](const Node& n) { read_store(context, n, out.store); });
  with("classifier",
       [&](const Node& n) { read_classifier(context, n, out.network, out.second_opinion); });
  with("web", [&](const Node& n) { read_web(context, n, out.web); });
  with("log", [&](const Node& n) { read_log(context, n, out.log); });
  read_paths(root, out);
  std::vector<std::string> last_resort;
  read_targets(root, "last_resort", last_resort);
  for (EscalationPolicy& it : out.escalations) {
    if (it.last_resort.empty()) it.last_resort = last_resort;
  }
  root.done();
  check_mail(context, node, out);
  check_numbers(context, node, out);
  return out;
}

std::string_view line_of(const std::vector<std::string_view>& lines, std::size_t line) {
  return line < lines.size() ? lines[line] : std::string_view{};
}

std::vector<std::string_view> split_lines(std::string_view bytes) {
  std::vector<std::string_view> lines;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    lines.push_back(bytes.substr(0, end));
    const bool both = bytes.substr(end).starts_with("\r\n");
    bytes.remove_prefix(std::min(bytes.size(), end + (both ? 2U : 1U)));
  }
  return lines;
}

std::vector<Diagnostic> diagnostics_of(Context& context, std::span<const ConfigText> texts) {
  std::stable_sort(context.mistakes.begin(), context.mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.mark < b.mark; });
  std::vector<std::vector<std::string_view>> lines(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].bytes.size() <= kMaxBytes) lines[i] = split_lines(texts[i].bytes);
  }
  std::vector<Diagnostic> out;
  for (const Mistake& mistake : context.mistakes) {
    const bool fatal = mistake.level == Diagnostic::Level::error;
    if (out.size() >= kMostShown) {
      out.push_back(
          {.file = texts[mistake.mark.file].name,
           .problem = fmt::format("and {} more mistakes", context.mistakes.size() - out.size())});
      break;
    }
    Excerpt excerpt =
        excerpt_of(line_of(lines[mistake.mark.file], mistake.mark.line), mistake.mark.column);
    out.push_back({fatal ? Diagnostic::Level::error : Diagnostic::Level::warning,
                   texts[mistake.mark.file].name, mistake.mark.line + 1, mistake.mark.column + 1,
                   mistake.path, mask_random(mistake.problem), mask_random(mistake.hint),
                   std::move(excerpt.text), excerpt.caret});
  }
  return out;
}

Diagnostic place_of(const Mark& mark, const std::string& path, std::span<const ConfigText> texts,
                    const std::vector<std::vector<std::string_view>>& lines) {
  Excerpt excerpt = excerpt_of(line_of(lines[mark.file], mark.line), mark.column);
  return {Diagnostic::Level::warning,
          texts[mark.file].name,
          mark.line + 1,
          mark.column + 1,
          path,
          "",
          "",
          std::move(excerpt.text),
          excerpt.caret};
}

/// The places of a route node and of those below it.
void place_routes(const Node& node, const Mark& mark, const std::string& path,
                  std::span<const ConfigText> texts,
                  const std::vector<std::vector<std::string_view>>& lines,
                  std::map<std::string, Diagnostic>& out) {
  out.emplace(path, place_of(mark, path, texts, lines));
  for (const Entry& entry : node.entries) {
    if (entry.key != "routes") continue;
    for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
      const Node& item = entry.value.items[i];
      place_routes(item, item.mark, item_path(path + ".routes", i), texts, lines, out);
    }
  }
}

std::map<std::string, Diagnostic> places_of(const Node& root, std::span<const ConfigText> texts) {
  std::vector<std::vector<std::string_view>> lines;
  for (const ConfigText& text : texts) lines.push_back(split_lines(text.bytes));
  std::map<std::string, Diagnostic> out;
  for (const Entry& entry : root.entries) {
    if (entry.key == "route") place_routes(entry.value, entry.mark, "route", texts, lines, out);
    const bool told_of = entry.key == "schedules" || entry.key == "escalations" ||
                         entry.key == "people" || entry.key == "receivers" ||
                         entry.key == "inhibit_rules";
    if (!told_of) continue;
    for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
      const std::string path = item_path(entry.key, i);
      out.emplace(path, place_of(entry.value.items[i].mark, path, texts, lines));
    }
  }
  return out;
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::optional<std::string> read_bytes(const std::string& path, std::string& why) {
  const std::unique_ptr<std::FILE, Closer> file{std::fopen(path.c_str(), "rb")};
  if (!file) {
    why = std::strerror(errno);
    return std::nullopt;
  }
  std::string bytes;
  std::array<char, 65'536> block{};
  std::size_t got = 0;
  while (bytes.size() <= kMaxBytes &&
         (got = std::fread(block.data(), 1, block.size(), file.get())) > 0)
    bytes.append(block.data(), got);
  if (std::ferror(file.get()) == 0) return bytes;
  why = std::strerror(errno);
  return std::nullopt;
}

/// The files a path stands for.
std::vector<std::string> files_of(const std::string& path, std::vector<Diagnostic>& bad) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) return {path};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it{path, failed}, end; !failed && it != end;
       it.increment(failed)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml")))
      files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  if (failed) bad.push_back({.file = path, .problem = failed.message()});
  if (!failed && files.empty())
    bad.push_back({.file = path, .problem = "the folder holds no *.yaml file"});
  if (files.size() > kMostFiles) {
    bad.push_back(
        {.file = path, .problem = fmt::format("the folder holds more than {} files", kMostFiles)});
    files.clear();
  }
  return files;
}

std::string directory_of(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return path;
  const std::string parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace
}  // namespace config

Loaded parse_config(std::span<const ConfigText> texts, const std::string& directory,
                    const LoadOptions& options) {
  config::Context context{options};
  const config::Node root = config::read_trees(context, texts);
  Config read = config::read_config(context, root);
  read.directory = directory;
  for (std::string* path : {&read.model, &read.lexicon}) {
    if (!path->empty() && !path->starts_with('/')) *path = directory + "/" + *path;
  }
  config::read_calendars(context, directory, read);
  std::vector<Diagnostic> in_templates;
  if (options.secrets) {
    config::check_files(context, directory);
    config::load_templates(read.receivers, directory, in_templates);
  }
  const bool wrong = std::any_of(
      context.mistakes.begin(), context.mistakes.end(),
      [](const config::Mistake& mistake) { return mistake.level == Diagnostic::Level::error; });
  Loaded out;
  out.diagnostics = config::diagnostics_of(context, texts);
  const bool broken = !in_templates.empty();
  std::ranges::move(in_templates, std::back_inserter(out.diagnostics));
  if (wrong || broken || texts.empty()) return out;
  out.config = std::move(read);
  out.places = config::places_of(root, texts);
  return out;
}

Loaded load_config(std::span<const std::string> paths, const LoadOptions& options) {
  std::vector<Diagnostic> unreadable;
  std::vector<ConfigText> texts;
  for (const std::string& path : paths) {
    for (const std::string& file : config::files_of(path, unreadable)) {
      std::string why;
      if (auto bytes = config::read_bytes(file, why)) {
        texts.push_back({file, std::move(*bytes)});
      } else {
        unreadable.push_back({.file = file, .problem = fmt::format("cannot be read: {}", why)});
      }
    }
  }
  // What one file does not say another, unreadable one might: nothing is looked at before all can
  // be read.
  if (!unreadable.empty() || paths.empty()) return {std::nullopt, std::move(unreadable), {}};
  return parse_config(texts, config::directory_of(paths.front()), options);
}

}  // namespace earshot
