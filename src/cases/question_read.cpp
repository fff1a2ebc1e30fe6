// What short replies to a question mean, in the languages people reply in.
#include <algorithm>
#include <array>

#include "earshot/cases/question.hpp"
#include "earshot/cases/reply.hpp"
#include "earshot/core/utf8.hpp"
#include "gate_rules.hpp"

namespace earshot {
namespace {

constexpr std::array kAccept{"ok",
                             "okay",
                             "accept",
                             "accepted",
                             "thanks",
                             "thank you",
                             "thx",
                             "good",
                             "great",
                             "perfect",
                             "fine",
                             "well done",
                             "agreed",
                             "yes",
                             "closed",
                             "done",
                             "danke",
                             "vielen dank",
                             "herzlichen dank",
                             "besten dank",
                             "passt",
                             "einverstanden",
                             "in ordnung",
                             "gut",
                             "erledigt",
                             "merci",
                             "merci beaucoup",
                             "d'accord",
                             "parfait",
                             "très bien",
                             "gracias",
                             "muchas gracias",
                             "de acuerdo",
                             "perfecto",
                             "grazie",
                             "grazie mille",
                             "va bene",
                             "perfetto",
                             "bedankt",
                             "dank je",
                             "dank je wel",
                             "dank u",
                             "akkoord",
                             "obrigado",
                             "obrigada",
                             "perfeito",
                             "tack",
                             "tackar",
                             "dziękuję",
                             "dzięki",
                             "teşekkürler",
                             "tamam",
                             "了解",
                             "了解しました",
                             "ありがとう",
                             "ありがとうございます",
                             "👍"};
constexpr std::array kWithdraw{
    "withdraw",      "withdrawn",    "never mind",       "nevermind",
    "cancel",        "forget it",    "no longer needed", "hat sich erledigt",
    "zurückgezogen", "ziehe zurück", "vergiss es",       "laisse tomber",
    "annulé",        "annuler",      "olvídalo",         "cancelar",
    "lascia stare",  "annulla",      "laat maar",        "esqueça",
    "glöm det",      "nieważne",     "boş ver"};

/// Lower case where these phrases have capitals; without what ends a sentence.
std::string plain(std::string_view line) {
  std::string out = to_lower_ascii(trim(line));
  for (const auto& [from, to] : {std::pair{"Ü", "ü"}, std::pair{"É", "é"},
                                 std::pair{"\xE2\x80\x99", "'"}, std::pair{"Ś", "ś"}}) {
    for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos;)
      out.replace(at, std::string_view{from}.size(), to);
  }
  constexpr std::array<std::string_view, 10> kEnds{".", "!",  ",",  ";",    ":",
                                                   ")", "。", "！", "🙂", " "};
  for (bool cut = true; cut;) {
    cut = false;
    for (const std::string_view end : kEnds) {
      if (out.size() >= end.size() && out.ends_with(end))
        out.resize(out.size() - end.size()), cut = true;
    }
  }
  return out;
}

template <std::size_t N>
bool is_one_of(const std::string& text, const std::array<const char*, N>& list) {
  return std::ranges::any_of(list, [&](std::string_view phrase) { return text == phrase; });
}

/// What is said around thanks and takes nothing back.
constexpr std::array kCourtesies{"a",    "all",   "alle",  "and",      "answer", "by",   "dafür",
                                 "dir",  "e",     "euch",  "et",       "for",    "help", "ihnen",
                                 "info", "it",    "lot",   "me",       "mille",  "much", "now",
                                 "pour", "quick", "reply", "schön",    "sehr",   "so",   "team",
                                 "that", "the",   "this",  "todo",     "update", "und",  "very",
                                 "vous", "with",  "works", "vielmals", "y",      "your"};

/// Words of the phrases themselves, courtesies and names: nothing that could be a "but".
bool is_courtesy(std::string_view word, const std::vector<std::string>& names) {
  const auto within = [&](std::string_view phrase) {
    for (std::size_t at = 0; at < phrase.size();) {
      const std::size_t end = std::min(phrase.find(' ', at), phrase.size());
      if (phrase.substr(at, end - at) == word) return true;
      at = end + 1;
    }
    return false;
  };
  return std::ranges::any_of(kAccept, within) ||
         std::ranges::any_of(kCourtesies, [&](std::string_view it) { return it == word; }) ||
         std::ranges::any_of(names, [&](const std::string& name) { return within(plain(name)); });
}

/// "Thanks, Kim!", "OK, thank you very much": a phrase, and nothing behind it but courtesies.
/// "Thanks, not enough" is none.
bool begins_as_accept(const std::string& text, const std::vector<std::string>& names) {
  constexpr std::string_view kBetween = " ,.!\xC2\xA0";
  if (text.find_first_of("?:;\n") != std::string::npos) return false;
  return std::ranges::any_of(kAccept, [&](std::string_view phrase) {
    if (!text.starts_with(phrase) || text.size() <= phrase.size()) return false;
    std::string_view rest = std::string_view{text}.substr(phrase.size());
    if (kBetween.find(rest.front()) == std::string_view::npos) return false;
    while (!rest.empty()) {
      const std::size_t from = rest.find_first_not_of(kBetween);
      if (from == std::string_view::npos) break;
      rest.remove_prefix(from);
      const std::size_t end = std::min(rest.find_first_of(kBetween), rest.size());
      if (!is_courtesy(rest.substr(0, end), names)) return false;
      rest.remove_prefix(end);
    }
    return true;
  });
}

}  // namespace

