#include "tree.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "earshot/core/utf8.hpp"

namespace earshot::config {
namespace {

Mark mark_of(const yaml_mark_t& mark, std::size_t file) {
  return {file, mark.line, mark.column};
}

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

/// Line and column, in characters, of a byte.
Mark place_of(std::string_view bytes, std::size_t offset, std::size_t file) {
  Mark mark{file, 0, 0};
  for (std::size_t i = 0; i < offset && i < bytes.size();) {
    if (bytes[i] == '\n') {
      ++mark.line;
      mark.column = 0;
      ++i;
    } else {
      ++mark.column;
      i += decode_utf8(bytes, i).length;
    }
  }
  return mark;
}

/// The first byte that no configuration may hold: bad UTF-8 or a control character.
std::optional<FormMistake> bad_bytes(std::string_view bytes, std::size_t file) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return FormMistake{{file, 0, 0}, "the file is UTF-16", "save it as UTF-8"};
  }
  for (std::size_t i = 0; i < bytes.size();) {
    const CodePoint point = decode_utf8(bytes, i);
    if (!point.ok) {
      return FormMistake{
          place_of(bytes, i, file),
          fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(bytes[i])),
          "save the file as UTF-8"};
    }
    const char32_t c = point.value;
    const bool control =
        (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0 && c != 0x85);
    if (control || c == 0xFFFE || c == 0xFFFF || (c == 0xFEFF && i > 0)) {
      return FormMistake{place_of(bytes, i, file),
                         fmt::format("the character U+{:04X} may not stand in a configuration",
                                     static_cast<unsigned>(c)),
                         "remove it"};
    }
    i += point.length;
  }
  return std::nullopt;
}

/// Says in an operator's words what libyaml says in a scanner's.
FormMistake parser_mistake(const yaml_parser_t& parser, std::string_view bytes, std::size_t file) {
  const std::string_view problem = parser.problem == nullptr ? "" : parser.problem;
  const std::string_view context = parser.context == nullptr ? "" : parser.context;
  const Mark at = mark_of(parser.problem_mark, file);
  const Mark begin = mark_of(parser.context_mark, file);
  if (parser.error == YAML_READER_ERROR)
    return {place_of(bytes, parser.problem_offset, file), std::string{problem}, ""};
  if (context.find("quoted scalar") != std::string_view::npos) {
    if (problem.find("end of stream") != std::string_view::npos ||
        problem.find("document indicator") != std::string_view::npos) {
      return {begin, "this quote is never closed", "every \" and ' needs its partner"};
    }
    if (problem.find("escape") != std::string_view::npos) {
      return {at, std::string{problem}, "inside \"…\" a backslash is written \\\\, or use '…'"};
    }
  }
  if (problem.find("cannot start any token") != std::string_view::npos) {
    const std::size_t offset = parser.problem_mark.index;
    const char c = offset < bytes.size() ? bytes[offset] : '\0';
    if (c == '\t') return {at, "a tab cannot indent YAML", "use blanks"};
    return {at, fmt::format("a text cannot begin with \"{}\"", printable(std::string_view{&c, 1})),
            "put the text in quotes"};
  }
  if (problem.find("mapping values are not allowed") != std::string_view::npos) {
    return {at, "a second \":\" on this line",
            "put a text that holds \": \" in quotes; else check the indentation, and that the line "
            "above has its \":\""};
  }
  if (problem.find("could not find expected ':'") != std::string_view::npos) {
    return {begin, "a key without \":\"",
            "write `key: value`, and check the indentation of this line and the next"};
  }
  if (context.find("flow sequence") != std::string_view::npos) {
    return {begin, R"(this "[" has no matching "]")",
            R"(separate items by "," and close the list with "]")"};
  }
  if (context.find("flow mapping") != std::string_view::npos) {
    return {begin, R"(this "{" has no matching "}")",
            R"(separate entries by "," and close them with "}")"};
  }
  if (problem.find("did not find expected key") != std::string_view::npos ||
      problem.find("did not find expected '-'") != std::string_view::npos) {
    return {at, "this line fits neither the block above it nor a new one", "check its indentation"};
  }
  return {at, context.empty() ? std::string{problem} : fmt::format("{} {}", problem, context), ""};
}

