// SPDX-License-Identifier: Apache-2.0
// How the node's allocator, jemalloc, is set: it asks for huge pages. A look-up among millions of
// keys touches memory that no translation cache covers in small pages, and the walks through the
// page tables cost as much as the memory itself. jemalloc reads this name before main.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always";
}
