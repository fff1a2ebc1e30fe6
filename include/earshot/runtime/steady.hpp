#pragma once

/// How long something takes, for those who have no Clock: the store's own thread.

#include "earshot/core/instant.hpp"

namespace earshot {

/// Time of the machine since some fixed moment, suspended or not.
Duration steady_now();

}  // namespace earshot
