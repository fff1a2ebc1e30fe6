// The process that reads what strangers send.
#include "daemon.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/sources/reader.hpp"

namespace earshot {

/// Before the first document asks for it. Where it cannot be begun, each document tries again.
Task<> Daemon::begin_reader() {
  const Result<std::string> begun = co_await outside_.reader->begin();
  if (begun) log(LogLevel::info, "the reader is ready", {{"confined_by", *begun}});
}

bool Daemon::reader_well() const {
  return outside_.reader->well();
}

}  // namespace earshot
