#pragma once

/// What the readers of sections share: where mistakes go, which names exist, and Section, a map
/// being read key by key. One mistake makes one diagnostic: nodes that were complained of are
/// skipped by whoever meets them next. Pure.

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/config/load.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"
#include "tree.hpp"

namespace earshot {

/// What a name can stand for.
EARSHOT_ENUM(NameKind, receiver, person, schedule, escalation, team, principal, source, calendar,
             time_interval);

}  // namespace earshot

namespace earshot::config {

struct Mistake {
  Diagnostic::Level level = Diagnostic::Level::error;
  Mark mark{};
  std::string path;
  std::string problem;
  std::string hint;
};

/// A file that the configuration names.
struct NamedFile {
  std::string file;
  std::string path;
  Mark mark{};
  bool secret = false;
};

/// A calendar that a layer imports.
struct NamedCalendar {
  std::string file;
  std::string path;
  Mark mark{};
  std::size_t schedule = 0;
  std::size_t layer = 0;
  std::map<std::string, std::string> who;  ///< as the calendar names people -> id
};

class Context {
 public:
  explicit Context(const LoadOptions& load_options) : options(load_options) {}

  void error(const Mark& mark, std::string path, std::string problem, std::string hint = {});
  void warning(const Mark& mark, std::string path, std::string problem, std::string hint = {});
  /// Something the design has and this release has not.
  void planned(const Mark& mark, std::string path, std::string problem, std::string hint = {});

  /// Makes a name known; a second one of the same kind is a mistake.
  void declare(NameKind kind, const std::string& name, const Mark& mark, const std::string& path);
  /// Not all names of this kind could be read: nobody shall be told that one of them is missing.
  void incomplete(NameKind kind) { incomplete_.insert(kind); }
  void incomplete();
  /// Complains where no such name exists. Names are declared before any section refers to one.
  void refer(NameKind kind, const std::string& name, const Mark& mark, const std::string& path);
  bool is_known(NameKind kind, const std::string& name) const;
  bool is_complete(NameKind kind) const { return !incomplete_.contains(kind); }
  bool any(NameKind kind) const;

  /// So many mistakes that hints are no longer worth their time.
  bool full() const { return mistakes.size() >= kEnough; }

  static constexpr std::size_t kEnough = 500;
  const LoadOptions& options;
  bool partial = false;  ///< a file ends in a syntax error: what is missing may stand behind it
  std::vector<Mistake> mistakes;
  std::vector<NamedFile> files;
  std::vector<NamedCalendar> calendars;

 private:
  std::map<NameKind, std::map<std::string, Mark>> names_;
  std::set<NameKind> incomplete_;
};

/// "text" in quotes, cut and safe to print.
std::string in_quotes(std::string_view text);
/// `did you mean "x"?`, or "" where nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);
/// "a, b or c".
std::string any_of(std::span<const std::string> words);
template <class E>
std::vector<std::string> words_of() {
  return {kWordsOf<E>.begin(), kWordsOf<E>.end()};
}
/// What a node is, in words: "a list", "a text".
std::string_view kind_word(const Node& node);

/// The text of a scalar; complains of anything else and of empty values. `want` is what should
/// stand there, with its article.
std::optional<std::string> text_of(Context& context, const Node& node, const std::string& path,
                                   std::string_view want = "a text");
std::optional<Duration> duration_of(Context& context, const Node& node, const std::string& path);
std::optional<bool> flag_of(Context& context, const Node& node, const std::string& path);
std::optional<std::int64_t> number_of(Context& context, const Node& node, const std::string& path);
std::optional<double> decimal_of(Context& context, const Node& node, const std::string& path);
/// A share: `20%` or `0.2`.
std::optional<double> share_of(Context& context, const Node& node, const std::string& path);
/// A BCP 47 tag.
std::optional<std::string> language_of(Context& context, const Node& node, const std::string& path);
/// Items of a list; complains of anything that is no list. Null: none.
const std::vector<Node>* items_of(Context& context, const Node& node, const std::string& path);
std::string item_path(const std::string& path, std::size_t index);
/// An IANA time zone that this machine knows.
std::optional<std::string> zone_of(Context& context, const Node& node, const std::string& path);
std::optional<NetworkPolicy> network_of(Context& context, const Node& node,
                                        const std::string& path);

struct Span {
  Duration least = seconds{1};
  Duration most = std::chrono::hours{24 * 365};
};

/// A map being read. Every key that is asked for is known; done() complains of the others.
class Section {
 public:
  /// Complains where the node is no map; then ok() is false and nothing is found in it.
  Section(Context& context, const Node& node, std::string path);

  bool ok() const { return node_.kind == Node::Kind::map; }
  Context& context() { return context_; }
  const Node& node() const { return node_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;

  /// The value of a key, null where absent or already complained of. Complains of empty values.
  const Node* find(std::string_view key);
  /// The same, and done() complains where it is absent; `why` says what it is for.
  const Node* need(std::string_view key, std::string why = {});
  /// True where the key stands there, whatever its value.
  bool has(std::string_view key) const;
  /// Makes keys known without reading them.
  void known(std::initializer_list<std::string_view> keys);
  /// All that stand there: what they should be is not known.
  void known_all();

  /// Each sets `out` and returns true where the key is there and right.
  bool read(std::string_view key, std::string& out);
  bool read(std::string_view key, bool& out);
  bool read(std::string_view key, int& out, int least, int most);
  bool read(std::string_view key, Duration& out, Span span = {});
  /// A list of texts.
  bool read(std::string_view key, std::vector<std::string>& out);
  bool read_name(std::string_view key, std::string& out, NameKind refers_to);
  bool read_names(std::string_view key, std::vector<std::string>& out, NameKind refers_to);
  /// One of these words.
  bool read_word(std::string_view key, std::string& out, std::span<const std::string> words);
  template <class E>
  bool read_enum(std::string_view key, E& out) {
    std::string word;
    if (!read_word(key, word, words_of<E>())) return false;
    out = *from_word<E>(word);
    return true;
  }
  /// The name of a file that holds a secret. `key` ends in "_file"; the same key without it, with
  /// the secret itself in the configuration, is complained of.
  bool read_secret_file(std::string_view key, std::string& out);
  /// The same for a key whose bare form has a meaning of its own (url_file beside url).
  bool read_file_as_secret(std::string_view key, std::string& out);
  /// The name of any other file or folder.
  bool read_file(std::string_view key, std::string& out);
  /// Calls `each` for every item of a list.
  void each(std::string_view key,
            const std::function<void(const Node&, const std::string& path)>& each);
  /// `network: {allow, insecure_http}`, or these two keys on the target itself.
  void read_network(NetworkPolicy& out);

  void error(const Mark& mark, std::string_view key, std::string problem, std::string hint = {});
  void warning(const Mark& mark, std::string_view key, std::string problem, std::string hint = {});

  /// Complains of unknown and of missing keys. `elsewhere` may say why a key that exists for others
  /// does not belong here.
  void done(const std::function<std::string(const std::string&)>& elsewhere = {});

 private:
  struct Needed {
    std::string key;
    std::string why;
  };
  Context& context_;
  const Node& node_;
  std::string path_;
  std::vector<std::string> known_;
  std::vector<Needed> needed_;
  std::set<std::string, std::less<>> empty_;
};

}  // namespace earshot::config
