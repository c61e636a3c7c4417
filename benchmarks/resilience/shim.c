/* Counts what a command changes below a folder, and ends or starves it at the n-th change.

Built by shim.py as a library that LD_PRELOAD puts before the C library, so that it also sees the changes made
by the native code of pyarrow, safetensors and HDF5. A change is: a file that is made, a write, a rename, a
link, a removal, a new folder, a truncation, an fsync. Environment:

FAULT_BELOW  the folder; other files are left alone
FAULT_COUNT  a file of 16 bytes with two counts, of all changes and of those that need room on the disk, which
             all processes of the command share
FAULT_LOG    gets one line for the change at which the fault came
FAULT_KIND   count, kill (SIGKILL for the command and for the process itself; a write is cut in its middle)
             or full (from here on every new file, folder and write fails with ENOSPC)
FAULT_ROOT   the process of the command; processes that it starts inherit the variable
FAULT_AT     n, from 1; for `full` among the changes that need room
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *below, *log_file;
static _Atomic long *count;
static long at;
static int kills, fills;
static pid_t root;

/* Begins to count if the environment says so: when a process starts, and when one that was forked calls it. */
__attribute__((constructor)) void fault_start(void) {
    const char *file = getenv("FAULT_COUNT"), *kind = getenv("FAULT_KIND"), *first = getenv("FAULT_ROOT");
    below = getenv("FAULT_BELOW");
    log_file = getenv("FAULT_LOG");
    if (!file || !below || !kind) return;
    int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDWR, 0);
    if (fd < 0) return;
    void *mapped = mmap(NULL, 2 * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED) return;
    count = mapped;
    at = atol(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0");
    kills = !strcmp(kind, "kill");
    fills = !strcmp(kind, "full");
    root = first ? atoi(first) : getpid();
}

/* Whether a path, as it is given to a call, lies below the folder; `full` gets the whole path. */
static int inside(int folder, const char *path, char *full) {
    size_t used = 0, length = strlen(below);
    if (!count || !path) return 0;
    if (path[0] != '/') {
        char link[64];
        ssize_t size;
        if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        size = syscall(SYS_readlinkat, AT_FDCWD, link, full, PATH_MAX - 1);
        if (size < 0) return 0;
        used = size;
        full[used++] = '/';
    }
    snprintf(full + used, PATH_MAX - used, "%s", path);
    return !strncmp(full, below, length) && full[length] == '/';
}

static int inside_fd(int fd, char *full) {
    char link[64];
    ssize_t size;
    size_t length;
    if (!count) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = syscall(SYS_readlinkat, AT_FDCWD, link, full, PATH_MAX - 1);
    if (size < 0) return 0;
    full[size] = 0;
    length = strlen(below);
    return !strncmp(full, below, length) && full[length] == '/';
}

static void say(const char *what, const char *path) {
    char line[PATH_MAX + 64];
    if (!log_file) return;
    int size = snprintf(line, sizeof line, "%s %s\n", what, path + strlen(below) + 1);
    int fd = syscall(SYS_openat, AT_FDCWD, log_file, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd >= 0) {
        syscall(SYS_write, fd, line, size);
        syscall(SYS_close, fd);
    }
}

