// The user's terminal and the container's while `run` or `exec` is in the foreground.
#pragma once

#include <poll.h>
#include <termios.h>

#include "copying.h"

namespace pocker::host {

/// Gives the terminal of that master the size of ours, whichever of descriptors 0 to 2 is one.
void copy_window_size(int master);

/// Our own terminal in raw mode, as long as it lives: the container's does the line editing. Its output stays as it is, since the
/// container's terminal leaves that to it (addon/init/terminal.cpp).
class RawTerminal {
public:
  explicit RawTerminal(bool wanted);
  ~RawTerminal();
  RawTerminal(const RawTerminal &) = delete;
  RawTerminal &operator=(const RawTerminal &) = delete;
  /// Once more: a shell that had stopped us has set its own modes.
  void enter() const;

private:
  termios before_{};
  bool active_;
};

/// Standard input to the master, the master to standard output.
class TerminalCopying {
public:
  static constexpr int polled = 3;

  /// Closes the master in the end; -1: there is nothing to copy.
  explicit TerminalCopying(int master);
  /// What is to be waited for now, and what is done when something has come of it.
  void want(pollfd *wanted) const;
  void carry(const pollfd *wanted);
  void resize() const;
  /// The program has ended: no more input, and a last look at what it wrote.
  void end();
  /// Whether something is still to be written.
  [[nodiscard]] bool busy() const { return output_.wants_to_write(); }

private:
  void hang_up();

  sys::UniqueFd master_, slave_;
  Copying input_, output_;
};

} // namespace pocker::host
