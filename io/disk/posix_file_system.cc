// SPDX-License-Identifier: Apache-2.0
#include "io/disk/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "io/disk/limits.h"

namespace quorate::io {
namespace {

constexpr mode_t kFileMode = 0600;

absl::Status CheckName(const std::string& name) {
  const bool plain = !name.empty() && name != "." && name != ".." &&
                     name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (plain) return absl::OkStatus();
  return InvalidArgument(Format("file name \"%s\": must name a file of the directory", name));
}

class PosixFile final : public env::File {
 public:
  PosixFile(std::string path, FileDescriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  absl::Status Read(uint64_t offset, size_t size, Bytes& out) override {
    out.resize(size);
    size_t done = 0;
    while (done < size) {
      const ssize_t count = RetryInterrupted([&] {
        return ::pread(fd_.get(), out.data() + done, size - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) return ErrnoStatus("read", path_);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    out.resize(done);
    return absl::OkStatus();
  }

  absl::Status Write(uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = RetryInterrupted([&] {
        return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      });
      if (count < 0) return ErrnoStatus("write", path_);
      bytes.remove_prefix(static_cast<size_t>(count));
      offset += static_cast<uint64_t>(count);
    }
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size) override {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t present, Size());
    if (size == 0) return absl::OkStatus();
    const int result =
        RetryInterrupted([&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(size)); });
    if (result == 0) return absl::OkStatus();
    if (errno != EOPNOTSUPP) return ErrnoStatus("allocate", path_);
    return FillWithZeros(present, size);
  }

  absl::Status Truncate(uint64_t size) override {
    if (RetryInterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) < 0) {
      return ErrnoStatus("truncate", path_);
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    if (::fdatasync(fd_.get()) < 0) return ErrnoStatus("sync", path_);
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    struct stat info = {};
    if (::fstat(fd_.get(), &info) < 0) return ErrnoStatus("stat", path_);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  absl::Status FillWithZeros(uint64_t from, uint64_t to) {
    const Bytes zeros(static_cast<size_t>(std::min<uint64_t>(kZeroFillBytes, to)), '\0');
    while (from < to) {
      const std::string_view piece(
          zeros.data(), static_cast<size_t>(std::min<uint64_t>(to - from, zeros.size())));
      QUORATE_RETURN_IF_ERROR(Write(from, piece));
      from += piece.size();
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const FileDescriptor fd_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

absl::StatusOr<std::unique_ptr<PosixFileSystem>> PosixFileSystem::Open(const std::string& path) {
  FileDescriptor directory(
      RetryInterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!directory.valid()) return ErrnoStatus("open directory", path);
  return std::unique_ptr<PosixFileSystem>(new PosixFileSystem(path, std::move(directory)));
}

absl::StatusOr<std::unique_ptr<env::File>> PosixFileSystem::Open(const std::string& name,
                                                                 bool create) {
  QUORATE_RETURN_IF_ERROR(CheckName(name));
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
  FileDescriptor fd(
      RetryInterrupted([&] { return ::openat(directory_.get(), name.c_str(), flags, kFileMode); }));
  if (!fd.valid()) return ErrnoStatus("open", PathOf(name));
  return std::unique_ptr<env::File>(std::make_unique<PosixFile>(PathOf(name), std::move(fd)));
}

absl::Status PosixFileSystem::Remove(const std::string& name) {
  QUORATE_RETURN_IF_ERROR(CheckName(name));
  if (::unlinkat(directory_.get(), name.c_str(), 0) < 0) return ErrnoStatus("remove", PathOf(name));
  return absl::OkStatus();
}

absl::Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  QUORATE_RETURN_IF_ERROR(CheckName(from));
  QUORATE_RETURN_IF_ERROR(CheckName(to));
  if (::renameat(directory_.get(), from.c_str(), directory_.get(), to.c_str()) < 0) {
    return ErrnoStatus("rename", PathOf(from));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PosixFileSystem::Exists(const std::string& name) {
  QUORATE_RETURN_IF_ERROR(CheckName(name));
  if (::faccessat(directory_.get(), name.c_str(), F_OK, 0) == 0) return true;
  if (errno == ENOENT) return false;
  return ErrnoStatus("look for", PathOf(name));
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List() {
  // A descriptor of its own: the position in the directory belongs to the open description.
  FileDescriptor fd(RetryInterrupted(
      [&] { return ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd.valid()) return ErrnoStatus("open directory", path_);
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(fd.get()));
  if (stream == nullptr) return ErrnoStatus("list", path_);
  fd.Release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    struct stat info = {};
    if (::fstatat(directory_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno == ENOENT) continue;  // removed meanwhile
      return ErrnoStatus("stat", PathOf(name));
    }
    if (S_ISREG(info.st_mode)) names.push_back(name);
  }
  if (errno != 0) return ErrnoStatus("list", path_);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixFileSystem::SyncDirectory() {
  if (::fsync(directory_.get()) < 0) return ErrnoStatus("sync directory", path_);
  return absl::OkStatus();
}

}  // namespace quorate::io