static void die(void) {
    kill(root, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

enum { GO, NOW, FULL }; /* go on; this is the n-th change; the disk is full since an earlier one */

static int next(const char *what, const char *path, int room) {
    long all = atomic_fetch_add(count, 1) + 1, number = room ? atomic_fetch_add(count + 1, 1) + 1 : 0;
    if (kills) number = all;
    if ((!kills && !fills) || !number) return GO;
    if (number == at) {
        say(what, path);
        return NOW;
    }
    return fills && number > at ? FULL : GO;
}

/* For a call that needs no room on the disk, and for one that does: -1 if it is to fail. */
static void free_of_room(const char *what, const char *path) {
    if (next(what, path, 0) == NOW) die();
}

static int needs_room(const char *what, const char *path) {
    int found = next(what, path, 1);
    if (found == NOW && kills) die();
    if (found == GO) return 0;
    errno = ENOSPC;
    return -1;
}

/* How many bytes of a write may be written; -1 if it is to fail. At the n-th change half of them are. */
static ssize_t allowed(int fd, size_t size, int *dies) {
    char full[PATH_MAX];
    *dies = 0;
    if (!size || !inside_fd(fd, full)) return size;
    int found = next("write", full, 1);
    if (found == GO) return size;
    if (found == NOW && kills) {
        *dies = 1;
        return size / 2;
    }
    if (found == NOW && size > 1) return size / 2;
    errno = ENOSPC;
    return -1;
}

ssize_t write(int fd, const void *bytes, size_t size) {
    int dies;
    ssize_t some = allowed(fd, size, &dies);
    if (some < 0) return -1;
    ssize_t done = syscall(SYS_write, fd, bytes, some);
    if (dies) die();
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    int dies;
    ssize_t some = allowed(fd, size, &dies);
    if (some < 0) return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, some, offset);
    if (dies) die();
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return pwrite64(fd, bytes, size, offset); }

ssize_t writev(int fd, const struct iovec *parts, int number) {
    int dies;
    size_t size = 0;
    for (int i = 0; i < number; i++) size += parts[i].iov_len;
    ssize_t some = allowed(fd, size, &dies);
    if (some < 0) return -1;
    ssize_t done;
    if ((size_t)some == size) done = syscall(SYS_writev, fd, parts, number);
    else done = syscall(SYS_write, fd, parts[0].iov_base, parts[0].iov_len / 2);
    if (dies) die();
    return done;
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
    int dies;
    ssize_t some = allowed(out, size, &dies);
    if (some < 0) return -1;
    ssize_t done = syscall(SYS_sendfile, out, in, offset, some);
    if (dies) die();
    return done;
}

ssize_t sendfile(int out, int in, off_t *offset, size_t size) { return sendfile64(out, in, offset, size); }

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    int dies;
    ssize_t some = allowed(out, size, &dies);
    if (some < 0) return -1;
    ssize_t done = syscall(SYS_copy_file_range, in, from, out, to, some, flags);
    if (dies) die();
    return done;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    struct stat found;
    if (flags & (O_CREAT | O_TRUNC) && inside(folder, path, full)) {
        int there = !syscall(SYS_newfstatat, folder, path, &found, 0);
        if (there && flags & O_TRUNC) free_of_room("truncate", full);
        if (!there && flags & O_CREAT && needs_room("create", full)) return -1;
    }
    return syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE                                                  \
    mode_t mode = 0;                                          \
    if (flags & (O_CREAT | __O_TMPFILE)) {                    \
        va_list rest;                                         \
        va_start(rest, flags);                                \
        mode = va_arg(rest, mode_t);                          \
        va_end(rest);                                         \
    }

int open(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags | O_LARGEFILE, mode); }

static int renamed(int from, const char *old, int to, const char *new, unsigned flags) {
    char full[PATH_MAX];
    if (inside(to, new, full)) free_of_room(flags ? "exchange" : "rename", full);
    return syscall(SYS_renameat2, from, old, to, new, flags);
}

int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return renamed(from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { return renamed(from, old, to, new, flags); }

static int removed(int folder, const char *path, int flags) {
    char full[PATH_MAX];
    if (inside(folder, path, full)) free_of_room("remove", full);
    return syscall(SYS_unlinkat, folder, path, flags);
}

int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }

static int made(int folder, const char *path, mode_t mode) {
    char full[PATH_MAX];
    if (inside(folder, path, full) && faccessat(folder, path, F_OK, 0) && needs_room("mkdir", full)) return -1;
    return syscall(SYS_mkdirat, folder, path, mode);
}

int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return made(folder, path, mode); }

int symlink(const char *content, const char *path) {
    char full[PATH_MAX];
    if (inside(AT_FDCWD, path, full) && needs_room("link", full)) return -1;
    return syscall(SYS_symlinkat, content, AT_FDCWD, path);
}

int link(const char *old, const char *new) {
    char full[PATH_MAX];
    if (inside(AT_FDCWD, new, full) && needs_room("link", full)) return -1;
    return syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0);
}

int ftruncate64(int fd, off64_t size) {
    char full[PATH_MAX];
    if (inside_fd(fd, full)) free_of_room("truncate", full);
    return syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fsync(int fd) {
    char full[PATH_MAX];
    if (inside_fd(fd, full)) free_of_room("fsync", full);
    return syscall(SYS_fsync, fd);
}
