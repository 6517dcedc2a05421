// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/sqlite_vfs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "adapters/storage/limits.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::storage {
namespace {

constexpr int kMaxPathBytes = 512;
constexpr int kSectorBytes = 512;
// Midnight of 1970-01-01 as a Julian day in milliseconds. No statement asks for the time.
constexpr sqlite3_int64 kFixedTime = 210'866'760'000'000;

}  // namespace

// SQLite allocates szOsFile bytes and hands them to xOpen. `base` comes first: SQLite sees only
// that.
struct SqliteFile {
  sqlite3_file base;
  SqliteVfs* vfs;
  env::File* file;  // owned; deleted by Close
  Bytes* scratch;   // owned
  bool new_entry;   // the directory must be synced with the next sync of the file
};

// The callbacks. Each turns a Status into one of SQLite's codes and keeps the Status for TakeError.
struct SqliteVfsMethods {
  static SqliteFile& FileOf(sqlite3_file* file) { return *reinterpret_cast<SqliteFile*>(file); }
  static SqliteVfs& VfsOf(sqlite3_vfs* vfs) { return *static_cast<SqliteVfs*>(vfs->pAppData); }

  static int Fail(SqliteVfs& vfs, const absl::Status& status, int code) {
    vfs.error_ = status;
    return absl::IsUnavailable(status) ? SQLITE_FULL : code;
  }

  // Runs a callback's body; running out of memory is the one thing that may be thrown.
  template <typename Body>
  static int Guard(Body&& body) noexcept {
    try {
      return body();
    } catch (const std::bad_alloc&) {
      return SQLITE_IOERR_NOMEM;
    } catch (...) {
      return SQLITE_IOERR;
    }
  }

  static int Close(sqlite3_file* base) {
    SqliteFile& file = FileOf(base);
    delete std::exchange(file.file, nullptr);
    delete std::exchange(file.scratch, nullptr);
    return SQLITE_OK;
  }

  static int Read(sqlite3_file* base, void* out, int size, sqlite3_int64 offset) {
    return Guard([&] {
      SqliteFile& file = FileOf(base);
      const auto wanted = static_cast<size_t>(size);
      const absl::Status status =
          file.file->Read(static_cast<uint64_t>(offset), wanted, *file.scratch);
      if (!status.ok()) return Fail(*file.vfs, status, SQLITE_IOERR_READ);
      std::memcpy(out, file.scratch->data(), file.scratch->size());
      if (file.scratch->size() == wanted) return SQLITE_OK;
      std::memset(static_cast<char*>(out) + file.scratch->size(), 0, wanted - file.scratch->size());
      return SQLITE_IOERR_SHORT_READ;
    });
  }

  static int Write(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 offset) {
    return Guard([&] {
      SqliteFile& file = FileOf(base);
      const absl::Status status = file.file->Write(
          static_cast<uint64_t>(offset),
          std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size)));
      return status.ok() ? SQLITE_OK : Fail(*file.vfs, status, SQLITE_IOERR_WRITE);
    });
  }

  static int Truncate(sqlite3_file* base, sqlite3_int64 size) {
    return Guard([&] {
      SqliteFile& file = FileOf(base);
      const absl::Status status = file.file->Truncate(static_cast<uint64_t>(size));
      return status.ok() ? SQLITE_OK : Fail(*file.vfs, status, SQLITE_IOERR_TRUNCATE);
    });
  }

  static int Sync(sqlite3_file* base, int /*flags*/) {
    return Guard([&] {
      SqliteFile& file = FileOf(base);
      absl::Status status = file.file->Sync();
      if (status.ok() && file.new_entry) status = file.vfs->files_.SyncDirectory();
      if (!status.ok()) return Fail(*file.vfs, status, SQLITE_IOERR_FSYNC);
      file.new_entry = false;
      return SQLITE_OK;
    });
  }

  static int FileSize(sqlite3_file* base, sqlite3_int64* size) {
    return Guard([&] {
      SqliteFile& file = FileOf(base);
      const auto result = file.file->Size();
      if (!result.ok()) return Fail(*file.vfs, result.status(), SQLITE_IOERR_FSTAT);
      *size = static_cast<sqlite3_int64>(*result);
      return SQLITE_OK;
    });
  }

  static int Lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int Unlock(sqlite3_file*, int) { return SQLITE_OK; }
  static int CheckReservedLock(sqlite3_file*, int* reserved) {
    *reserved = 0;
    return SQLITE_OK;
  }
  static int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int SectorSize(sqlite3_file*) { return kSectorBytes; }
  // A sector is written whole or not at all, and a torn write harms no byte outside of its range.
  static int DeviceCharacteristics(sqlite3_file*) {
    return SQLITE_IOCAP_ATOMIC512 | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
  }

  static int Open(sqlite3_vfs* base, const char* path, sqlite3_file* out, int flags,
                  int* out_flags);

  static int Delete(sqlite3_vfs* base, const char* path, int sync_directory) {
    return Guard([&] {
      SqliteVfs& vfs = VfsOf(base);
      const auto exists = vfs.files_.Exists(path);
      if (!exists.ok()) return Fail(vfs, exists.status(), SQLITE_IOERR_DELETE);
      if (!*exists) return SQLITE_IOERR_DELETE_NOENT;
      absl::Status status = vfs.files_.Remove(path);
      if (status.ok() && sync_directory != 0) status = vfs.files_.SyncDirectory();
      return status.ok() ? SQLITE_OK : Fail(vfs, status, SQLITE_IOERR_DELETE);
    });
  }

  static int Access(sqlite3_vfs* base, const char* path, int /*flags*/, int* result) {
    return Guard([&] {
      SqliteVfs& vfs = VfsOf(base);
      const auto exists = vfs.files_.Exists(path);
      if (!exists.ok()) return Fail(vfs, exists.status(), SQLITE_IOERR_ACCESS);
      *result = *exists ? 1 : 0;
      return SQLITE_OK;
    });
  }

  static int FullPathname(sqlite3_vfs*, const char* path, int size, char* out) {
    const size_t length = std::strlen(path);
    if (length + 1 > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, path, length + 1);
    return SQLITE_OK;
  }

  static int Randomness(sqlite3_vfs* base, int size, char* out) {
    SqliteVfs& vfs = VfsOf(base);
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(KeyedHash(vfs.seed_, vfs.draws_++));
    return size;
  }

  static int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int CurrentTime(sqlite3_vfs*, double* days) {
    *days = static_cast<double>(kFixedTime) / 86'400'000.0;
    return SQLITE_OK;
  }
  static int CurrentTimeInt64(sqlite3_vfs*, sqlite3_int64* milliseconds) {
    *milliseconds = kFixedTime;
    return SQLITE_OK;
  }
  static int GetLastError(sqlite3_vfs*, int, char*) { return 0; }
};

