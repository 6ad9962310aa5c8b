// The user's terminal and the container's, while `run` or `exec` is in the foreground.
#pragma once

#include <poll.h>
#include <termios.h>

#include "copying.h"

namespace pocker::host {

/// Gives that master's terminal the size of ours, whichever of descriptors 0 to 2 is a terminal.
void copy_window_size(int master);

/// Keeps our own terminal in raw mode during its lifetime: the container's terminal does the line editing. Output processing
/// stays on, since the container's terminal leaves it to ours (addon/init/terminal.cpp).
class RawTerminal {
public:
  explicit RawTerminal(bool wanted);
  ~RawTerminal();
  RawTerminal(const RawTerminal &) = delete;
  RawTerminal &operator=(const RawTerminal &) = delete;
  /// Again: a shell that had stopped us has set its own modes.
  void enter() const;

private:
  termios before_{};
  bool active_;
};

/// Copies standard input to the master, and the master to standard output.
class TerminalCopying {
public:
  static constexpr int polled = 3;

  /// Closes the master at the end; -1: there is nothing to copy.
  explicit TerminalCopying(int master);
  /// What to wait for now, and what to do when it is ready.
  void want(pollfd *wanted) const;
  void carry(const pollfd *wanted);
  void resize() const;
  /// The program has ended: stop reading input, and take a last look at its output.
  void end();
  /// Whether there is still something to write.
  [[nodiscard]] bool busy() const { return output_.wants_to_write(); }

private:
  void hang_up();

  sys::UniqueFd master_, slave_;
  Copying input_, output_;
};

} // namespace pocker::host
