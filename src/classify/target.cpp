#include "target.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "salutation.hpp"

namespace earshot {
namespace {

/// "off to Dimly", "better than Dimly", "wechsle zu Dimly": what is told is ours.
constexpr std::string_view kTowards =
    "to than towards with try join like zu zur nach als wie a hacia que con chez vers avec verso "
    "di "
    "come para pra pro naar dan als bij till an hos do niz jak e at even";
/// What the chief executive is called elsewhere.
constexpr std::array kChiefs{"ceo",
                             "chief executive",
                             "chief executive officer",
                             "chief exec",
                             "pdg",
                             "vd",
                             "prezes",
                             "vorstandsvorsitzende",
                             "vorstandsvorsitzender",
                             "geschaftsfuhrer",
                             "geschaftsfuhrerin",
                             "bestuursvoorzitter",
                             "algemeen directeur",
                             "directrice generale",
                             "directeur general",
                             "consejera delegada",
                             "consejero delegado",
                             "directora general",
                             "director general",
                             "diretora executiva",
                             "diretor executivo",
                             "diretora geral",
                             "diretor geral",
                             "amministratrice delegata",
                             "amministratore delegato",
                             "genel mudur",
                             "pani prezes"};

std::string bare_handle(std::string_view handle) {
  if (handle.starts_with('@')) handle.remove_prefix(1);
  return to_lower_ascii(handle);
}

}  // namespace

Targets::Targets(Watch watch) : watch_(std::move(watch)) {
  const Company& company = watch_.company;
  watching_ = !company.name.empty();
  add_name(company.name, What::brand, 0);
  for (const auto& alias : company.aliases) add_name(alias, What::brand, 0);
  for (const auto& handle : company.handles) add_handle(handle, What::brand, 0);
  for (const auto& [type, handles] : company.handles_on) {
    for (const auto& handle : handles) add_handle(handle, What::brand, 0);
  }
  for (const auto& [type, handles] : company.official) {
    for (const auto& handle : handles) add_handle(handle, What::brand, 0);
  }
  for (std::size_t i = 0; i < company.products.size(); ++i) {
    add_name(company.products[i].name, What::product, i);
    for (const auto& alias : company.products[i].aliases) add_name(alias, What::product, i);
  }
  for (std::size_t i = 0; i < company.rivals.size(); ++i) {
    add_name(company.rivals[i].name, What::rival, i);
    for (const auto& alias : company.rivals[i].aliases) add_name(alias, What::rival, i);
    for (const auto& handle : company.rivals[i].handles) add_handle(handle, What::rival, i);
  }
  for (std::size_t i = 0; i < watch_.principals.size(); ++i) {
    const Principal& principal = watch_.principals[i];
    add_name(principal.name, What::principal, i);
    // "Dear Mr Lind": the surname, too, where it is long enough to be one.
    const std::size_t blank = principal.name.rfind(' ');
    if (blank != std::string::npos && principal.name.size() - blank > 3)
      add_name(principal.name.substr(blank + 1), What::principal, i);
    const std::size_t first = principal.name.find(' ');
    if (first != std::string::npos && first > 2)
      add_name(principal.name.substr(0, first), What::first_name, i);
    for (const auto& alias : principal.aliases) add_name(alias, What::principal, i);
    for (const auto& handle : principal.handles) add_handle(handle, What::principal, i);
    add_name(principal.title, What::title, i);
    const std::string title = to_lower_ascii(principal.title);
    if (title.find("chief executive") != std::string::npos || is_among(title, "ceo")) {
      for (const char* same : kChiefs) add_name(same, What::title, i);
    }
  }
  // Longer names first: "Glow Mini" before "Glow".
  std::stable_sort(names_.begin(), names_.end(),
                   [](const Name& a, const Name& b) { return a.words.size() > b.words.size(); });
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::uint64_t first = names_[i].words.front();
    names_by_word_[first].push_back(static_cast<std::uint32_t>(i));
    sieve_[(first >> 6U) % sieve_.size()] |= std::uint64_t{1} << (first & 63U);
  }
  for (std::size_t i = 0; i < handles_.size(); ++i) {
    const std::string_view name{handles_[i].name};
    handles_by_name_[word_hash(name.substr(0, name.find('@')))].push_back(
        static_cast<std::uint32_t>(i));
  }
}

