#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"

namespace earshot {
namespace {

struct StopWords {
  const char* language;
  const char* words;  ///< folded, blank-separated
};
/// Function words and the commonest verbs. A word that several languages share counts less.
constexpr std::array kStopWords{
    StopWords{"en",
              "the a an and or but if of to in on at by for from with without into about is are "
              "was were be been being am i'm it's "
              "i you he she we they me him her us them my your his our their this that these those "
              "it its not no don't doesn't didn't "
              "isn't wasn't can't cannot won't can could will would should shall may must do does "
              "did have has had having what when where "
              "which who whom whose why how there here than then so just very too also more most "
              "some any all each every never ever "
              "always again still yet only please thanks thank after before over under out up down "
              "off because while get got getting "
              "i've i'd you're we're they're that's what's there's since until been nothing anyone "
              "nobody someone like really today"},
    StopWords{"de",
              "der die das den dem des ein eine einen einem einer und oder aber wenn nicht kein "
              "keine keinen ist sind war waren sein wird "
              "werden wurde hat haben hatte habe ich du er sie es wir ihr mich mir dich dir uns "
              "euch mein meine meinen meiner ihre ihren "
              "mit von zu zum zur auf aus bei nach seit vor für über unter durch gegen ohne um an "
              "am im auch noch schon nur sehr wie was "
              "wer wo warum wann so als dass weil doch mal immer wieder nie heute jetzt bitte "
              "danke kann können muss soll gibt mehr alle "
              "alles nichts jemand niemand endlich leider keiner sich"},
    StopWords{"es",
              "el la los las un una unos unas y o pero si no de del al a en con sin por para que "
              "qué como cómo cuando cuándo donde dónde "
              "quien quién es son era fue ser estar está están estoy soy he ha han había me te se "
              "le les lo nos mi mis tu su sus este esta "
              "esto ese esa eso yo él ella nosotros ustedes muy más menos ya todavía también "
              "siempre nunca nada nadie algo todo toda todos "
              "porque desde hasta hace gracias favor hoy ayer cuál tiene tengo tienen llevo sigo "
              "sobre entre puedo pueden hay"},
    StopWords{"fr",
              "le la les un une des du de d et ou mais si ne pas plus rien jamais est sont était "
              "être suis avez avons ont a ai as au aux en "
              "dans sur sous avec sans pour par que qui quoi quand où comment pourquoi ce cet "
              "cette ces c'est j'ai je tu il elle nous vous "
              "ils elles me te se mon ma mes ton ta tes son sa ses notre votre vos nos leur très "
              "trop aussi encore toujours depuis merci "
              "bonjour aucun aucune tout tous toute fait faire n'est qu'il y s'il plaît chez "
              "personne j'attends d'un d'une l"},
    StopWords{"it",
              "il lo la i gli le un uno una e o ma se non di del della dei delle da dal in nel "
              "nella con senza su sul per tra fra che chi "
              "come quando dove perché è sono era essere ho hai ha abbiamo avete hanno mi ti si ci "
              "vi mio mia miei tuo suo sua nostro vostro "
              "questo questa quello quella io lui lei noi voi loro molto più meno già ancora anche "
              "sempre mai niente nulla nessuno tutto "
              "tutti grazie prego oggi ieri sto stato stata da' vostra dopo prima cosa quanto"},
    StopWords{"pt",
              "o os a as um uma uns umas e ou mas se não de do da dos das em no na nos nas com sem "
              "por para pelo pela que quem como quando "
              "onde é são era foi ser estar está estão estou sou tem tenho têm me te lhe meu minha "
              "meus minhas seu sua este esta isso isto "
              "eu ele ela nós vocês você muito mais menos já ainda também sempre nunca nada "
              "ninguém tudo todos porque desde até há obrigado "
              "obrigada favor hoje ontem agora mês fui só sobre entre pode quero vocês"},
    StopWords{"nl",
              "de het een en of maar als niet geen is zijn was waren ben bent wordt worden heeft "
              "hebben had heb ik jij je hij zij ze wij we "
              "jullie u mij me hem haar ons hun mijn jouw uw onze met van te tot op uit bij naar "
              "sinds voor over onder door tegen zonder om "
              "aan in ook nog al alleen zeer hoe wat wie waar waarom wanneer dan dat die dit deze "
              "omdat toch weer nooit altijd vandaag nu "
              "kan kunnen moet meer alle alles niets iemand niemand bedankt graag er al"},
    StopWords{"pl",
              "i w z na do od po za o u nie tak jest są był była było być mam masz ma mamy macie "
              "mają ja ty on ona my wy oni mnie mi ci się "
              "mój moja moje twój jego jej nasz wasz ten ta to te co kto jak kiedy gdzie dlaczego "
              "czy ale lub albo bo że żeby już jeszcze "
              "też także zawsze nigdy nic nikt wszystko dla bez przez przed pod nad dzień dziękuję "
              "proszę dzisiaj teraz bardzo tylko ani"},
    StopWords{"tr",
              "ve veya ama fakat bir bu şu o ben sen biz siz onlar benim senin bizim sizin bana "
              "sana bize size ne kim nasıl neden niye "
              "nerede zaman değil yok var mi mı mu mü için ile gibi kadar daha çok az hiç her hep "
              "hâlâ hala artık bile da de ki en sonra "
              "önce şimdi bugün teşekkürler teşekkür lütfen kimse olarak oldu olan oluyor aynı gün "
              "gündür yine"},
    StopWords{"sv",
              "och eller men om inte ingen inget är var vara varit har hade jag du han hon vi ni "
              "de mig dig oss er min mitt mina din sin "
              "med av till på ut hos från sedan för över under genom mot utan att som en ett den "
              "det detta dessa också ännu redan bara "
              "mycket hur vad vem var varför när så då därför aldrig alltid igen idag nu kan måste "
              "mer alla allt någon tack snälla"},
    StopWords{"hi-Latn",
              "hai hain ho hu hoon tha thi the nahi nahin mat kya kyu kyun kaise kab kahan kaun "
              "mera meri mere tera teri tumhara aap aapka "
              "aapki aapke hum humara mujhe mujhko ko ka ki ke se mein par lekin aur ya bhi abhi "
              "ab phir fir toh to raha rahi rahe kar karo "
              "karna karte karta kiya gaya gayi gaye diya liya hua hui hue koi kuch sab bahut "
              "bohot accha acha paisa paise bhai yaar wala "
              "wali jaldi jawab baar din se nhi kr rha rhi krdo kardo dijiye apna apni"}};

struct Votes {
  std::array<float, kStopWords.size()> of{};
};
using VoteTable = std::unordered_map<std::string, Votes>;

VoteTable make_votes() {
  VoteTable table;
  for (std::size_t l = 0; l < kStopWords.size(); ++l) {
    std::string_view rest{kStopWords[l].words};
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      table[std::string{rest.substr(0, end)}].of[l] = 1.0F;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  for (auto& [word, votes] : table) {
    const auto sharers = static_cast<float>(std::count(votes.of.begin(), votes.of.end(), 1.0F));
    for (float& vote : votes.of) vote /= sharers;
  }
  return table;
}

/// Letters that few languages write.
void vote_for_letter(char32_t c, Votes& votes) {
  const auto give = [&](std::string_view language, float weight) {
    for (std::size_t l = 0; l < kStopWords.size(); ++l) {
      if (kStopWords[l].language == language) votes.of[l] += weight;
    }
  };
  switch (c) {
    case U'¿':
    case U'¡':
      give("es", 1.5F);
      break;
    case U'ñ':
      give("es", 1.0F);
      break;
    case U'ß':
      give("de", 1.5F);
      break;
    case U'ä':
    case U'ö':
      give("de", 0.6F), give("sv", 0.5F), give("tr", c == U'ö' ? 0.4F : 0.0F);
      break;
    case U'ü':
      give("de", 0.6F), give("tr", 0.4F);
      break;
    case U'å':
      give("sv", 1.5F);
      break;
    case U'ã':
    case U'õ':
      give("pt", 1.5F);
      break;
    case U'ç':
      give("fr", 0.5F), give("pt", 0.5F), give("tr", 0.5F);
      break;
    case U'ğ':
    case U'ş':
    case U'ı':
    case U'İ':
      give("tr", 1.5F);
      break;
    case U'ł':
    case U'ą':
    case U'ę':
    case U'ś':
    case U'ż':
    case U'ź':
    case U'ń':
    case U'ć':
      give("pl", 1.5F);
      break;
    case U'è':
    case U'ê':
    case U'à':
    case U'û':
    case U'î':
    case U'ù':
      give("fr", 0.5F), give("it", c == U'è' || c == U'à' || c == U'ù' ? 0.5F : 0.0F),
          give("pt", c == U'ê' || c == U'à' ? 0.3F : 0.0F);
      break;
    case U'œ':
      give("fr", 1.5F);
      break;
    case U'é':
      give("fr", 0.4F), give("es", 0.3F), give("pt", 0.3F);
      break;
    case U'ó':
    case U'í':
    case U'á':
    case U'ú':
      give("es", 0.5F), give("pt", 0.4F);
      break;
    case U'ò':
    case U'ì':
      give("it", 1.0F);
      break;
    case U'ô':
    case U'â':
      give("fr", 0.4F), give("pt", 0.4F);
      break;
    case U'ĳ':
      give("nl", 1.5F);
      break;
    default:
      break;
  }
}

struct Scripts {
  std::size_t latin = 0, kana = 0, han = 0, hangul = 0, cyrillic = 0, ukrainian = 0, arabic = 0,
              hebrew = 0, devanagari = 0, greek = 0, thai = 0;
};

void count_script(char32_t c, Scripts& in) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F))
    ++in.latin;
  else if ((c >= 0x3041 && c <= 0x30FF) || (c >= 0xFF66 && c <= 0xFF9F))
    ++in.kana;
  else if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF))
    ++in.han;
  else if (c >= 0xAC00 && c <= 0xD7A3)
    ++in.hangul;
  else if (c >= 0x400 && c <= 0x4FF) {
    ++in.cyrillic;
    if (c == U'і' || c == U'ї' || c == U'є' || c == U'ґ' || c == U'І' || c == U'Ї' || c == U'Є' ||
        c == U'Ґ')
      ++in.ukrainian;
  } else if (c >= 0x600 && c <= 0x6FF)
    ++in.arabic;
  else if (c >= 0x590 && c <= 0x5FF)
    ++in.hebrew;
  else if (c >= 0x900 && c <= 0x97F)
    ++in.devanagari;
  else if (c >= 0x370 && c <= 0x3FF)
    ++in.greek;
  else if (c >= 0xE00 && c <= 0xE7F)
    ++in.thai;
}

