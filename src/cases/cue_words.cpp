#include "earshot/cases/cue_words.hpp"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

struct Row {
  std::string_view cue;
  std::array<std::string_view, 9> words;  ///< in the order of kLanguages
};
constexpr std::array<std::string_view, 9> kLanguages{"en", "de", "fr", "es", "it",
                                                     "nl", "pt", "ja", "sv"};
constexpr std::array kRows{
    Row{"safety",
        {"danger to people or property", "Gefahr für Menschen oder Sachen",
         "danger pour des personnes ou des biens", "peligro para personas o bienes",
         "pericolo per persone o cose", "gevaar voor mensen of spullen",
         "perigo para pessoas ou bens", "人や物への危険", "fara för människor eller egendom"}},
    Row{"medical",
        {"injury, illness or a medical device", "Verletzung, Krankheit oder medizinisches Gerät",
         "blessure, maladie ou appareil médical", "lesión, enfermedad o aparato médico",
         "ferita, malattia o apparecchio medico", "letsel, ziekte of medisch apparaat",
         "ferimento, doença ou aparelho médico", "負傷・病気・医療機器",
         "skada, sjukdom eller medicinsk utrustning"}},
    Row{"fraud",
        {"fraud", "Betrug", "fraude", "fraude", "frode", "fraude", "fraude", "詐欺", "bedrägeri"}},
    Row{"breach",
        {"data breach or account take-over", "Datenleck oder übernommenes Konto",
         "fuite de données ou compte piraté", "fuga de datos o cuenta robada",
         "violazione di dati o account rubato", "datalek of gekaapt account",
         "fuga de dados ou conta invadida", "情報漏えい・アカウント乗っ取り",
         "dataläcka eller kapat konto"}},
    Row{"legal",
        {"legal step", "rechtlicher Schritt", "action en justice", "paso legal", "azione legale",
         "juridische stap", "medida judicial", "法的手段", "rättslig åtgärd"}},
    Row{"press",
        {"press or publication", "Presse oder Veröffentlichung", "presse ou publication",
         "prensa o publicación", "stampa o pubblicazione", "pers of publicatie",
         "imprensa ou publicação", "報道・公表", "press eller publicering"}},
    Row{"outage",
        {"service wholly gone", "Dienst ganz ausgefallen", "service totalement coupé",
         "servicio caído del todo", "servizio del tutto fermo", "dienst helemaal uitgevallen",
         "serviço totalmente parado", "サービス全面停止", "tjänsten helt nere"}},
    Row{"discrimination",
        {"discrimination", "Diskriminierung", "discrimination", "discriminación", "discriminazione",
         "discriminatie", "discriminação", "差別", "diskriminering"}},
    Row{"threat",
        {"threat of violence or self-harm", "Drohung mit Gewalt oder Selbstverletzung",
         "menace de violence ou d'automutilation", "amenaza de violencia o de autolesión",
         "minaccia di violenza o autolesionismo", "dreiging met geweld of zelfbeschadiging",
         "ameaça de violência ou automutilação", "暴力・自傷のおそれ",
         "hot om våld eller självskada"}},
    Row{"churn",
        {"is leaving", "geht weg", "s'en va", "se marcha", "se ne va", "vertrekt", "está a sair",
         "解約", "lämnar oss"}},
    Row{"repeat_contact",
        {"not the first contact", "nicht die erste Meldung", "n'est pas le premier contact",
         "no es el primer contacto", "non è il primo contatto", "niet het eerste contact",
         "não é o primeiro contacto", "初めての連絡ではない", "inte första kontakten"}},
    Row{"broken_promise",
        {"a promise was not kept", "ein Versprechen wurde nicht gehalten",
         "une promesse n'a pas été tenue", "no se cumplió una promesa", "promessa non mantenuta",
         "een belofte is niet nagekomen", "uma promessa não foi cumprida", "約束違反",
         "ett löfte bröts"}},
    Row{"wants_human",
        {"wants a person", "will einen Menschen sprechen", "veut parler à quelqu'un",
         "quiere hablar con una persona", "vuole parlare con una persona", "wil een mens spreken",
         "quer falar com uma pessoa", "担当者との会話を希望", "vill tala med en människa"}},
};

}  // namespace

std::string cue_words(std::string_view cue, std::string_view language) {
  const std::string_view primary = language.substr(0, language.find('-'));
  const auto place = std::ranges::find(kLanguages, primary);
  const auto row = std::ranges::find(kRows, cue, &Row::cue);
  if (place == kLanguages.end() || row == kRows.end()) return {};
  return std::string{row->words[static_cast<std::size_t>(place - kLanguages.begin())]};
}

std::vector<std::string> told_and_heard(const Case& it) {
  std::vector<std::string> out = it.cues;
  out.insert(out.end(), it.cues_heard.begin(), it.cues_heard.end());
  return out;
}

}  // namespace earshot
