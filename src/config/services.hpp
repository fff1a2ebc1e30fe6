#pragma once

/// Readers of the receivers' keys (read_receivers.cpp calls them). Pure.

#include "context.hpp"
#include "earshot/config/config.hpp"

namespace earshot::config {

/// The keys of a service; false where the type is none. `reach` is what it may connect to.
bool read_service(Section& section, const NetworkPolicy& reach, ReceiverConfig& out);
/// at_once, and updates and templates where the type takes them.
void read_common(Section& section, ReceiverConfig& out, bool updates, bool templates);

}  // namespace earshot::config
