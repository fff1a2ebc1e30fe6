#include "earshot/receivers/registry.hpp"

#include "make.hpp"

namespace earshot {

Result<std::shared_ptr<Receiver>> make_receiver(const ReceiverConfig& config,
                                                const SmtpConfig& mail,
                                                const ReceiverTools& tools) {
  std::shared_ptr<Receiver> made;
#define RECEIVER(word, summary) \
  if (config.type == #word) made = make_##word(config, mail, tools);
#include "receivers.def"
#undef RECEIVER
  if (!made)
    return permanent("receiver " + config.name + ": no receiver has the type \"" + config.type +
                     "\"");
  if (const Result<void> read = made->reread_secrets(); !read)
    return read.error().in("receiver " + config.name);
  return made;
}

}  // namespace earshot
