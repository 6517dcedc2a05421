// SPDX-License-Identifier: Apache-2.0
#include "quorate/seeds.h"

#include "engine/topology/seed_line.h"
#include "io/api/status_bridge.h"
#include "io/config/read_file.h"

namespace quorate {
namespace {

class StaticSeeds final : public SeedsProvider {
 public:
  explicit StaticSeeds(std::vector<Seat> seats) : seats_(std::move(seats)) {}
  void Fetch(std::function<void(Result<std::vector<Seat>>)> done) override { done(seats_); }

 private:
  const std::vector<Seat> seats_;
};

class FileSeeds final : public SeedsProvider {
 public:
  FileSeeds(std::string path, int token_bits) : path_(std::move(path)), token_bits_(token_bits) {}

  void Fetch(std::function<void(Result<std::vector<Seat>>)> done) override {
    absl::StatusOr<std::vector<Seat>> seats = Read();
    if (seats.ok()) {
      done(*std::move(seats));
    } else {
      done(api::ToPublic(seats.status()));
    }
  }

 private:
  absl::StatusOr<std::vector<Seat>> Read() const {
    QUORATE_ASSIGN_OR_RETURN(const std::string text, io::ReadSmallFile(path_));
    auto specs = topology::ParseSeeds(text, token_bits_);
    if (!specs.ok()) return InvalidArgument(path_ + ": " + MessageOf(specs.status()));
    std::vector<Seat> seats;
    for (const topology::SeatSpec& spec : *specs) {
      Seat seat;
      seat.name = seat.address = spec.address;
      seat.rack = spec.rack;
      seat.datacenter = spec.data_centre;
      for (const Token token : spec.tokens) {
        if (!seat.tokens.empty()) seat.tokens += ',';
        seat.tokens += topology::TokenText(token, token_bits_);
      }
      seats.push_back(std::move(seat));
    }
    return seats;
  }

  const std::string path_;
  const int token_bits_;
};

}  // namespace

std::unique_ptr<SeedsProvider> MakeStaticSeeds(std::vector<Seat> seats) {
  return std::make_unique<StaticSeeds>(std::move(seats));
}

std::unique_ptr<SeedsProvider> MakeFileSeeds(std::string path, int token_bits) {
  return std::make_unique<FileSeeds>(std::move(path), token_bits);
}

}  // namespace quorate
