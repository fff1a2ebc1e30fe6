// What a restored database may hold: records as JSON. The first byte chooses the kind; what is read
// is written so that it reads as the same again.
#include <cstdint>
#include <cstdlib>

#include "earshot/cases/corrective.hpp"
#include "earshot/cases/draft.hpp"
#include "earshot/cases/letter.hpp"
#include "earshot/cases/letter_task.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"
#include "earshot/cases/storm.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/oncall/live.hpp"
#include "earshot/route/silence.hpp"

namespace {

template <class Read>
void check(Read read, std::string_view json) {
  const auto once = read(json);
  if (!once) return;
  const std::string written = to_json(*once);
  const auto again = read(written);
  if (!again || to_json(*again) != written) std::abort();
}

void check_post(std::string_view json) {
  const auto document = earshot::parse_json(json);
  if (!document) return;
  const auto once = earshot::post_from_json(*document, earshot::Wordless::allowed);
  if (!once) return;
  const std::string written = earshot::to_json(*once);
  const auto again =
      earshot::post_from_json(*earshot::parse_json(written), earshot::Wordless::allowed);
  if (!again || earshot::to_json(*again) != written) std::abort();
}

void check_event(std::string_view bytes) {
  const std::string_view kind = bytes.substr(0, bytes.find('\n'));
  const std::string_view data = bytes.substr(std::min(kind.size() + 1, bytes.size()));
  static_cast<void>(earshot::event_from_json(kind, "jo", earshot::from_unix(1), data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  if (size == 0) return 0;
  const std::string_view rest{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 13) {
    case 0:
      check(case_from_json, rest);
      break;
    case 1:
      check(question_from_json, rest);
      break;
    case 2:
      check(corrective_from_json, rest);
      break;
    case 3:
      check(draft_from_json, rest);
      break;
    case 4:
      check(lot_from_json, rest);
      break;
    case 5:
      check(letter_from_json, rest);
      break;
    case 6:
      check(storm_from_json, rest);
      break;
    case 7:
      check(override_from_json, rest);
      break;
    case 8:
      check(absence_from_json, rest);
      break;
    case 9:
      check(swap_from_json, rest);
      break;
    case 10:
      check(silence_from_json, rest);
      break;
    case 11:
      check_post(rest);
      break;
    default:
      check_event(rest);
      break;
  }
  return 0;
}