void Targets::add_name(const std::string& name, What what, std::size_t index) {
  const WordList list{name};
  if (list.size() == 0) return;
  Name entry{{}, what, static_cast<std::uint32_t>(index)};
  std::string joined;
  for (const Word& word : list.words()) {
    entry.words.push_back(word.hash);
    joined += list.spelt(word);
  }
  const bool many = entry.words.size() > 1;
  names_.push_back(std::move(entry));
  // "#glowmini" for "Glow Mini"
  if (many && (what == What::product || what == What::brand || what == What::rival)) {
    names_.push_back({{word_hash(joined)}, what, static_cast<std::uint32_t>(index)});
  }
}

void Targets::add_handle(const std::string& handle, What what, std::size_t index) {
  const std::string bare = bare_handle(handle);
  if (!bare.empty()) handles_.push_back({bare, what, static_cast<std::uint32_t>(index)});
}

/// "brightwave" fits "brightwave", "brightwave@any.host" and, where it is a firm's,
/// "brightwave_be"; "care@brightwave.example" fits itself and its name alone.
const Targets::Handle* Targets::handle_of(std::string_view mention) const {
  const auto host = mention.find('@');
  const std::string_view name = mention.substr(0, host);
  const auto fits = [&](const Handle& handle) {
    if (handle.name == mention || handle.name == name) return true;
    const auto own_host = handle.name.find('@');
    if (own_host != std::string::npos && host == std::string_view::npos &&
        std::string_view{handle.name}.substr(0, own_host) == name)
      return true;
    if (own_host != std::string::npos || !name.starts_with(handle.name) ||
        name.size() == handle.name.size())
      return false;
    // Bluesky and the like: brightwave.example. A person's followers and jesters are not the
    // person.
    const char next = name[handle.name.size()];
    return next == '.' || (next == '_' && handle.what != What::principal);
  };
  // "brightwave_ceo" is hers, though "brightwave" fits, too: the longest wins.
  const Handle* best = nullptr;
  for (std::size_t end = name.find_first_of("._");; end = name.find_first_of("._", end + 1)) {
    const auto it = handles_by_name_.find(word_hash(name.substr(0, end)));
    if (it != handles_by_name_.end()) {
      const auto fitting = std::ranges::find_if(
          it->second, [&](const std::uint32_t index) { return fits(handles_[index]); });
      if (fitting != it->second.end()) best = &handles_[*fitting];
    }
    if (end == std::string_view::npos) return best;
  }
}

const Targets::Name* Targets::longest_at(const WordList& words, std::size_t i) const {
  const std::uint64_t first = words[i].hash;
  if (((sieve_[(first >> 6U) % sieve_.size()] >> (first & 63U)) & 1U) == 0) return nullptr;
  const auto it = names_by_word_.find(first);
  if (it == names_by_word_.end()) return nullptr;
  for (const std::uint32_t index : it->second) {
    if (name_at(names_[index], words, i) > 0) return &names_[index];
  }
  return nullptr;
}

std::size_t Targets::name_at(const Name& name, const WordList& words, std::size_t i) const {
  if (i + name.words.size() > words.size()) return 0;
  for (std::size_t k = 0; k < name.words.size(); ++k) {
    if (words[i + k].hash != name.words[k] || words[i + k].handle) return 0;
  }
  return name.words.size();
}

void Targets::judge_principal(Target& target, std::uint32_t index, bool spoken_to,
                              const char* how) const {
  const std::string& id = watch_.principals[index].id;
  target.ours = true;
  if (spoken_to && target.addressed.empty()) {
    target.addressed = id;
    target.addressed_how = how;
  } else if (!spoken_to && target.mentioned.empty()) {
    target.mentioned = id;
  }
}

void Targets::read_handles(const WordList& words, Target& target) const {
  bool leading = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (!word.handle) {
      leading = false;
      continue;
    }
    const Handle* handle = handle_of(words.spelt(word));
    if (handle == nullptr) {
      if (leading) target.other = true;
      continue;
    }
    if (handle->what == What::rival) {
      target.rival = true;
      if (i == 0 || !is_among(words.spelt(i - 1), kTowards)) target.rival_as_source = true;
      target.rival_name = watch_.company.rivals[handle->index].name;
    } else if (handle->what == What::brand) {
      target.ours = target.named = true;
    } else {
      judge_principal(target, handle->index, handle_is_spoken_to(words, i, leading), "by handle");
    }
  }
}

