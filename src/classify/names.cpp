#include <algorithm>

#include "earshot/classify/features.hpp"
#include "tokenizer.hpp"

namespace earshot {
namespace {
constexpr std::string_view kNameLetters = "\x03";
}

NameTable::NameTable(const Watch& watch) {
  add(watch.company.name);
  for (const auto& alias : watch.company.aliases) add(alias);
  for (const auto& product : watch.company.products) {
    add(product.name);
    for (const auto& alias : product.aliases) add(alias);
  }
  for (const auto& rival : watch.company.rivals) {
    add(rival.name);
    for (const auto& alias : rival.aliases) add(alias);
  }
  for (const auto& principal : watch.principals) {
    add(principal.name);
    const std::size_t blank = principal.name.rfind(' ');
    if (blank != std::string::npos && principal.name.size() - blank > 3)
      add(principal.name.substr(blank + 1));
  }
  // Of two names that begin alike the longer one is tried first.
  std::stable_sort(first_.begin(), first_.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first
                              : names_[a.second].words.size() > names_[b.second].words.size();
  });
}

void NameTable::add(const std::string& name) {
  for (const char* ending : {"", "'s", "s"}) {
    Tokens tokens;
    tokenize(name.empty() ? name : name + ending, true, nullptr, tokens);
    if (tokens.list.empty()) return;
    Name entry;
    for (const Token& token : tokens.list) entry.words.push_back(token.hash);
    const std::uint64_t first = entry.words.front();
    first_.emplace_back(first, static_cast<std::uint32_t>(names_.size()));
    names_.push_back(std::move(entry));
    sieve_[(first >> 6U) % sieve_.size()] |= std::uint64_t{1} << (first & 63U);
  }
}

const NameTable::Name* NameTable::at(const Tokens& tokens, std::size_t i) const {
  const std::uint64_t first = tokens.list[i].hash;
  if (((sieve_[(first >> 6U) % sieve_.size()] >> (first & 63U)) & 1U) == 0) return nullptr;
  auto it = std::lower_bound(first_.begin(), first_.end(), std::pair{first, std::uint32_t{0}});
  while (it != first_.begin() && std::prev(it)->first == first) --it;
  for (; it != first_.end() && it->first == first; ++it) {
    const Name& name = names_[it->second];
    std::size_t k = 1;
    while (k < name.words.size() && i + k < tokens.list.size() &&
           tokens.list[i + k].hash == name.words[k])
      ++k;
    if (k == name.words.size()) return &name;
  }
  return nullptr;
}

void NameTable::replace(Tokens& tokens) const {
  static const std::uint64_t kHash = feature_hash(kNameLetters, kWordSeed);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens.list.size();) {
    const Name* name = at(tokens, i);
    Token token = tokens.list[i];
    std::size_t length = 1;
    if (name != nullptr) {
      length = name->words.size();
      token.end = tokens.list[i + length - 1].end;
      token.hash = kHash;
      token.length = 0;
      token.kind = Kind::name;
      token.extra = false;
    }
    tokens.list[kept++] = token;
    i += length;
  }
  tokens.list.resize(kept);
}

}  // namespace earshot
