/* Loaded with LD_PRELOAD: counts a program's calls into the kernel by thread and name, and kills the program at one of them.
 *
 *   KILL_COUNTS=FILE   each count, live: lines of 64 bytes "thread call count"; the file has room for 512 of them
 *   KILL_AT=THREAD:CALL:N:before|after   SIGKILL when THREAD makes its Nth CALL, before the kernel sees it or once it has been done
 *
 * Counting is per thread name, as strace's `inject=…:when=N` counts per thread. kill_test.py compares the counts with strace's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kRows = 512, kRow = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  char thread[16];
  const char* call;
  long count;
} rows[kRows];
static char* shown; /* the file, mapped: what stands there outlives the kill */
static char want_thread[16], want_call[24];
static long want_count;
static int want_after, want_any;

__attribute__((constructor)) static void begin(void) {
  const char* at = getenv("KILL_AT");
  if (at != NULL) {
    char when[8] = "";
    want_any = sscanf(at, "%15[^:]:%23[^:]:%ld:%7s", want_thread, want_call, &want_count, when) == 4;
    want_after = strcmp(when, "after") == 0;
  }
  const char* path = getenv("KILL_COUNTS");
  if (path == NULL) return;
  const int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);
  shown = mmap(NULL, (size_t)kRows * kRow, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file < 0 || shown == MAP_FAILED) _exit(99);
  syscall(SYS_close, file);
}

static int reached(const char* call) {
  char thread[16] = "";
  prctl(PR_GET_NAME, thread);
  pthread_mutex_lock(&lock);
  int i = 0;
  while (i < kRows && rows[i].call != NULL && (strcmp(rows[i].call, call) != 0 || strcmp(rows[i].thread, thread) != 0)) ++i;
  long count = 0;
  if (i < kRows) {
    if (rows[i].call == NULL) memcpy(rows[i].thread, thread, sizeof thread);
    rows[i].call = call;
    count = ++rows[i].count;
    if (shown != NULL) {
      char line[kRow];
      memset(line, ' ', sizeof line);
      const int n = snprintf(line, sizeof line - 1, "%s %s %ld", thread, call, count);
      line[n] = ' ';
      line[kRow - 1] = '\n';
      memcpy(shown + (long)i * kRow, line, kRow);
    }
  }
  pthread_mutex_unlock(&lock);
  return want_any && count == want_count && strcmp(call, want_call) == 0 && strcmp(thread, want_thread) == 0;
}

static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); }

#define WRAP(name, result, parameters, arguments)                    \
  result name parameters {                                           \
    static result(*real) parameters;                                 \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);      \
    const int here = reached(#name);                                 \
    if (here && !want_after) die();                                  \
    const result out = real arguments;                               \
    if (here) die();                                                 \
    return out;                                                      \
  }

WRAP(pwrite64, ssize_t, (int file, const void* bytes, size_t size, off64_t at), (file, bytes, size, at))
WRAP(pwrite, ssize_t, (int file, const void* bytes, size_t size, off_t at), (file, bytes, size, at))
WRAP(fdatasync, int, (int file), (file))
WRAP(fsync, int, (int file), (file))
WRAP(ftruncate64, int, (int file, off64_t size), (file, size))
WRAP(ftruncate, int, (int file, off_t size), (file, size))
WRAP(unlink, int, (const char* path), (path))
WRAP(write, ssize_t, (int file, const void* bytes, size_t size), (file, bytes, size))
WRAP(writev, ssize_t, (int file, const struct iovec* parts, int count), (file, parts, count))
WRAP(send, ssize_t, (int file, const void* bytes, size_t size, int flags), (file, bytes, size, flags))
WRAP(sendmsg, ssize_t, (int file, const struct msghdr* message, int flags), (file, message, flags))
WRAP(recv, ssize_t, (int file, void* bytes, size_t size, int flags), (file, bytes, size, flags))
WRAP(recvmsg, ssize_t, (int file, struct msghdr* message, int flags), (file, message, flags))
WRAP(connect, int, (int file, const struct sockaddr* to, socklen_t size), (file, to, size))

#define WRAP_OPEN(name)                                                     \
  int name(const char* path, int flags, ...) {                              \
    static int (*real)(const char*, int, ...);                              \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);             \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                           \
    const int here = reached("open");                                       \
    if (here && !want_after) die();                                         \
    const int out = real(path, flags, mode);                                \
    if (here) die();                                                        \
    return out;                                                             \
  }
WRAP_OPEN(open)
WRAP_OPEN(open64)

#define WRAP_FCNTL(name)                                                    \
  int name(int file, int command, ...) {                                    \
    static int (*real)(int, int, ...);                                      \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);             \
    va_list more;                                                           \
    va_start(more, command);                                                \
    void* argument = va_arg(more, void*);                                   \
    va_end(more);                                                           \
    const int here = reached("fcntl");                                      \
    if (here && !want_after) die();                                         \
    const int out = real(file, command, argument);                          \
    if (here) die();                                                        \
    return out;                                                             \
  }
WRAP_FCNTL(fcntl)
WRAP_FCNTL(fcntl64)
