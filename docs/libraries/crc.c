// A library for scripts of pywagi: `crc.crc32(b"...")`.
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name)))

// Gives pywagi memory for the bytes of an argument.
EXPORT(alloc) void *allocate(size_t size) { return malloc(size ? size : 1); }

// Takes it back after the call.
EXPORT(dealloc) void deallocate(void *at, size_t size) {
    (void)size;
    free(at);
}

// `bytes` is two parameters here: an address and a length.
EXPORT(crc32) uint32_t crc32(const unsigned char *at, size_t size) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (-(crc & 1) & 0xedb88320u);
    }
    return ~crc;
}
