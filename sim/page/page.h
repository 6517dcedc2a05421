// SPDX-License-Identifier: Apache-2.0
// The page that shows a run: one HTML file with its data, style and script in it, and nothing from
// anywhere else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/fault/schedule.h"
#include "sim/page/content.h"

namespace quorate::sim {

// What is said of the run as a whole.
struct PageRun {
  std::string title;
  std::string bug;  // empty: none is planted
  uint32_t nodes = 0;
  uint64_t events = 0;
  uint64_t operations = 0;
  uint64_t hash = 0;
  std::vector<std::string> places;  // of the nodes, by index
  Schedule schedule;                // that was executed
  // What to type to learn more of an event, whose number, or that of its tick, takes the place of
  // EVENT.
  std::string why;
  std::string gdb;
};

// Which nodes and clients have a lane, rising: those that are asked for, or that have most to do
// with the failure.
struct PageLanes {
  std::vector<uint32_t> nodes;
  std::vector<uint32_t> clients;
};
[[nodiscard]] PageLanes ChooseLanes(const PageContent& content, uint32_t nodes,
                                    const std::vector<uint32_t>& wanted);

// Whether it is on a page with these lanes.
[[nodiscard]] bool IsShown(const PageEvent& event, const PageLanes& lanes);
[[nodiscard]] bool IsShown(const PageOperation& operation, const PageLanes& lanes);
[[nodiscard]] bool HasLane(const std::vector<uint32_t>& lanes, uint32_t lane);

// What the schedule says of it; empty where it is of none.
[[nodiscard]] std::string TextOf(const PageFault& fault, const PageRun& run);

// A line for each part of the run that is not on the page.
[[nodiscard]] std::vector<std::string> LeftOut(const PageContent& content, const PageRun& run,
                                               const PageLanes& lanes);

[[nodiscard]] std::string MakePage(const PageContent& content, const PageRun& run,
                                   const PageLanes& lanes);

}  // namespace quorate::sim
