#pragma once

namespace earshot::sim {

class Disk;

/// Makes SQLite's default VFS read and write this disk, from now on and for every file; nullptr:
/// none may be opened. Registers the VFS the first time.
void use_disk(Disk* disk);

}  // namespace earshot::sim