struct Parser {
  yaml_parser_t raw{};
  Parser() { yaml_parser_initialize(&raw); }
  ~Parser() { yaml_parser_delete(&raw); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
};

struct Event {
  yaml_event_t raw{};
  Event() = default;
  ~Event() { yaml_event_delete(&raw); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
};

/// A list or map that is still being filled.
struct Open {
  Node node;
  std::string key;  ///< of a map: the key whose value comes next
  Mark key_mark{};
  bool has_key = false;
  bool flow = false;        ///< written with brackets or braces
  bool drop_value = false;  ///< the key is a mistake: its value is not looked at
  std::unordered_map<std::string, std::size_t> lines;  ///< of a map: where each key stood
};

class Builder {
 public:
  Builder(std::size_t file, Tree& tree) : file_(file), tree_(tree) {}

  /// False where building has to end.
  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (++documents_ > 1) {
          mistake(event.start_mark, "a second document begins",
                  "one document a file: remove the `---`, or use a folder of files");
          return false;
        }
        return true;
      case YAML_ALIAS_EVENT:
        anchors(event.start_mark);
        return put(
            {.kind = Node::Kind::broken, .mark = mark_of(event.start_mark, file_), .entries = {}});
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(Node::Kind::list, event.start_mark, event.data.sequence_start.anchor,
                    event.data.sequence_start.tag,
                    event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
      case YAML_MAPPING_START_EVENT:
        return open(Node::Kind::map, event.start_mark, event.data.mapping_start.anchor,
                    event.data.mapping_start.tag,
                    event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return true;
    }
  }

  /// Closes whatever is open, so that what was read can still be looked at. What is only half there
  /// is broken: the innermost, and everything in brackets; after a limit, everything but the root.
  void abandon(bool limit) {
    tree_.complete = false;
    for (std::size_t i = 1; i < open_.size(); ++i) {
      if (limit || open_[i].flow || i + 1 == open_.size()) open_[i].node.kind = Node::Kind::broken;
    }
    while (!open_.empty()) close();
  }

  /// Where the innermost bracket or brace that is still open stands.
  std::optional<Mark> open_bracket() const {
    if (open_.empty() || !open_.back().flow) return std::nullopt;
    return open_.back().node.mark;
  }

 private:
  void mistake(const yaml_mark_t& mark, std::string problem, std::string hint) {
    tree_.mistakes.push_back({mark_of(mark, file_), std::move(problem), std::move(hint)});
  }

  /// Said once a file: whoever uses them uses them everywhere.
  void anchors(const yaml_mark_t& mark) {
    if (!anchors_)
      mistake(mark, "anchors (&) and aliases (*) are not supported",
              "write the value out; a text that begins with & or * needs quotes");
    anchors_ = true;
  }

  /// Anchors and tags turn the node into a broken one.
  bool plain(const yaml_mark_t& mark, const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) anchors(mark);
    if (tag != nullptr) {
      mistake(mark, fmt::format("the tag {} is not supported", printable(cut_utf8(view(tag), 40))),
              "write the value alone; a text that begins with ! needs quotes");
    }
    return anchor == nullptr && tag == nullptr;
  }

  bool scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    Node node{.kind = Node::Kind::text, .mark = mark_of(event.start_mark, file_), .entries = {}};
    node.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    node.quoted = data.style != YAML_PLAIN_SCALAR_STYLE;
    if (!node.quoted && (node.text.empty() || node.text == "~" || node.text == "null"))
      node.kind = Node::Kind::empty;
    if (!plain(event.start_mark, data.anchor, data.tag)) node.kind = Node::Kind::broken;
    if (!open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key)
      return key(std::move(node), event.start_mark);
    return put(std::move(node));
  }

  bool key(Node node, const yaml_mark_t& mark) {
    Open& map = open_.back();
    map.has_key = true;
    map.key = node.text;
    map.key_mark = node.mark;
    map.drop_value = node.kind == Node::Kind::broken;
    if (map.drop_value) return true;
    const auto [it, fresh] = map.lines.try_emplace(map.key, node.mark.line + 1);
    if (fresh) return true;
    map.drop_value = true;
    mistake(mark, fmt::format("\"{}\" is given twice", printable(cut_utf8(map.key, 60))),
            fmt::format("it stands on line {} already: remove one", it->second));
    return true;
  }

