// SPDX-License-Identifier: Apache-2.0
// One simulated epoll descriptor: who is watched for what, and the list of those that may be ready.
// As in Linux, what is in the list is asked again when it is reported, and an edge-triggered
// descriptor leaves the list then.
#pragma once

#include <sys/epoll.h>

#include <algorithm>
#include <map>
#include <vector>

namespace quorate::io {

class EpollSet {
 public:
  [[nodiscard]] bool watches(int fd) const { return watches_.contains(fd); }
  [[nodiscard]] const std::map<int, epoll_event>& all() const { return watches_; }
  [[nodiscard]] const std::vector<int>& ready() const { return ready_; }

  void Set(int fd, const epoll_event& event, uint32_t events_now) {
    watches_[fd] = event;
    if ((events_now & Interest(fd)) != 0) Note(fd);
  }
  bool Remove(int fd) {
    std::erase(ready_, fd);
    return watches_.erase(fd) > 0;
  }
  void Wake(int fd, uint32_t events) {
    if (watches(fd) && (events & Interest(fd)) != 0) Note(fd);
  }
  void Note(int fd) {
    if (std::find(ready_.begin(), ready_.end(), fd) == ready_.end()) ready_.push_back(fd);
  }
  [[nodiscard]] uint32_t Interest(int fd) const {
    return watches_.at(fd).events | uint32_t{EPOLLERR} | EPOLLHUP;
  }
  std::vector<int> TakeReady() {
    std::vector<int> taken;
    taken.swap(ready_);
    return taken;
  }

 private:
  std::map<int, epoll_event> watches_;
  std::vector<int> ready_;
};

}  // namespace quorate::io
