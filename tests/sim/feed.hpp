#pragma once

/// A place where people write, with the truth about what was written: a Mastodon server's hashtag
/// timeline with paging, items that come late, edits, deletions and items nobody can read.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/runtime/http.hpp"
#include "engine.hpp"

namespace earshot::sim {

enum class Tone { chatter, complaint, hazard };

struct FeedFaults {
  double late = 0;     ///< share of the items that show up behind newer ones
  double edited = 0;   ///< … that are written anew after a while
  double deleted = 0;  ///< … that are taken back
  double broken = 0;   ///< … that cannot be read
};

struct Item {
  std::string id;
  Duration born{0};  ///< from then on the feed shows it
  Instant wall{};
  Tone tone = Tone::chatter;
  std::string author;
  std::string text;
  std::string edited;  ///< the words after an edit; "" = none
  Duration edited_at{0};
  Duration gone_at{0};  ///< 0 = never
  bool broken = false;
  bool late = false;
  mutable std::string json{};       ///< as it is shown …
  mutable bool shows_edit = false;  ///< … before or after the edit
};

class Feed {
 public:
  Feed(Engine& engine, std::string name, Random random, Instant epoch, FeedFaults faults);

  /// Somebody writes now.
  void write();
  HttpResponse answer(const HttpRequest& request);
  const std::string& name() const { return name_; }
  /// By native id; what was shown and what became of it is the checker's to ask.
  const std::map<std::string, Item>& truth() const { return items_; }
  bool shown(const Item& item) const;
  void heal() { faults_ = {}; }

 private:
  std::string words(Tone tone);
  const std::string& json_of(const Item& item) const;
  HttpResponse timeline(const std::string& url);

  Engine& engine_;
  std::string name_;
  Random random_;
  Instant epoch_;
  FeedFaults faults_;
  std::map<std::string, Item> items_;  // ids are as long as each other: in the order of time
  std::uint64_t count_ = 0;
};

}  // namespace earshot::sim
