#pragma once

/// The simulator's own malloc (arena.cpp), because it is the only thread.

namespace earshot::sim {

/// After a fork: what this process takes from now on lies on pages that it does not share.
void fresh_memory();

}  // namespace earshot::sim
