#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "earshot/runtime/log.hpp"
#include "make.hpp"

namespace earshot {
namespace {

/// One JSON line per message: to a file (synced before it counts as told), or to the daemon's own
/// log.
class LogReceiver final : public Receiver {
 public:
  LogReceiver(ReceiverConfig config, std::string directory) : config_(std::move(config)) {
    path_ = config_.path.empty() || config_.path.starts_with('/') ? config_.path
                                                                  : directory + "/" + config_.path;
  }

  Task<Delivery> deliver(OutboxRow row) override {
    if (path_.empty()) {
      log(LogLevel::warn, "told",
          {{"receiver", config_.name},
           {"case", row.case_id},
           {"person", row.person},
           {"message", row.body}});
      co_return Delivery{DeliveryOutcome::ok, "logged", {}};
    }
    const std::string line = row.body + "\n";
    const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    const bool written =
        file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
        ::fdatasync(file) == 0;
    const int why = errno;
    if (file >= 0) ::close(file);
    if (written) co_return Delivery{DeliveryOutcome::ok, "written", {}};
    co_return Delivery{DeliveryOutcome::again, path_ + ": " + std::strerror(why), {}};
  }

  bool honours_keys() const override { return false; }

 private:
  ReceiverConfig config_;
  std::string path_;
};

}  // namespace

std::shared_ptr<Receiver> make_log(const ReceiverConfig& config, const SmtpConfig&,
                                   const ReceiverTools& tools) {
  return std::make_shared<LogReceiver>(config, tools.config_dir);
}

}  // namespace earshot
