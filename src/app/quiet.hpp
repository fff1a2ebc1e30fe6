#pragma once

/// What keeps a case quiet: a silence, a muted route, an inhibition. What is withheld is written
/// down with its reason and said later, where it is still true; a hazard and a principal's case are
/// told all the same, and say so.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/route/silence.hpp"
#include "earshot/store/store.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"

namespace earshot {

/// Kinds of records. `quiet`: a case that is withheld; its id is the case's, its parent what keeps
/// it so. `inhibitor`: an open case that keeps others quiet; its parent is the inhibit_key, its
/// owner the case.
inline constexpr std::string_view kSilence = "silence";
inline constexpr std::string_view kInhibitor = "inhibitor";

/// Those that have not ended; a record that cannot be read is a StoreError.
std::vector<Silence> read_silences(StoreReader& reader, Instant now);
/// What is withheld by this speaks now, where nothing else keeps it quiet.
void wake_quieted(StoreWriter& writer, const std::string& by, Instant now);

/// Commands: silence_add {matchers, reason, from, to or for}, silence_expire {id}.
RotaAnswer change_silence(StoreWriter& writer, Chance chance, const RotaCommand& command);
/// A silence has come to its end: its record says so.
void end_silence(StoreWriter& writer, const TimerRecord& timer, Instant now);

}  // namespace earshot
