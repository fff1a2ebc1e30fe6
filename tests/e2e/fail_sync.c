/* Loaded with LD_PRELOAD: while the file $FAIL_SYNC is there, syncs of the database (any file whose name holds "earshot.db") fail with
 * EIO, as a dying disk's do; each leaves one byte in $FAIL_SYNC.tries. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int file) {
  const char* mark = getenv("FAIL_SYNC");
  char link[64], name[512], tries[512];
  if (mark == NULL || access(mark, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, name, sizeof name - 1);
  if (length <= 0) return 0;
  name[length] = '\0';
  if (strstr(name, "earshot.db") == NULL) return 0;
  snprintf(tries, sizeof tries, "%s.tries", mark);
  const int out = open(tries, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out >= 0) {
    if (write(out, "x", 1) != 1) perror(tries);
    close(out);
  }
  return 1;
}

int fsync(int file) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (!fails(file)) return real(file);
  errno = EIO;
  return -1;
}

int fdatasync(int file) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (!fails(file)) return real(file);
  errno = EIO;
  return -1;
}
