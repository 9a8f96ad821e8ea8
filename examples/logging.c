/* A client of kleio's spool in C; docs/reference/spool.rst has the format. Build and record it with:
 *     cc -o /tmp/logging examples/logging.c && kleio /tmp/logging
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int spool = -1;
static unsigned char salt[16];
static unsigned long sequence;

static uint32_t crc32(uint32_t crc, const void *data, size_t size) {
    const unsigned char *byte = data;
    for (crc = ~crc; size--; byte++) {
        crc ^= *byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
    }
    return ~crc;
}

static long long microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int begin(void) {
    char path[4096], host[64] = "", hex[33], header[81];
    const char *directory = getenv("KLEIO_SPOOL");
    if (!directory || getentropy(salt, sizeof salt) < 0) return 0;
    gethostname(host, sizeof host - 1);
    snprintf(path, sizeof path, "%s/%s-c-%d-0.ksp", directory, host, (int)getpid());
    spool = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    for (int i = 0; i < 16; i++) sprintf(hex + 2 * i, "%02x", salt[i]);
    sprintf(header, "kleio-spool 1 %s %s\n", hex, hex);
    return spool >= 0 && write(spool, header, 80) == 80;
}

/* Record one statistic: `body` is a JSON object on one line, in ASCII. Not started by kleio: print it. */
static void log_statistic(const char *body) {
    static int begun = -1;
    char data[8192], line[8300];
    if (begun < 0) begun = begin();
    if (!begun) { puts(body); return; }
    int size = snprintf(data, sizeof data, "%lu {\"t\":%lld,\"s\":\"statistics\",\"b\":%s}", sequence,
                        microseconds(), body);
    if (size >= (int)sizeof data) return;
    off_t end = lseek(spool, 0, SEEK_END);
    int length = sprintf(line, "%08x %s\n", crc32(crc32(0, salt, 16), data, size), data);
    if (write(spool, line, length) == length) sequence++;
    else if (ftruncate(spool, end) < 0) begun = 0;
}

int main(void) {
    char body[128];
    for (int step = 1; step <= 3; step++) {
        snprintf(body, sizeof body, "{\"step\":%d,\"loss\":%.6f}", step, 1.0 / step);
        log_statistic(body);
    }
    return 0;
}
