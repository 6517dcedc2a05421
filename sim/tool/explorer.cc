// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/explorer.h"

#include <sys/prctl.h>

#include <charconv>
#include <csignal>
#include <optional>
#include <utility>

#include "engine/base/random.h"
#include "sim/tool/children.h"
#include "sim/tool/epoch_list.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kSaltPurpose = 0x6578706c6f7265;
constexpr uint64_t kMarkPurpose = 0x6d61726b;
constexpr unsigned kSaltShift = 32;  // salts that are typed are short

}  // namespace

Explorer::Explorer(WorldConfig config, StateMap& map, const Plan& plan)
    : config_(std::move(config)),
      map_(map),
      plan_(plan),
      epochs_at_first_(config_.epochs.size()),
      oracles_(OptionsFor(config_)) {}

absl::StatusOr<Explorer::Findings> Explorer::Run() {
  QUORATE_ASSIGN_OR_RETURN(world_, World::Create(config_, {&watch_, &oracles_}));
  world_->Begin();
  Go();
  // Two worlds in one process would share what SQLite keeps for all.
  world_.reset();
  for (const std::vector<DrawEpoch>& epochs : std::exchange(later_, {})) {
    if (!Goes()) break;
    WorldConfig config = config_;
    config.epochs = epochs;
    Plan plan = plan_;
    plan.children = 0;
    Explorer again(std::move(config), map_, plan);
    QUORATE_ASSIGN_OR_RETURN(const Findings findings, again.Run());
    Take(findings);
  }
  return findings_;
}

bool Explorer::Goes() const { return !map_.stopped() && SteadySeconds() < plan_.until; }

void Explorer::Go() {
  while (world_->Step()) {
    if (!watch_.due()) continue;
    if (!Goes()) return CountEvents();
    if (IsNew()) Fork();
  }
  End();
}

void Explorer::CountEvents() {
  map_.Rise(StateMap::Count::kEvents, watch_.events() - std::exchange(counted_, watch_.events()));
}

void Explorer::End() {
  const RunResult result = world_->End();
  CountEvents();
  map_.Rise(StateMap::Count::kRuns);
  if (!result.failure && !oracles_.failure()) return;
  findings_.failing.push_back(config_.epochs);
  map_.Stop();
}

// The map hears of every state, whatever comes of it. What happens while all is read once more at
// the end leaves nothing to be continued.
bool Explorer::IsNew() {
  CountEvents();
  const AbstractState state = watch_.Look();
  if (world_->phase() > Phase::kHealed) return false;
  bool is_new = map_.Add(state.Hash());
  for (const Mark mark : watch_.first_marks()) {
    const uint64_t met = KeyedHash(kMarkPurpose, static_cast<uint64_t>(mark),
                                   state[StatePart::kDown], state[StatePart::kCuts]);
    is_new = map_.Add(met) || is_new;
  }
  const uint64_t quiet = map_.Looked(is_new);
  return is_new && quiet >= plan_.quiet_looks && plan_.children > 0 && forks_ < kForksPerRun &&
         config_.epochs.size() - epochs_at_first_ < kForkDepthMax &&
         findings_.continuations < kContinuationsPerSeed &&
         watch_.events() - forked_at_ >= kForkGapEvents;
}

void Explorer::Fork() {
  ++forks_;
  forked_at_ = watch_.events();
  map_.Rise(StateMap::Count::kForked);
  for (uint32_t i = 0; i < plan_.children && Goes(); ++i) {
    if (findings_.continuations == kContinuationsPerSeed) return;
    const uint64_t before = config_.epochs.empty() ? 0 : config_.epochs.back().salt;
    const DrawEpoch epoch{
        world_->now() + Duration(1),
        KeyedHash(config_.seed, kSaltPurpose, before, watch_.events(), i) >> kSaltShift,
        EpochScope::kAll};
    Failing continuation = config_.epochs;
    continuation.push_back(epoch);
    ++findings_.continuations;
    map_.Rise(StateMap::Count::kContinuations);
    Children children(1);
    const auto work = [&] { return Continue(epoch); };
    if (!plan_.forks || !children.Start(i, work, /*quiet=*/true).ok()) {
      later_.push_back(std::move(continuation));
      continue;
    }
    const absl::StatusOr<std::optional<Children::Ended>> ended = children.Wait(kForEver);
    if (!ended.ok()) return;
    const std::optional<Children::Ended>& child = *ended;
    if (!child) return;
    const absl::StatusOr<Findings> findings = Decode(child->answer);
    if (child->finished && findings.ok()) {
      Take(*findings);
    } else {
      findings_.failing.push_back(std::move(continuation));
      map_.Stop();
    }
  }
}

Bytes Explorer::Continue(const DrawEpoch& epoch) {
  // Nobody would wait for it any more.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  world_->DrawAnew(epoch);
  config_.epochs.push_back(epoch);
  forks_ = 0;
  const uint64_t begun = findings_.continuations;
  findings_.failing.clear();
  later_.clear();
  Go();
  findings_.continuations -= begun;
  return Encode(findings_);
}

void Explorer::Take(const Findings& findings) {
  findings_.continuations += findings.continuations;
  findings_.failing.insert(findings_.failing.end(), findings.failing.begin(),
                           findings.failing.end());
}

// A line with a number, and one for each that fails.
Bytes Explorer::Encode(const Findings& findings) {
  Bytes bytes = Format("%u\n", findings.continuations);
  for (const Failing& epochs : findings.failing) bytes += Describe(epochs) + "\n";
  return bytes;
}

absl::StatusOr<Explorer::Findings> Explorer::Decode(std::string_view bytes) {
  Findings findings;
  for (bool first = true; first || !bytes.empty(); first = false) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return OutOfRange("an answer that was cut off");
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (first) {
      const auto [last, error] =
          std::from_chars(line.data(), line.data() + line.size(), findings.continuations);
      if (error != std::errc() || last != line.data() + line.size()) {
        return InvalidArgument("an answer without a number");
      }
      continue;
    }
    findings.failing.emplace_back();
    if (line.empty()) continue;
    QUORATE_ASSIGN_OR_RETURN(findings.failing.back(), ParseEpochs(line));
  }
  return findings;
}

}  // namespace quorate::sim
