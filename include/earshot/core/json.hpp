#pragma once

/// JSON in and out. Reading stops at its budget (P14); writing keeps the order of calls. Include
/// this instead of RapidJSON itself: the macros below must be the same everywhere.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#define RAPIDJSON_HAS_STDSTRING 1
#define RAPIDJSON_ASSERT(x)                             \
  do {                                                  \
    if (!(x)) throw std::logic_error("rapidjson: " #x); \
  } while (false)
#define RAPIDJSON_NOEXCEPT_ASSERT(x) static_cast<void>(0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclass-memaccess"
#pragma GCC diagnostic ignored "-Wconversion"
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#pragma GCC diagnostic pop

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

using JsonValue = rapidjson::Value;
using JsonDocument = rapidjson::Document;

struct JsonLimits {
  std::size_t bytes = 8U << 20U;
  int depth = 64;
  std::size_t values = 200'000;
};

/// Parses a whole document. Deep or numerous values are refused where the budget ends, and no more
/// memory is taken than it allows; nothing recurses. Errors are permanent and name the offset.
/// Strings may hold invalid UTF-8: clean what you keep.
Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Tolerant look-ups for foreign documents: a missing member or another type gives the empty value,
/// never an exception.
const JsonValue* find(const JsonValue& object, std::string_view key);
std::string_view string_at(const JsonValue& object,
                           std::string_view key);  ///< lives as long as the document
std::optional<std::int64_t> integer_at(const JsonValue& object, std::string_view key);
std::optional<double> number_at(const JsonValue& object, std::string_view key);
bool flag_at(const JsonValue& object, std::string_view key, bool otherwise = false);
std::vector<std::string> strings_at(const JsonValue& object, std::string_view key);

/// Writes one JSON text: `JsonWriter w; w.object(); w.field("id", id); w.end(); w.take()`. Invalid
/// UTF-8 is repaired on the way.
class JsonWriter {
 public:
  JsonWriter() : writer_(buffer_) {}
  void object() { writer_.StartObject(); }
  void end() { writer_.EndObject(); }
  void array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view{text}); }
  void value(const char* text) { value(std::string_view{text}); }
  void value(bool flag) { writer_.Bool(flag); }
  void value(int number) { writer_.Int(number); }
  void value(std::int64_t number) { writer_.Int64(number); }
  void value(std::uint64_t number) { writer_.Uint64(number); }
  /// 15 significant digits: read and written again it is the same text. NaN and infinities: null.
  void value(double number);
  void value(Instant at) { value(std::string_view{to_rfc3339(at)}); }
  void value(const std::vector<std::string>& list);
  void value(const JsonValue& any) { any.Accept(writer_); }
  void null() { writer_.Null(); }
  template <class T>
  void value(const std::optional<T>& maybe) {
    if (maybe)
      value(*maybe);
    else
      null();
  }

  template <class T>
  void field(std::string_view name, const T& v) {
    key(name);
    value(v);
  }
  /// An empty text is an absent one: null.
  void text_or_null(std::string_view name, std::string_view text) {
    key(name);
    if (text.empty())
      null();
    else
      value(text);
  }
  /// Inserts text that is JSON already.
  void raw(std::string_view json) {
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  }

  std::string take() { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace earshot