void Targets::read_names(const WordList& words, Target& target) const {
  // The salutation: greeting words from the start of the text or of a line.
  for (std::size_t i = 0; i < words.size();) {
    const Name* found = longest_at(words, i);
    if (found == nullptr) {
      ++i;
      continue;
    }
    read_name(*found, i, words, target);
    i += found->words.size();
  }
}

void Targets::read_name(const Name& name, std::size_t i, const WordList& words,
                        Target& target) const {
  const std::size_t length = name.words.size();
  if (name.what == What::brand) {
    target.ours = target.named = true;
  } else if (name.what == What::product) {
    target.ours = target.named = true;
    if (target.product.empty()) target.product = watch_.company.products[name.index].name;
  } else if (name.what == What::rival) {
    target.rival = true;
    if (i == 0 || !is_among(words.spelt(i - 1), kTowards)) target.rival_as_source = true;
    target.rival_name = watch_.company.rivals[name.index].name;
  } else {
    const bool first = name.what == What::first_name;
    const bool spoken_to = name_is_spoken_to(words, i, length, first);
    if (first && !spoken_to) return;
    // "the CEO" in the third person is ours only with our name beside it.
    if (name.what == What::principal || spoken_to || target.named)
      judge_principal(target, name.index, spoken_to, "by name");
  }
}

namespace {
/// "Zentel's app", "Orbis Bank": a firm by its shape, where nothing of ours is named.
bool names_other_firm(const WordList& words) {
  static const WordSet kKinds{
      "bank energy telecom airlines airways insurance mobile broadband media motors foods group "
      "telecoms express logistics electric water mart"};
  static const WordSet kThings{
      "app website service customer support staff delivery driver router card prices helpline "
      "broadband network"};
  static const WordSet kNoName{
      "it that this he she what who there here let the my your our their today everyone nobody "
      "someone its"};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const Word& word = words[i];
    if (!word.capital || word.handle || kNoName.has(word.hash)) continue;
    const Word& next = words[i + 1];
    if (word.possessive && kThings.has(next.hash)) return true;
    if (next.capital && kKinds.has(next.hash) && next.sentence == word.sentence) return true;
  }
  return false;
}
}  // namespace

/// Names and titles of principals in scripts without blanks.
void Targets::read_unspaced(const WordList& words, Target& target) const {
  if (words.unspaced().empty()) return;
  for (std::size_t i = 0; i < watch_.principals.size(); ++i) {
    const Principal& principal = watch_.principals[i];
    const auto index = static_cast<std::uint32_t>(i);
    for (const auto& alias : principal.aliases) {
      const std::string name = plain_spelling(alias);
      if (words.unspaced().find(name) == std::string::npos) continue;
      judge_principal(target, index, honoured_in(words.unspaced(), name), "by name");
    }
    if (i == 0 && honoured_in(words.unspaced(), "社長"))
      judge_principal(target, index, true, "by title");
  }
}

Target Targets::find(const Post& post, const WordList& words) const {
  Target target;
  if (post.channel == Channel::email || !post.addressed.empty()) {
    for (std::size_t i = 0; i < watch_.principals.size(); ++i) {
      for (const auto& mail : watch_.principals[i].mail) {
        for (const auto& to : post.addressed) {
          if (equals_ignoring_case(mail, to))
            judge_principal(target, static_cast<std::uint32_t>(i), true, "in To");
        }
      }
    }
  }
  read_handles(words, target);
  read_names(words, target);
  read_unspaced(words, target);
  for (const auto& mention : post.mentions) {
    const Handle* handle = handle_of(to_lower_ascii(mention));
    if (handle != nullptr && handle->what == What::brand) target.ours = target.named = true;
  }
  if (target.mentioned == target.addressed) target.mentioned.clear();
  target.other =
      !target.ours && !target.rival && (target.other || (watching_ && names_other_firm(words)));
  return target;
}

}  // namespace earshot
