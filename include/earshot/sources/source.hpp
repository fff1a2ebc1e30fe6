#pragma once

/// What a place posts come from promises (the contract suite in tests/contract checks it), and what
/// it is given.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

class Clock;
class Dice;
class HttpClient;
class MailConnector;
class PoisonGuard;
class Reader;

/// What one poll returned. It is committed as a whole: `next` moves only together with the posts it
/// passed.
struct Batch {
  std::string source;
  std::string next;  ///< The source's state after this poll (JSON, opaque to everybody else):
                     ///< cursor, validators, seen-set.
  std::vector<Post> posts;   ///< New or changed; may repeat known ones (overlap): the store knows.
  std::vector<BadItem> bad;  ///< To quarantine.
  std::vector<std::string> warnings;
  std::vector<std::string> deleted;  ///< Native ids the source says are gone.
  bool baseline =
      false;  ///< First poll with `start: now`: posts are only marked seen, nothing is decided.
  bool more = false;     ///< More is waiting: poll again at once.
  std::string gap;       ///< Not empty: a stretch may be missing; one sentence for people (P3).
  bool follows = false;  ///< A conversation of an open case: kept whatever its posts name.
  bool aside = false;    ///< Not from a poll: the source's state stays as it is.
  std::optional<Duration> not_before{};  ///< The source asked us not to come back earlier (ttl,
                                         ///< skipHours, Cache-Control).
};

/// What stands around one post now.
struct Conversation {
  std::vector<Post> posts;  ///< the post itself and what answers it, as far as the place tells
  bool gone = false;        ///< the post was taken back
};

class Source {
 public:
  virtual ~Source() = default;
  /// Reads what is new since `state` (what Batch::next said last; "" the first time). Same state,
  /// same answer, same items. Overload (429, 5xx, time-out) is a transient Error with retry_after
  /// where told; refusal (401, 403, 410 …) a permanent one. Keeps nothing in memory that a restart
  /// may not lose.
  virtual Task<Result<Batch>> poll(std::string state) = 0;
  /// Reads its secret files again; called after a refusal and on reload.
  virtual Result<void> reread_secrets() { return {}; }
  /// Waits until the place says by itself that something is new (IMAP IDLE, a growing file), at
  /// most `limit`. Plain sources wait.
  virtual Task<> wait(Duration limit) = 0;
  /// Reads the conversation around a post again. Errors as for poll; a permanent one where the
  /// place has no conversations.
  virtual Task<Result<Conversation>> conversation(std::string native_id) {
    co_return permanent("this source has no conversations: " + native_id);
  }
  /// Reads an item as it was set aside (BadItem::raw): an operator wants it tried again.
  virtual Task<Result<Parsed>> reread(std::string raw) {
    co_return permanent("an item of this source cannot be read again by itself: " +
                        std::to_string(raw.size()) + " bytes");
  }
};

/// What the shell lends to a source for its whole life.
struct SourceTools {
  Clock& clock;
  Dice& dice;
  HttpClient& http;
  MailConnector& mail;
  std::string config_dir;        ///< secret files are found relative to it
  PoisonGuard* guard = nullptr;  ///< nullptr: nothing is marked
  Executor workers{};            ///< where big answers are read; none: where they came
  Reader* reader = nullptr;      ///< the process that reads them; nullptr: read in this one
};

}  // namespace earshot
