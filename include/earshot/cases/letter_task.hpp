#pragma once

/// A letter that was drawn: somebody at the top rings or answers its writer themselves, and writes
/// down what they learnt. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/letter.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"

namespace earshot {

/// What a period's letters were drawn from; whoever has it and the seed draws the same.
struct LetterLot {
  std::string period;
  Instant from{};
  Instant to{};
  std::string seed;
  std::map<LetterFate, double> strata{};
  std::vector<LetterReader> readers{};  ///< with schedules as they were named
  std::vector<LetterCandidate> pool{};
};
std::string to_json(const LetterLot& lot);
Result<LetterLot> lot_from_json(std::string_view json);

/// How the writer was reached.
EARSHOT_ENUM(LetterWay, called, answered, not_reached);

struct LetterTask {
  std::string id;      ///< "l1a2b3c4d"
  std::string lot;     ///< name of the period it was drawn for
  std::string seed;    ///< of the lot
  std::string reader;  ///< as the configuration names it: "ceo", "schedule:contact"
  std::string to;      ///< person or principal
  int place = 0;       ///< the how-manieth of the reader's lots, from 0
  LetterCandidate item;
  LetterState state = LetterState::due;
  Instant drawn_at{};
  Instant due{};
  std::optional<Instant> ended_at{};
  LetterWay way = LetterWay::called;
  std::string outcome;  ///< what was said and agreed
  std::string learnt;
  std::string by;      ///< who did it, or swapped it
  std::string reason;  ///< why it was given back

  bool owed() const { return state == LetterState::due || state == LetterState::late; }
};

struct LetterCommand {
  std::string what;  ///< done swap
  std::string who;
  Arguments args{};  ///< way outcome learnt; reason
  bool manager = false;
};
struct LetterAnswer {
  LetterTask after;
  std::optional<Refusal> refusal{};
};

/// `swaps_left`: letters of this lot that its reader may still give back.
LetterAnswer apply_letter(const LetterTask& before, const LetterCommand& command, int swaps_left,
                          Instant now, const Parties& parties);

std::string to_json(const LetterTask& it);
Result<LetterTask> letter_from_json(std::string_view json);

}  // namespace earshot
