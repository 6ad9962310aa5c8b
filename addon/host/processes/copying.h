// Copying between descriptors that may be slow: one side is read only after the other has accepted the previous data, and nothing
// waits except the caller's poll(2).
#pragma once

#include <array>
#include <cstddef>
#include <sys/types.h>

#include "../../sys/fd.h"
#include "detach_keys.h"

namespace pocker::host {

/// One end. Reading and writing do not block, but the flags of the caller's descriptor, which it shares with its shell, are not
/// changed.
class End {
public:
  End() = default;
  /// `flags`: O_RDONLY or O_WRONLY.
  End(int fd, int flags);

  [[nodiscard]] int fd() const { return fd_; }
  /// Like read(2) and write(2).
  ssize_t read(char *to, std::size_t size) const;
  ssize_t write(const char *from, std::size_t size) const;

private:
  int fd_ = -1;
  /// The same file, opened again for ourselves.
  sys::UniqueFd own_;
  bool socket_ = false;
  /// How much may be written at once after poll(2) has reported room.
  std::size_t at_once_ = static_cast<std::size_t>(-1);
};

/// From one end to the other.
class Copying {
public:
  Copying() = default;
  Copying(End from, End to) : from_(std::move(from)), to_(std::move(to)), open_(from_.fd() >= 0), heard_(to_.fd() >= 0) {}

  [[nodiscard]] bool wants_to_read() const { return open_ && heard_ && begin_ == end_; }
  [[nodiscard]] bool wants_to_write() const { return heard_ && begin_ != end_; }
  [[nodiscard]] const End &from() const { return from_; }
  [[nodiscard]] const End &to() const { return to_; }
  /// Whether the other end still accepts data.
  [[nodiscard]] bool heard() const { return heard_; }
  /// To be called when poll(2) says so.
  void read();
  void write();
  /// Takes the keys out of what was just read. True: they are complete.
  bool look_for(DetachKeys &keys);
  /// Nothing more is copied, not even what has already been read.
  void stop() {
    open_ = false;
    begin_ = end_;
  }
  /// From now on, at most this much is read.
  void limit(std::size_t size) { left_ = size; }

private:
  /// Room for what only looked like the beginning of keys.
  static constexpr std::size_t held_back = 64;

  End from_, to_;
  std::array<char, 16384> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::size_t left_ = static_cast<std::size_t>(-1);
  bool open_ = false, heard_ = false;
};

} // namespace pocker::host
