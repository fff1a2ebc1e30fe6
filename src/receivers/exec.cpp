#include "earshot/runtime/child.hpp"

#include <boost/asio/this_coro.hpp>

#include "earshot/receivers/answer.hpp"
#include "make.hpp"

// A program of the operator's: its arguments as they stand, no shell, the webhook's JSON on its
// standard input, an environment of four names.
namespace earshot {
namespace {

class ExecReceiver final : public Receiver {
 public:
  explicit ExecReceiver(ReceiverConfig config) : config_(std::move(config)) {}

  Task<Delivery> deliver(OutboxRow row) override {
    ChildProgram program;
    program.arguments = config_.command;
    program.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
                           "EARSHOT_KEY=" + row.message_id, "EARSHOT_RECEIVER=" + config_.name};
    if (row.possible_repeats > 0) program.environment.emplace_back("EARSHOT_POSSIBLE_REPEAT=1");
    program.input = std::move(row.body);
    program.timeout = config_.timeout;
    const Executor executor = co_await boost::asio::this_coro::executor;
    const Result<int> code = co_await run_child(executor, std::move(program));
    if (code) co_return read_exit(*code);
    const Error& error = code.error();
    co_return Delivery{error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                       : error.uncertain                    ? DeliveryOutcome::uncertain
                                                            : DeliveryOutcome::again,
                       error.message, error.retry_after};
  }
  bool honours_keys() const override { return false; }
  int at_once() const override { return config_.at_once; }

 private:
  ReceiverConfig config_;
};

}  // namespace

std::shared_ptr<Receiver> make_exec(const ReceiverConfig& config, const SmtpConfig&,
                                    const ReceiverTools&) {
  return std::make_shared<ExecReceiver>(config);
}

}  // namespace earshot
