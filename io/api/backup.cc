// SPDX-License-Identifier: Apache-2.0
#include "quorate/backup.h"

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include "adapters/storage/backup.h"
#include "engine/node/node_record.h"
#include "io/api/datastores.h"
#include "io/api/status_bridge.h"
#include "io/disk/posix_file_system.h"
#include "io/runtime/system_clocks.h"

namespace quorate {
namespace api {
namespace {

namespace fs = std::filesystem;

struct Place {
  std::unique_ptr<io::PosixFileSystem> folder;
  std::string name;
};

absl::StatusOr<Place> PlaceOf(const std::string& file) {
  const fs::path path(file);
  if (!path.has_filename()) return InvalidArgument("'" + file + "' names no file");
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  Place place;
  QUORATE_ASSIGN_OR_RETURN(place.folder, io::PosixFileSystem::Open(folder));
  place.name = path.filename().string();
  return place;
}

absl::StatusOr<OpenedBackend> OpenData(const std::string& directory) {
  JournalDatastoreOptions options;
  options.directory = directory;
  return OpenJournal(options);
}

// The draft becomes the backup only once it is whole and on the disk.
absl::Status BackupInto(env::StorageBackend& from, Place& place) {
  const std::string draft = place.name + ".new";
  {
    QUORATE_ASSIGN_OR_RETURN(const auto file, place.folder->Open(draft, true));
    QUORATE_RETURN_IF_ERROR(storage::Backup(from, *file));
    QUORATE_RETURN_IF_ERROR(file->Sync());
  }
  QUORATE_RETURN_IF_ERROR(place.folder->Rename(draft, place.name));
  return place.folder->SyncDirectory();
}

absl::Status BackupData(const std::string& directory, const std::string& file) {
  if (!fs::exists(fs::path(directory) / io::kVersionFile)) {
    return FailedPrecondition(directory + " is no data directory");
  }
  QUORATE_ASSIGN_OR_RETURN(Place place, PlaceOf(file));
  QUORATE_ASSIGN_OR_RETURN(const bool exists, place.folder->Exists(place.name));
  if (exists) return FailedPrecondition(file + " exists; a backup never replaces a file");
  QUORATE_ASSIGN_OR_RETURN(const OpenedBackend opened, OpenData(directory));
  QUORATE_RETURN_IF_ERROR(opened.backend->Recover());
  const absl::Status status = BackupInto(*opened.backend, place);
  const absl::Status closed = opened.backend->Close();
  return status.ok() ? closed : status;
}

absl::Status RestoreInto(env::StorageBackend& to, env::File& backup,
                         const std::vector<env::Row>& record) {
  const WallTime now = io::ReadClocks(Duration(0)).wall;
  QUORATE_RETURN_IF_ERROR(node::BeginRestored(to, record, now));
  QUORATE_RETURN_IF_ERROR(to.Recover());
  QUORATE_RETURN_IF_ERROR(storage::Restore(backup, to, node::IsEarlyRow));
  // The next restore is of another second, and so of another incarnation.
  std::this_thread::sleep_for(std::chrono::milliseconds(1000 - now.ms % 1000));
  return absl::OkStatus();
}

absl::Status RestoreData(const std::string& directory, const std::string& file) {
  QUORATE_ASSIGN_OR_RETURN(Place place, PlaceOf(file));
  QUORATE_ASSIGN_OR_RETURN(const auto backup, place.folder->Open(place.name, false));
  QUORATE_ASSIGN_OR_RETURN(const std::vector<env::Row> record,
                           storage::ReadRows(*backup, node::IsRecordRow));
  QUORATE_ASSIGN_OR_RETURN(const OpenedBackend opened, OpenData(directory));
  const absl::Status status = RestoreInto(*opened.backend, *backup, record);
  const absl::Status closed = opened.backend->Close();
  return status.ok() ? closed : status;
}

}  // namespace
}  // namespace api

Status Backup(const std::string& data_directory, const std::string& file) {
  return api::ToPublic(api::BackupData(data_directory, file));
}

Status Restore(const std::string& data_directory, const std::string& file) {
  return api::ToPublic(api::RestoreData(data_directory, file));
}

}  // namespace quorate
