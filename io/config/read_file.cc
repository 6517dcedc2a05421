// SPDX-License-Identifier: Apache-2.0
#include "io/config/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/config/limits.h"
#include "io/config/words.h"
#include "io/disk/file_descriptor.h"

namespace quorate::io {
namespace {

absl::StatusOr<FileDescriptor> OpenForReading(const std::string& path) {
  FileDescriptor fd(RetryInterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (!fd.valid())
    return FailedPrecondition("cannot read " + Quoted(path) + ": no such file, or no permission");
  return fd;
}

absl::StatusOr<std::string> ReadAll(const FileDescriptor& fd, const std::string& path) {
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t size = RetryInterrupted([&] { return ::read(fd.get(), buffer, sizeof buffer); });
    if (size < 0) return FailedPrecondition("cannot read " + Quoted(path));
    if (size == 0) return text;
    text.append(buffer, static_cast<size_t>(size));
    if (text.size() > kConfigBytesMax) {
      return ResourceExhausted(Format("%s has more than %d bytes", Quoted(path), kConfigBytesMax));
    }
  }
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  QUORATE_ASSIGN_OR_RETURN(const FileDescriptor fd, OpenForReading(path));
  return ReadAll(fd, path);
}

absl::StatusOr<std::string> ReadPasswordFile(const std::string& path) {
  QUORATE_ASSIGN_OR_RETURN(const FileDescriptor fd, OpenForReading(path));
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return FailedPrecondition("cannot read " + Quoted(path));
  if ((status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return FailedPrecondition("password file " + Quoted(path) +
                              " is open to other users of this machine: chmod 600 it");
  }
  QUORATE_ASSIGN_OR_RETURN(std::string text, ReadAll(fd, path));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return FailedPrecondition("password file " + Quoted(path) + " is empty");
  if (text.size() > kPasswordBytesMax) {
    return FailedPrecondition(Format("the first line of password file %s has more than %d bytes",
                                     Quoted(path), kPasswordBytesMax));
  }
  return text;
}

}  // namespace quorate::io
