// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/pair_search.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "sim/tool/fault_pairs.h"
#include "sim/tool/first_of.h"

namespace quorate::sim {
namespace {

constexpr char kMore = '+';
constexpr char kAll = '.';
constexpr size_t kListedPrefix = 2;

}  // namespace

// The verdict, whether there is more, and a schedule.
Bytes EncodeListed(const Listed& listed, uint32_t nodes) {
  Schedule schedule{nodes, listed.seconds};
  for (size_t i = 0; i < schedule.faults.size(); ++i) schedule.faults[i].id = i + 1;
  std::stable_sort(schedule.faults.begin(), schedule.faults.end(),
                   [](const Fault& a, const Fault& b) { return a.from < b.from; });
  Bytes bytes{static_cast<char>(listed.holds ? Verdict::kHeld : Verdict::kFailed),
              listed.more ? kMore : kAll};
  return bytes + EncodeSchedule(schedule);
}

absl::StatusOr<Listed> DecodeListed(std::string_view bytes) {
  if (bytes.size() < kListedPrefix) return OutOfRange("no answer");
  QUORATE_ASSIGN_OR_RETURN(Schedule schedule, DecodeSchedule(bytes.substr(kListedPrefix)));
  std::sort(schedule.faults.begin(), schedule.faults.end(),
            [](const Fault& a, const Fault& b) { return a.id < b.id; });
  return Listed{Verdict{bytes[0]} == Verdict::kHeld, bytes[1] == kMore, std::move(schedule.faults)};
}

absl::Status PairSearch::Run(std::vector<Fault> firsts, size_t wanted) {
  for (Round pass{{}, 0, kPairsPerListing}; !firsts.empty(); pass.count *= 2) {
    std::vector<Fault> more;
    for (size_t next = 0; next < firsts.size();) {
      if (wanted == 0) return absl::OkStatus();
      // No more than those that are wanted need.
      const size_t most =
          std::min({kFirstsPerRound, firsts.size() - next, (wanted - 1) / pass.count + 1});
      const auto begin = firsts.begin() + static_cast<ptrdiff_t>(next);
      const Round round{{begin, begin + static_cast<ptrdiff_t>(most)}, pass.begin, pass.count};
      next += most;
      QUORATE_ASSIGN_OR_RETURN(std::vector<Pair> pairs, PairsOf(round, more));
      if (pairs.size() > wanted) {
        more.push_back(pairs.back().front());
        pairs.resize(wanted);
      }
      wanted -= pairs.size();
      if (found_.empty() && !stopped_) QUORATE_RETURN_IF_ERROR(Judge(pairs));
      if (!found_.empty() || stopped_) return absl::OkStatus();
    }
    firsts = std::move(more);
    pass.begin += pass.count;
  }
  every_ = true;
  return absl::OkStatus();
}

Bytes PairSearch::List(const Fault& first, const Round& round) const {
  SingleFaults changed(recipe_.duration, &first);
  Listed listed;
  listed.holds = RunWithFaults(recipe_, {first}, &changed) != Verdict::kFailed;
  const std::vector<Fault> all = SecondFaults(first, changed, atlas_, recipe_.seed);
  const size_t begin = std::min(all.size(), round.begin);
  const size_t end = std::min(all.size(), begin + round.count);
  listed.more = end < all.size();
  listed.seconds.assign(all.begin() + static_cast<ptrdiff_t>(begin),
                        all.begin() + static_cast<ptrdiff_t>(end));
  return EncodeListed(listed, recipe_.nodes);
}

absl::StatusOr<std::vector<PairSearch::Pair>> PairSearch::PairsOf(const Round& round,
                                                                  std::vector<Fault>& more) {
  std::map<uint64_t, Listed> answers;
  const auto work = [&](size_t i) { return List(round.firsts[i], round); };
  const auto fails = [&](const Children::Ended& ended) {
    absl::StatusOr<Listed> listed = DecodeListed(ended.answer);
    if (!ended.finished || !listed.ok() || !listed->holds) return true;
    answers[ended.tag] = *std::move(listed);
    return false;
  };
  QUORATE_ASSIGN_OR_RETURN(const Search search, FirstOf(round.firsts.size(), verdicts_.jobs(),
                                                        verdicts_.seconds_left(), work, fails));
  if (search.found) found_ = {round.firsts[search.found->tag]};
  stopped_ = !search.found && answers.size() < round.firsts.size();
  listed_ += answers.size();
  std::vector<Pair> pairs;
  for (auto& [tag, listed] : answers) {
    const Fault& first = round.firsts[tag];
    if (listed.more) more.push_back(first);
    for (Fault& second : listed.seconds) {
      second.id = SecondIdOf(first, second, recipe_.seed);
      pairs.push_back({first, std::move(second)});
    }
  }
  return pairs;
}

absl::Status PairSearch::Judge(const std::vector<Pair>& pairs) {
  const size_t before = verdicts_.judged();
  QUORATE_ASSIGN_OR_RETURN(
      const std::optional<size_t> failed,
      verdicts_.Judge(
          pairs.size(), [&](size_t i) { return RunWithFaults(recipe_, pairs[i], nullptr); },
          [&](size_t i) { return KindsOf(pairs[i].front(), pairs[i].back()); }));
  if (failed) found_ = pairs[*failed];
  stopped_ = !failed && verdicts_.judged() - before < pairs.size();
  return absl::OkStatus();
}

}  // namespace quorate::sim
