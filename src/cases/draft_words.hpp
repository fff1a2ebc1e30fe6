#pragma once

/// Words that a reply to a customer does better without, English and German, lower case. From what
/// customers answer to: blame that is passed on, apologies for feelings, promises without a day.

#include <array>
#include <string_view>

namespace earshot {

inline constexpr std::array<std::string_view, 30> kBlame{"you should have",
                                                         "you failed to",
                                                         "you must have",
                                                         "if you had",
                                                         "user error",
                                                         "as stated in our terms",
                                                         "according to our terms",
                                                         "our supplier",
                                                         "our courier",
                                                         "the courier's fault",
                                                         "third party",
                                                         "third-party",
                                                         "not our fault",
                                                         "beyond our control",
                                                         "out of our control",
                                                         "you are wrong",
                                                         "you're wrong",
                                                         "calm down",
                                                         "as i already",
                                                         "as already explained",
                                                         "nobody else has",
                                                         "sie hätten",
                                                         "hätten sie",
                                                         "laut unseren agb",
                                                         "gemäß unseren agb",
                                                         "unser lieferant",
                                                         "nicht unsere schuld",
                                                         "höhere gewalt",
                                                         "wie bereits erwähnt",
                                                         "bedienungsfehler"};

inline constexpr std::array<std::string_view, 20> kEmptyApology{"any inconvenience",
                                                                "for the inconvenience",
                                                                "sorry if",
                                                                "sorry you feel",
                                                                "sorry that you feel",
                                                                "sorry to hear that you",
                                                                "apologise if",
                                                                "apologize if",
                                                                "we value your feedback",
                                                                "we value your opinion",
                                                                "take this very seriously",
                                                                "takes this very seriously",
                                                                "your call is important",
                                                                "your satisfaction is our",
                                                                "unannehmlichkeiten",
                                                                "falls sie sich",
                                                                "sollten sie sich",
                                                                "ihre zufriedenheit",
                                                                "nehmen ihr anliegen sehr ernst",
                                                                "nehmen das sehr ernst"};

inline constexpr std::array<std::string_view, 18> kSoon{"soon",
                                                        "shortly",
                                                        "asap",
                                                        "as soon as possible",
                                                        "as quickly as possible",
                                                        "in due course",
                                                        "in the near future",
                                                        "in the coming weeks",
                                                        "at the earliest",
                                                        "right away",
                                                        "bald",
                                                        "demnächst",
                                                        "in kürze",
                                                        "schnellstmöglich",
                                                        "zeitnah",
                                                        "umgehend",
                                                        "so schnell wie möglich",
                                                        "in absehbarer zeit"};

/// What says a day, without digits.
inline constexpr std::array<std::string_view, 43> kDays{
    "today",      "tonight",   "tomorrow", "monday",    "tuesday",     "wednesday",     "thursday",
    "friday",     "saturday",  "sunday",   "january",   "february",    "march",         "april",
    "june",       "july",      "august",   "september", "october",     "november",      "december",
    "this week",  "next week", "heute",    "morgen",    "montag",      "dienstag",      "mittwoch",
    "donnerstag", "freitag",   "samstag",  "sonntag",   "januar",      "februar",       "märz",
    "juni",       "juli",      "oktober",  "dezember",  "diese woche", "nächste woche", "already",
    "bereits"};

/// An honest no needs no day.
inline constexpr std::array<std::string_view, 6> kNoChange{"will not change", "won't change",
                                                           "cannot change",   "wird nicht geändert",
                                                           "bleibt so",       "bleibt es dabei"};

inline constexpr std::array<std::string_view, 14> kGifts{
    "refund",      "money back", "voucher",     "compensat",  "free of charge",
    "replacement", "reimburse",  "erstatt",     "gutschein",  "entschädig",
    "kostenlos",   "kostenfrei", "geld zurück", "ersatzgerät"};

}  // namespace earshot
