// The reader of imported rotas: bounded, and what it returns can be asked for its dates.
#include <cstdint>
#include <cstdlib>

#include "earshot/oncall/schedule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto events = earshot::parse_calendar({reinterpret_cast<const char*>(data), size});
  if (!events) return 0;
  const auto from = *earshot::parse_civil("2026-01-01");
  for (std::size_t i = 0; i < events->size() && i < 20; ++i) {
    const earshot::CalendarEvent& event = (*events)[i];
    if (event.length <= earshot::seconds{0}) std::abort();
    const auto all = earshot::occurrences(event, from, from + std::chrono::days{400});
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (all[k] < from || (k > 0 && all[k] <= all[k - 1])) std::abort();
    }
  }
  return 0;
}