AskerReply read_asker(std::string_view text, const std::vector<std::string>& names) {
  const std::string words = plain(text);
  if (words.find('?') != std::string::npos || words.find('\n') != std::string::npos) {
    // Several lines may still be "OK" and thanks below it.
    const std::string first = plain(words.substr(0, words.find('\n')));
    const std::string rest = plain(words.substr(std::min(words.size(), first.size())));
    const bool two = words.find('?') == std::string::npos && is_one_of(first, kAccept) &&
                     (is_one_of(rest, kAccept) || begins_as_accept(rest, names) || rest.empty());
    return two ? AskerReply::accept : AskerReply::again;
  }
  if (is_one_of(words, kWithdraw)) return AskerReply::withdraw;
  if (is_one_of(words, kAccept) || begins_as_accept(words, names)) return AskerReply::accept;
  return AskerReply::again;
}

bool is_absence_subject(std::string_view subject) {
  constexpr std::array<std::string_view, 30> kStarts{"automatic reply",
                                                     "auto-reply",
                                                     "autoreply",
                                                     "auto reply",
                                                     "automatische antwort",
                                                     "abwesenheit",
                                                     "abwesend",
                                                     "out of office",
                                                     "out of the office",
                                                     "i am away",
                                                     "on vacation",
                                                     "vacation reply",
                                                     "réponse automatique",
                                                     "absence du bureau",
                                                     "absent du bureau",
                                                     "respuesta automática",
                                                     "fuera de la oficina",
                                                     "risposta automatica",
                                                     "fuori ufficio",
                                                     "automatisch antwoord",
                                                     "afwezig",
                                                     "resposta automática",
                                                     "ausência",
                                                     "odpowiedź automatyczna",
                                                     "automatická odpověď",
                                                     "autosvar",
                                                     "otomatik yanıt",
                                                     "自動応答",
                                                     "automaattinen vastaus",
                                                     "автоответ"};
  const std::string words = plain(subject);
  return std::ranges::any_of(kStarts,
                             [&](std::string_view start) { return words.starts_with(start); });
}

bool only_seen(std::string_view text) {
  const std::string_view words = trim(text);
  if (bare(words).empty() || plain(words) == "👍") return true;
  if (plain(words) == "yes") return false;  // an answer to "is it mended?"
  const Reply reply = read_reply(words);
  return reply.kind == ReplyKind::take && reply.rest.empty();
}

}  // namespace earshot