namespace {

using Methods = SqliteVfsMethods;

// Version 1: no shared memory, no memory mapping.
constexpr sqlite3_io_methods kFileMethods = {
    .iVersion = 1,
    .xClose = Methods::Close,
    .xRead = Methods::Read,
    .xWrite = Methods::Write,
    .xTruncate = Methods::Truncate,
    .xSync = Methods::Sync,
    .xFileSize = Methods::FileSize,
    .xLock = Methods::Lock,
    .xUnlock = Methods::Unlock,
    .xCheckReservedLock = Methods::CheckReservedLock,
    .xFileControl = Methods::FileControl,
    .xSectorSize = Methods::SectorSize,
    .xDeviceCharacteristics = Methods::DeviceCharacteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

int SqliteVfsMethods::Open(sqlite3_vfs* base, const char* path, sqlite3_file* out, int flags,
                           int* out_flags) {
  return Guard([&] {
    SqliteFile& file = FileOf(out);
    file = {};  // no methods: SQLite does not call Close after a failure
    SqliteVfs& vfs = VfsOf(base);
    if (path == nullptr) {
      return Fail(vfs, FailedPrecondition("SQLite asked for a temporary file"), SQLITE_CANTOPEN);
    }
    const auto exists = vfs.files_.Exists(path);
    if (!exists.ok()) return Fail(vfs, exists.status(), SQLITE_CANTOPEN);
    auto opened = vfs.files_.Open(path, (flags & SQLITE_OPEN_CREATE) != 0);
    if (!opened.ok()) return Fail(vfs, opened.status(), SQLITE_CANTOPEN);
    auto scratch = std::make_unique<Bytes>();
    file.vfs = &vfs;
    file.file = opened->release();
    file.scratch = scratch.release();
    file.new_entry = !*exists;
    file.base.pMethods = &kFileMethods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  });
}

SqliteVfs::SqliteVfs(env::FileSystem& files, uint64_t seed)
    // The address is unique among the living and seen by nobody.
    : files_(files), seed_(seed), name_(Format("quorate-%x", reinterpret_cast<uintptr_t>(this))) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = static_cast<int>(sizeof(SqliteFile));
  vfs_.mxPathname = kMaxPathBytes;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Methods::Open;
  vfs_.xDelete = Methods::Delete;
  vfs_.xAccess = Methods::Access;
  vfs_.xFullPathname = Methods::FullPathname;
  vfs_.xRandomness = Methods::Randomness;
  vfs_.xSleep = Methods::Sleep;
  vfs_.xCurrentTime = Methods::CurrentTime;
  vfs_.xGetLastError = Methods::GetLastError;
  vfs_.xCurrentTimeInt64 = Methods::CurrentTimeInt64;
  QUORATE_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(&vfs_); }

void ResetSqliteRandomness(uint64_t seed) {
  // SQLite takes 32 bits, and treats 0 as "ask the operating system".
  const auto folded = static_cast<uint32_t>(KeyedHash(seed, 0));
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(folded == 0 ? 1 : folded),
                       nullptr);
}

}  // namespace quorate::storage
