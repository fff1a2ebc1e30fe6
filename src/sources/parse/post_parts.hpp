#pragma once

/// What the parsers of social platforms share: cleaning, joining the platform's lists with what the
/// text holds. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/json.hpp"
#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

/// Cleaned UTF-8 of a member; "" where it is missing, null or no string.
std::string clean_at(const JsonValue& object, std::string_view key);
/// An id that may be a string or a whole number.
std::string id_at(const JsonValue& object, std::string_view key);
/// The object or array under `key`, or nullptr.
const JsonValue* object_at(const JsonValue& object, std::string_view key);
const JsonValue* array_at(const JsonValue& object, std::string_view key);

/// Adds a word unless the list has it already, or it is empty.
void add_once(std::vector<std::string>& list, std::string word);
/// Adds a paragraph to a text.
void add_paragraph(std::string& text, std::string_view paragraph);

/// Sets the text (cut at 256 KiB, marked so) and adds the entities of `readable` that the post does
/// not have yet: tags compared without case, "user" is known where "user@host" is. Bare hosts
/// become absolute links.
void finish_text(Post& post, std::string text, std::string_view readable);

/// "&amp;" "&lt;" "&gt;" "&quot;" "&#39;" only: what platforms escape in otherwise plain text.
std::string unescape_markup(std::string_view text);

BadItem bad_item(const JsonValue& item, std::string id, std::string reason);
/// Asks the watch (which may be nullptr); true where the item was put into `bad` unread.
bool set_aside(const JsonValue& item, std::string id, ItemWatch* watch, std::vector<BadItem>& bad);

/// parse_json with an error that tells a web page from broken JSON.
Result<JsonDocument> parse_body(std::string_view body);

}  // namespace earshot
