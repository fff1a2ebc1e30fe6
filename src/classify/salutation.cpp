#include "salutation.hpp"

#include <algorithm>

namespace earshot {
namespace {

/// They greet whoever follows.
constexpr std::string_view kGreetings =
    "dear hello hi hey attn attention good morning afternoon evening sehr geehrte geehrter "
    "geehrten lieber liebe hallo guten moin servus verehrte estimado estimada querido querida hola "
    "buenos buenas apreciado apreciada distinguida bonjour bonsoir cher chere gentile egregio "
    "egregia caro cara buongiorno buonasera salve spettabile illustre illustrissima prezado "
    "prezada ola oi exmo exma geachte beste hoi lieve goedemorgen goedemiddag goedenavond hej "
    "hejsan basta kara szanowna szanowny droga drogi witam czesc sayin merhaba selam selamlar "
    "degerli adarniya aadarniya aadarneey namaste namaskar pranam bom boa gentilissima "
    "gentilissimo stimatissima stimata stimato gent spett ilustre ilustrissima excelentissima "
    "excelentissimo respetada saygideger saygili vazena alors oiga oye oyeme ei ehi dites dis "
    "digame diga scusi senta ascolti opa escute";
/// They stand between the greeting and the name, or alone before it.
constexpr std::string_view kHonorifics =
    "mr mrs ms miss dr sir madam ma mister herr frau herrn senor senora sr sra don dona doctora "
    "doutora doutor dra signor signora signore dottoressa dottore dott dottssa ssa ing avv meneer "
    "mevrouw mevr mw dhr monsieur madame mme pan pani panie pana panu prezes bay bayan hanim "
    "senhor senhora fru prof presidente ceo vd pdg director directora direttrice direttore "
    "diretora "
    "diretor the your our der die den dem el la le il o a tag dia dias tardes noches tarde noite "
    "dobry dzien gunler iyi di al kind m lord lady hr h consejera delegada amministratrice "
    "delegata amministratore delegato directeur directrice generale general sig ra gra mme "
    "presidenta";
/// "For Mara Lindqvist", "Till vd": at the head of a line they name whom it is for.
constexpr std::string_view kFor = "for to till aan per an para pour do fur via cc attn alla all";
/// They follow the name that they honour.
constexpr std::string_view kHonoursBefore =
    "ji jee hanim hanima hanimefendi hanimefendiye bey beye sahiba madam mam maam";
constexpr std::string_view kPassOn =
    "attention attn atencion attenzione atencao cuidado aandacht handen rak handen forward pass "
    "weiterleiten weiterreichen weitergeben leiten suivre transmettre trasmettere inoltrare "
    "girare reenviar remitan trasladen hagan llegar encaminhar encaminhem doorsturen doorgeven "
    "vidarebefordra przekazac przekazcie przekazanie iletiniz iletin iletilsin dikkatine "
    "pahunchayein pahuncha pahunchaye bhej bhejein forvard reach pasen pasenle paselo pasaselo "
    "pasarle entreguen entreguenle haganle cheguem levem entreguem passem chegar vorlegen "
    "vorzulegen zukommen ausrichten aushandigen bezorgen voorleggen overhandigen overlamna "
    "framfor consegnare consegnate avere recapitare remettre remettez transmettez parvenir oddac "
    "doreczyc dostarczyc ulastirin ulastirir iletir soyleyin dena dijiye batayein bataiye "
    "pahunche";
/// "A letter to Mara Lindqvist", "Carta aberta a …".
constexpr std::string_view kLetters = "letter lettre carta lettera brief brev mektup";
/// Without an article they call: "un mes sin línea, señora Lindqvist, un mes".
constexpr std::string_view kCalls =
    "senora senor sra sr signora signore dottoressa dottore madame monsieur dona don senhora "
    "senhor pani hanim";
constexpr std::string_view kThirdPerson =
    "by from with of about that if whether than and says said tell told interview met when is was "
    "because like as for against on at who "
    "de du di da do dos von mit av med van met z ze od par por avec con com sobre su del della des "
    "que tra entre sur chez adore aime uber gegen "
    "thinks follow followed following love loves support supporting meeting heard saw";
constexpr std::string_view kSecondPerson =
    "you your yours youre youve u ur sie ihr ihre ihnen du dein usted ustedes su vous votre vos "
    "lei suo voce seu u uw please pls fix help can could why when what how bitte";
constexpr std::string_view kThanks =
    "thanks thank tack merci danke gracias grazie obrigado obrigada dzieki chapeau bravo brava "
    "brawo kudos props bedankt tesekkurler congratulations congrats felicidades parabens "
    "complimenti grande gefeliciteerd respekt please bitte prosze lutfen";

bool same_sentence(const WordList& words, std::size_t a, std::size_t b) {
  return words[a].sentence == words[b].sentence;
}

/// The first word of greetings and honorifics right before word i; i where there are none.
std::size_t run_before(const WordList& words, std::size_t i) {
  std::size_t from = i;
  while (from > 0 && !words[from - 1].handle &&
         (is_among(words.spelt(from - 1), kHonorifics) ||
          is_among(words.spelt(from - 1), kGreetings))) {
    // "Mr." ends no sentence; a greeting does not reach over the end of one.
    if (!same_sentence(words, from - 1, from) && words[from - 1].length > 4) break;
    --from;
  }
  return from;
}

bool greeted(const WordList& words, std::size_t from, std::size_t to) {
  for (std::size_t k = from; k < to; ++k) {
    if (is_among(words.spelt(k), kGreetings)) return true;
  }
  return false;
}

/// At the head of the text, of a line or of a mail's subject.
bool at_head(const WordList& words, std::size_t from) {
  return from == 0 || !same_sentence(words, from - 1, from) || words[from - 1].handle ||
         (from == 1 && words.spelt(std::size_t{0}) == "subject");
}

/// "For the attention of …", "please pass this on to …", "… tak pahunchayein".
bool passed_on(const WordList& words, std::size_t i, std::size_t after) {
  constexpr std::size_t kReach = 7;
  constexpr std::size_t kLetterReach = 4;
  for (std::size_t k = i; k-- > 0 && i - k <= kReach && same_sentence(words, k, i);) {
    if (is_among(words.spelt(k), kPassOn)) return true;
    if (i - k <= kLetterReach && is_among(words.spelt(k), kLetters)) return true;
  }
  for (std::size_t k = after; k < words.size() && k - after < kReach && same_sentence(words, k, i);
       ++k) {
    if (is_among(words.spelt(k), kPassOn)) return true;
  }
  return false;
}

/// "Mara," on a line of its own, or set off, before the mail itself begins.
bool first_name_calls(const WordList& words, std::size_t i, std::size_t from, std::size_t after) {
  constexpr std::size_t kOpening = 15;
  const bool more = after < words.size();
  const bool alone = more && !same_sentence(words, after, after - 1) && i <= kOpening;
  const bool set_off =
      more && same_sentence(words, after, i) && words[after].clause != words[after - 1].clause;
  const bool called = from == i || is_among(words.spelt(from), kCalls);
  return called && at_head(words, from) && (set_off || alone);
}

}  // namespace

bool handle_is_spoken_to(const WordList& words, std::size_t i, bool leading) {
  if (leading) return true;
  const Word& word = words[i];
  if (i == 0) return true;
  const std::size_t from = run_before(words, i);
  if (greeted(words, from, i) || (from < i && at_head(words, from))) return true;
  const std::string_view before = words.spelt(i - 1);
  if (is_among(before, kThanks) || is_among(before, "to cc")) return true;
  const bool begins = words[i - 1].sentence != word.sentence;
  if (!begins && is_among(before, kThirdPerson)) return false;
  for (std::size_t k = i; k-- > 0 && i - k <= 4 && same_sentence(words, k, i);) {
    if (is_among(words.spelt(k), kLetters)) return true;
  }
  const bool ends = i + 1 == words.size() || !same_sentence(words, i, i + 1) || words[i + 1].handle;
  const bool second = i + 1 < words.size() && is_among(words.spelt(i + 1), kSecondPerson);
  const bool set_off = !ends && words[i + 1].clause != word.clause;
  return begins || ends || second || set_off || words[i - 1].clause != word.clause;
}

bool name_is_spoken_to(const WordList& words, std::size_t i, std::size_t length, bool first) {
  std::size_t after = i + length;
  const bool honoured = after < words.size() && same_sentence(words, after, i) &&
                        words[after].clause == words[after - 1].clause &&
                        is_among(words.spelt(after), kHonoursBefore);
  if (honoured) ++after;
  const std::size_t from = run_before(words, i);
  const bool head = at_head(words, from);
  if (greeted(words, from, i) && (head || words[from - 1].clause != words[from].clause))
    return true;
  const bool set_off = after < words.size() && same_sentence(words, after, i) &&
                       words[after].clause != words[after - 1].clause;
  if (first) return first_name_calls(words, i, from, after);
  if (from > 0 && is_among(words.spelt(from - 1), kThanks)) return true;
  if (from > 0 && is_among(words.spelt(from - 1), kFor) &&
      (at_head(words, from - 1) || words[from - 2].clause != words[from - 1].clause) &&
      (set_off || after == words.size() || !same_sentence(words, after, i)))
    return true;
  if (passed_on(words, i, after)) return true;
  const bool alone = after == words.size() || !same_sentence(words, after, after - 1);
  const bool second = after < words.size() && is_among(words.spelt(after), kSecondPerson);
  const bool handle = after < words.size() && words[after].handle;
  if (head) return set_off || alone || second || honoured || handle;
  if (alone && is_among(words.spelt(i - 1), kSecondPerson)) return true;
  const bool apart = words[from].clause != words[from - 1].clause;
  if (apart && set_off && from < i && is_among(words.spelt(from), kCalls)) return true;
  return alone && (words[i].clause != words[i - 1].clause || apart);
}

bool honoured_in(std::string_view unspaced, std::string_view name) {
  for (std::size_t at = unspaced.find(name); at != std::string_view::npos;
       at = unspaced.find(name, at + 1)) {
    std::string_view rest = unspaced.substr(at + name.size());
    for (const std::string_view title : {"社長", "代表取締役", "代表", "会長"}) {
      if (!rest.starts_with(title)) continue;
      rest.remove_prefix(title.size());
      if (rest.empty() || rest[0] == '\n' || rest[0] == ' ' || rest.starts_with("、")) return true;
    }
    for (const std::string_view honorific :
         {"様", "さま", "殿", "さん、", "さんへ", "へ\n", "宛"}) {
      if (rest.starts_with(honorific)) return true;
    }
  }
  return false;
}

}  // namespace earshot
