#include "earshot/core/json.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cmath>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

/// Counts what a DOM would hold and stops the reader beyond the budget: deep input must not
/// recurse, wide input must not allocate.
struct Counter : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Counter> {
  explicit Counter(const JsonLimits& given) : limits(given) {}
  const JsonLimits& limits;
  std::size_t values = 0;
  int depth = 0;
  const char* problem = nullptr;

  bool count() {
    if (++values <= limits.values) return true;
    problem = "too many values";
    return false;
  }
  bool deeper() {
    if (++depth > limits.depth) {
      problem = "nested too deeply";
      return false;
    }
    return count();
  }
  bool Default() { return count(); }
  bool Key(const char*, rapidjson::SizeType, bool) { return count(); }
  bool StartObject() { return deeper(); }
  bool StartArray() { return deeper(); }
  bool EndObject(rapidjson::SizeType) { return --depth, true; }
  bool EndArray(rapidjson::SizeType) { return --depth, true; }
};

}  // namespace

Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    return permanent(fmt::format("JSON of {} bytes is larger than {}", text.size(), limits.bytes));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Counter counter{limits};
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  const rapidjson::ParseResult counted =
      reader.Parse<rapidjson::kParseIterativeFlag>(stream, counter);
  if (counter.problem != nullptr)
    return permanent(fmt::format("JSON is {} at byte {}", counter.problem, counted.Offset()));
  JsonDocument document;
  // Not kParseFullPrecisionFlag: RapidJSON 1.1 counts the leading zeros of 0 for "0e70" with it.
  if (!counted.IsError()) document.Parse(text.data(), text.size());
  const rapidjson::ParseErrorCode code =
      counted.IsError() ? counted.Code() : document.GetParseError();
  if (code != rapidjson::kParseErrorNone) {
    const std::size_t offset = counted.IsError() ? counted.Offset() : document.GetErrorOffset();
    return permanent(
        fmt::format("not JSON at byte {}: {}", offset, rapidjson::GetParseError_En(code)));
  }
  return document;
}

const JsonValue* find(const JsonValue& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  const auto it = object.FindMember(JsonValue{rapidjson::StringRef(key.data(), key.size())});
  return it == object.MemberEnd() ? nullptr : &it->value;
}

std::string_view string_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::optional<std::int64_t> integer_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

std::optional<double> number_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  return value->GetDouble();
}

bool flag_at(const JsonValue& object, std::string_view key, bool otherwise) {
  const JsonValue* value = find(object, key);
  return value != nullptr && value->IsBool() ? value->GetBool() : otherwise;
}

std::vector<std::string> strings_at(const JsonValue& object, std::string_view key) {
  std::vector<std::string> out;
  const JsonValue* value = find(object, key);
  if (value == nullptr || !value->IsArray()) return out;
  for (const JsonValue& item : value->GetArray()) {
    if (item.IsString()) out.emplace_back(item.GetString(), item.GetStringLength());
  }
  return out;
}

void JsonWriter::value(std::string_view text) {
  if (is_utf8(text)) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  } else {
    const std::string repaired = clean_utf8(text);
    writer_.String(repaired.data(), static_cast<rapidjson::SizeType>(repaired.size()));
  }
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) {
    writer_.Null();
    return;
  }
  // The reader may miss the last bit of seventeen digits, and never those of fifteen.
  std::string text = fmt::format("{:.15g}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  writer_.RawValue(text.data(), text.size(), rapidjson::kNumberType);
}

void JsonWriter::value(const std::vector<std::string>& list) {
  array();
  for (const std::string& item : list) value(std::string_view{item});
  end_array();
}

}  // namespace earshot
