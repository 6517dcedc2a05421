// SPDX-License-Identifier: Apache-2.0
#include "io/disk/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "io/disk/limits.h"

namespace quorate::io {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::string_view kVersionTitle = "quorate data directory\nformat ";
constexpr const char* kVersionDraft = "VERSION.new";

absl::Status SyncPath(const std::string& path) {
  const FileDescriptor fd(
      RetryInterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd.valid() || ::fsync(fd.get()) < 0) return ErrnoStatus("sync directory", path);
  return absl::OkStatus();
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// mkdir -p, with each new entry synced in its parent.
absl::Status MakeDirectories(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    if (::mkdir(prefix.c_str(), kDirectoryMode) == 0) {
      QUORATE_RETURN_IF_ERROR(SyncPath(ParentOf(prefix)));
    } else if (errno != EEXIST) {
      return ErrnoStatus("make directory", prefix);
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

absl::StatusOr<Bytes> ReadSmall(PosixFileSystem& files, const std::string& name) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file, files.Open(name, false));
  Bytes text;
  QUORATE_RETURN_IF_ERROR(file->Read(0, kSmallFileBytesMax, text));
  return text;
}

absl::Status LockedElsewhere(PosixFileSystem& files) {
  Bytes owner;
  if (const auto text = ReadSmall(files, kLockFile); text.ok()) {
    owner = text->substr(0, text->find('\n'));
  }
  return FailedPrecondition(Format(
      "data directory %s is in use by process %s: stop that process or name another directory",
      files.path(), owner.empty() ? "(unknown)" : owner));
}

absl::StatusOr<FileDescriptor> TakeLock(PosixFileSystem& files) {
  FileDescriptor fd(RetryInterrupted([&] {
    return ::openat(files.directory(), kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  }));
  if (!fd.valid()) return ErrnoStatus("open", files.path() + "/" + kLockFile);
  if (RetryInterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) < 0) {
    if (errno == EWOULDBLOCK) return LockedElsewhere(files);
    return ErrnoStatus("lock", files.path() + "/" + kLockFile);
  }
  // Only read by people: a full disk must not keep a node from starting and serving reads.
  const std::string owner = Format("%d\n", ::getpid());
  if (::ftruncate(fd.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(fd.get(), owner.data(), owner.size(), 0);
  }
  return fd;
}

std::optional<uint32_t> ParseVersion(std::string_view text) {
  if (!text.starts_with(kVersionTitle)) return std::nullopt;
  text.remove_prefix(kVersionTitle.size());
  uint32_t format = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format);
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (error != std::errc() || rest != "\n") return std::nullopt;
  return format;
}

absl::StatusOr<uint32_t> CheckVersion(PosixFileSystem& files) {
  QUORATE_ASSIGN_OR_RETURN(const Bytes text, ReadSmall(files, kVersionFile));
  const std::optional<uint32_t> format = ParseVersion(text);
  if (!format) {
    return FailedPrecondition(
        Format("%s/%s is damaged or not of quorate: restore the directory from a backup, or name "
               "another directory",
               files.path(), kVersionFile));
  }
  if (*format >= kDataFormatOldest && *format <= kDataFormat) return *format;
  const bool newer = *format > kDataFormat;
  return FailedPrecondition(Format(
      "data directory %s has format %d, this release reads %d to %d: start the %s release that "
      "wrote it, or write a backup with that one and restore it here",
      files.path(), *format, kDataFormatOldest, kDataFormat, newer ? "newer" : "older"));
}

// A directory without VERSION is either new, or was left by a crash while it was made (then it
// holds nothing but what this file makes), or belongs to somebody else.
absl::Status CheckFresh(PosixFileSystem& files) {
  QUORATE_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List());
  for (const std::string& name : names) {
    if (name == kLockFile || name == kVersionDraft) continue;
    return FailedPrecondition(Format(
        "directory %s holds other files (%s) and is no data directory of quorate: name an empty "
        "or a new directory",
        files.path(), name));
  }
  return absl::OkStatus();
}

absl::Status WriteVersion(PosixFileSystem& files) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file, files.Open(kVersionDraft, true));
  QUORATE_RETURN_IF_ERROR(file->Truncate(0));
  QUORATE_RETURN_IF_ERROR(file->Write(0, Format("%s%d\n", kVersionTitle, kDataFormat)));
  QUORATE_RETURN_IF_ERROR(file->Sync());
  QUORATE_RETURN_IF_ERROR(files.Rename(kVersionDraft, kVersionFile));
  return files.SyncDirectory();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& path) {
  if (path.empty()) return InvalidArgument("data directory: the path is empty");
  QUORATE_RETURN_IF_ERROR(MakeDirectories(path));
  QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<PosixFileSystem> files, PosixFileSystem::Open(path));
  QUORATE_ASSIGN_OR_RETURN(const bool present, files->Exists(kVersionFile));
  if (!present) QUORATE_RETURN_IF_ERROR(CheckFresh(*files));
  QUORATE_ASSIGN_OR_RETURN(FileDescriptor lock, TakeLock(*files));
  // Asked again under the lock: another process may have made the directory meanwhile.
  QUORATE_ASSIGN_OR_RETURN(const bool made, files->Exists(kVersionFile));
  uint32_t format = kDataFormat;
  if (made) {
    QUORATE_ASSIGN_OR_RETURN(format, CheckVersion(*files));
  } else {
    QUORATE_RETURN_IF_ERROR(WriteVersion(*files));
  }
  return std::unique_ptr<DataDirectory>(
      new DataDirectory(std::move(files), std::move(lock), format, !made));
}

absl::Status DataDirectory::Upgraded() {
  QUORATE_RETURN_IF_ERROR(WriteVersion(*files_));
  format_ = kDataFormat;
  return absl::OkStatus();
}

}  // namespace quorate::io
