#pragma once

/// Post: an item of a source, understood. Sources make it, every later room reads it. Text fields
/// are valid UTF-8 without NUL; an absent value is an empty string, an empty list or nullopt.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

EARSHOT_ENUM(Channel, post, email, review);

/// Machine mail: never answered, never a complaint by itself. RFC 3834 and SOURCES 2.4 say how it
/// is recognised. In JSON: null, "auto-reply", "bounce", "list", "bulk" (see automatic_word).
EARSHOT_ENUM(Automatic, none, auto_reply, bounce, list, bulk);
std::string_view automatic_word(Automatic value);

struct Author {
  std::string id;      ///< The platform's stable id (DID, account id, mail address in lower case);
                       ///< never a display name.
  std::string name;    ///< As shown; chosen by the author, so never an identity.
  std::string handle;  ///< Without leading "@"; for a mail the address as written.
  std::optional<std::uint64_t> followers{};
};

/// A file that came with a post: counted and named, never opened.
struct Attachment {
  std::string name;
  std::string type;  ///< media type
  std::uint64_t bytes = 0;
};

struct Post {
  std::string source;  ///< Name of the configured source.
  std::string id;      ///< Native id, unique within the source. P2: (source, id) is stored once.
  std::string url;     ///< Where a person can read it.
  Author author;
  std::string title;  ///< Subject of a mail, title of a feed entry.
  std::string text;   ///< Plain text; of a mail the new words only.
  std::optional<Instant>
      created_at{};  ///< What the source says. Untrusted: may lie in 1970 or 2099.
  std::optional<Instant> updated_at{};
  std::string language;               ///< BCP 47 as the source declares it.
  std::vector<std::string> mentions;  ///< Without "@".
  std::vector<std::string> hashtags;  ///< Without "#".
  std::vector<std::string> cashtags;  ///< Without "$".
  std::vector<std::string> links;     ///< Absolute.
  std::string in_reply_to;   ///< Native id of the parent (mail: Message-ID without angle brackets).
  std::string conversation;  ///< Native id of the thread's root, where the source tells it.
  Automatic automatic = Automatic::none;
  Channel channel = Channel::post;
  bool is_public =
      true;  ///< false: mail, direct messages; never quoted into shared channels by default.
  std::vector<std::string> addressed;  ///< Mail: addresses of To and Cc in lower case.
  std::string quoted;  ///< Mail: quotes and signature, kept for people, never classified.
  std::vector<Attachment> attachments;
  bool truncated = false;  ///< The text was longer than the limit of 256 KiB; the rest was dropped.
  bool deleted = false;    ///< The source says it was taken back.
};

/// The text a person wrote, title first: what classification reads.
std::string words_of(const Post& post);

}  // namespace earshot