  bool open(Node::Kind kind, const yaml_mark_t& mark, const yaml_char_t* anchor,
            const yaml_char_t* tag, bool flow) {
    if (open_.size() >= static_cast<std::size_t>(kMaxDepth)) {
      mistake(mark, fmt::format("nested deeper than {} levels", kMaxDepth), "check the brackets");
      return false;
    }
    const bool is_key =
        !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key;
    if (is_key) {
      mistake(mark, "a key must be a plain text",
              "write `key: value`; a text that begins with [ or { needs quotes");
      open_.back().has_key = true;
      open_.back().key_mark = mark_of(mark, file_);
      open_.back().drop_value = true;
    }
    Open fresh;
    fresh.node.mark = mark_of(mark, file_);
    fresh.node.kind = kind;
    fresh.flow = flow;
    is_key_.push_back(is_key);
    plain(mark, anchor, tag);
    open_.push_back(std::move(fresh));
    return count();
  }

  bool close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    const bool was_key = is_key_.back();
    is_key_.pop_back();
    if (was_key) return true;
    return put(std::move(node));
  }

  bool put(Node node) {
    if (!count()) return false;
    if (open_.empty()) {
      tree_.root = std::move(node);
      return true;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
      return true;
    }
    if (!parent
             .has_key) {  // an alias where a key is wanted: reported already, its value is dropped
      parent.has_key = true;
      parent.drop_value = true;
      return true;
    }
    parent.has_key = false;
    if (parent.drop_value) return true;
    if (parent.node.entries.size() >= kMaxKeys) {
      tree_.mistakes.push_back({node.mark, fmt::format("a map with more than {} keys", kMaxKeys),
                                "check what wrote it"});
      return false;
    }
    parent.node.entries.push_back({std::move(parent.key), parent.key_mark, std::move(node)});
    return true;
  }

  bool count() {
    if (++nodes_ <= kMaxNodes) return true;
    tree_.mistakes.push_back({{file_, 0, 0},
                              fmt::format("the file holds more than {} values", kMaxNodes),
                              "split it, or check what wrote it"});
    return false;
  }

  std::size_t file_;
  Tree& tree_;
  std::vector<Open> open_;
  std::vector<bool> is_key_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
  bool anchors_ = false;
};

}  // namespace

Tree parse_tree(std::string_view bytes, std::size_t file) {
  Tree tree;
  tree.root.mark.file = file;
  const auto refuse = [&](FormMistake mistake) {
    tree.mistakes.push_back(std::move(mistake));
    tree.complete = false;
    return std::move(tree);
  };
  if (bytes.size() > kMaxBytes)
    return refuse({{file, 0, 0}, "the file is larger than 1 MiB", "is this the configuration?"});
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (auto bad = bad_bytes(bytes, file)) return refuse(std::move(*bad));

  Parser parser;
  yaml_parser_set_encoding(&parser.raw, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser.raw, reinterpret_cast<const unsigned char*>(bytes.data()),
                               bytes.size());
  Builder builder{file, tree};
  for (;;) {
    Event event;
    if (yaml_parser_parse(&parser.raw, &event.raw) == 0) {
      FormMistake mistake = parser_mistake(parser.raw, bytes, file);
      const auto bracket = builder.open_bracket();
      if (bracket && mistake.problem.starts_with("did not find expected node content")) {
        mistake = {*bracket, "this bracket is never closed", "every [ needs its ], every { its }"};
      }
      tree.mistakes.push_back(std::move(mistake));
      builder.abandon(false);
      return tree;
    }
    if (event.raw.type == YAML_STREAM_END_EVENT || event.raw.type == YAML_NO_EVENT) return tree;
    if (!builder.take(event.raw) || tree.mistakes.size() > kMaxMistakes) {
      builder.abandon(true);
      return tree;
    }
  }
}

}  // namespace earshot::config