/// "" where Latin letters prevail or nothing is written.
std::string by_script(const Scripts& s) {
  const std::size_t cjk = s.kana + s.han + s.hangul;
  // A character of these scripts says about as much as three letters.
  if (cjk * 3 > s.latin && cjk >= s.cyrillic && cjk > 0) {
    if (s.hangul > s.kana + s.han) return "ko";
    return s.kana > 0 ? "ja" : "zh";
  }
  const std::array others{s.cyrillic, s.arabic, s.hebrew, s.devanagari, s.greek, s.thai};
  const std::array names{s.ukrainian > 0 ? "uk" : "ru", "ar", "he", "hi", "el", "th"};
  const auto most =
      static_cast<std::size_t>(std::max_element(others.begin(), others.end()) - others.begin());
  return others[most] > 0 && others[most] >= s.latin ? names[most] : "";
}

bool in_word(std::string_view text, std::size_t i, std::size_t length) {
  const auto c = static_cast<unsigned char>(text[i]);
  return length > 1 || (c >= 'a' && c <= 'z') || c == '\'';
}

/// Words of the folded text; @names, #tags and links are no words of a language.
template <class F>
void each_word(std::string_view text, const F& each) {
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '@' || text[i] == '#' || text.substr(i).starts_with("http")) {
      while (i < text.size() && text[i] != ' ' && text[i] != '\n') ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size()) {
      const CodePoint at = decode_utf8(text, end);
      const bool emoji_or_sign = at.value >= 0x2000 && at.value < 0x2C00;
      if (!in_word(text, end, at.length) || emoji_or_sign || at.value == 0xBF || at.value == 0xA1 ||
          at.value == 0xA0)
        break;
      end += at.length;
    }
    if (end == i) {
      i += decode_utf8(text, i).length;
      continue;
    }
    each(text.substr(i, end - i));
    i = end;
  }
}

}  // namespace

