#include "earshot/core/json.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cmath>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

/// Counts what the document comes to hold and stops the reader beyond the budget: deep input must
/// not recurse, wide input must not allocate more than is allowed. RapidJSON's names.
struct Counted {
  JsonDocument& document;
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
  bool Null() { return count() && document.Null(); }
  bool Bool(bool it) { return count() && document.Bool(it); }
  bool Int(int it) { return count() && document.Int(it); }
  bool Uint(unsigned it) { return count() && document.Uint(it); }
  bool Int64(std::int64_t it) { return count() && document.Int64(it); }
  bool Uint64(std::uint64_t it) { return count() && document.Uint64(it); }
  bool Double(double it) { return count() && document.Double(it); }
  bool RawNumber(const char* at, rapidjson::SizeType size, bool copy) {
    return count() && document.RawNumber(at, size, copy);
  }
  bool String(const char* at, rapidjson::SizeType size, bool copy) {
    return count() && document.String(at, size, copy);
  }
  bool Key(const char* at, rapidjson::SizeType size, bool copy) {
    return count() && document.Key(at, size, copy);
  }
  bool StartObject() { return deeper() && document.StartObject(); }
  bool StartArray() { return deeper() && document.StartArray(); }
  bool EndObject(rapidjson::SizeType size) { return --depth, document.EndObject(size); }
  bool EndArray(rapidjson::SizeType size) { return --depth, document.EndArray(size); }
};

}  // namespace

Result<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    return permanent(fmt::format("JSON of {} bytes is larger than {}", text.size(), limits.bytes));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  JsonDocument out;
  Counted counted{out, limits};
  rapidjson::ParseResult read;
  // Not kParseFullPrecisionFlag: RapidJSON 1.1 counts the leading zeros of 0 for "0e70" with it.
  const auto values = [&](JsonDocument&) {
    rapidjson::MemoryStream stream{text.data(), text.size()};
    rapidjson::Reader reader;
    read = reader.Parse<rapidjson::kParseIterativeFlag>(stream, counted);
    return !read.IsError();
  };
  out.Populate(values);
  if (counted.problem != nullptr)
    return permanent(fmt::format("JSON is {} at byte {}", counted.problem, read.Offset()));
  if (read.IsError())
    return permanent(fmt::format("not JSON at byte {}: {}", read.Offset(),
                                 rapidjson::GetParseError_En(read.Code())));
  return out;
}

const JsonValue* find(const JsonValue& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  for (auto it = object.MemberBegin(); it != object.MemberEnd(); ++it) {
    if (it->name.GetStringLength() == key.size() &&
        std::equal(key.begin(), key.end(), it->name.GetString()))
      return &it->value;
  }
  return nullptr;
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
