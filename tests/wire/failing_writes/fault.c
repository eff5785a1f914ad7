/* Has writes to the event store's files fail. To be loaded before a hub with LD_PRELOAD.
 *
 * RAPPEL_FAULT        the error: EIO or ENOSPC
 * RAPPEL_FAULT_AT     which write, sync or truncation fails, once: 1 is the first; 0 is none
 * RAPPEL_FAULT_WHILE  a file: as long as it exists, every one fails
 * RAPPEL_FAULT_TOLD   a file that is made when the first one has failed
 *
 * A write that fails has written half of what it should have, as a disk does that gives up. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Whether the file is one of the event store's: rappel.db and what stands beside it. */
static int is_store(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    return name != NULL && strncmp(name + 1, "rappel.db", 9) == 0;
}

/* The error that this call is to fail with; 0 when it is not to fail. */
static int fault(int fd) {
    const char *error = getenv("RAPPEL_FAULT");
    if (error == NULL || !is_store(fd)) return 0;
    const char *at = getenv("RAPPEL_FAULT_AT"), *lasting = getenv("RAPPEL_FAULT_WHILE");
    long call = atomic_fetch_add(&calls, 1) + 1;
    int fails = at != NULL && atol(at) == call;
    fails = fails || (lasting != NULL && access(lasting, F_OK) == 0);
    if (!fails) return 0;
    const char *told = getenv("RAPPEL_FAULT_TOLD");
    if (told != NULL) close(open(told, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    return strcmp(error, "ENOSPC") == 0 ? ENOSPC : EIO;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = next("write");
    int error = fault(fd);
    if (error == 0) return real(fd, bytes, count);
    if (count > 1) (void)!real(fd, bytes, count / 2);
    errno = error;
    return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    ssize_t (*real)(int, const void *, size_t, off64_t) = next("pwrite64");
    int error = fault(fd);
    if (error == 0) return real(fd, bytes, count, offset);
    if (count > 1) (void)!real(fd, bytes, count / 2, offset);
    errno = error;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

#define FAILING(name, parameters, arguments)                                                                           \
    int name parameters {                                                                                              \
        int(*real) parameters = next(#name);                                                                           \
        int error = fault(fd);                                                                                         \
        if (error == 0) return real arguments;                                                                         \
        errno = error;                                                                                                 \
        return -1;                                                                                                     \
    }

FAILING(fsync, (int fd), (fd))
FAILING(fdatasync, (int fd), (fd))
FAILING(ftruncate, (int fd, off_t length), (fd, length))
FAILING(ftruncate64, (int fd, off64_t length), (fd, length))