std::string guess_language(std::string_view text) {
  static const VoteTable kVotes = make_votes();
  text = cut_utf8(text, 4096);  // the rest would not change the guess
  Scripts scripts;
  Votes votes;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint at = decode_utf8(text, i);
    count_script(at.value, scripts);
    if (at.value >= 0xA1 && at.value < 0x250) vote_for_letter(at.value, votes);
    i += at.length;
  }
  if (std::string language = by_script(scripts); !language.empty()) return language;
  if (scripts.latin == 0) return "";
  std::size_t words = 0;
  const std::string folded = fold(text);
  std::string key;
  each_word(folded, [&](std::string_view word) {
    ++words;
    key.assign(word);
    if (const auto it = kVotes.find(key); it != kVotes.end()) {
      for (std::size_t l = 0; l < votes.of.size(); ++l) votes.of[l] += it->second.of[l];
    }
  });
  std::size_t best = 0;
  float second = 0;
  for (std::size_t l = 1; l < votes.of.size(); ++l) {
    if (votes.of[l] > votes.of[best]) best = l;
  }
  for (std::size_t l = 0; l < votes.of.size(); ++l) {
    if (l != best) second = std::max(second, votes.of[l]);
  }
  const float most = votes.of[best];
  const float needed = words <= 6 ? 0.9F : 1.4F;
  if (most < needed || most < second * 1.25F) return "";
  return kStopWords[best].language;
}

}  // namespace earshot
